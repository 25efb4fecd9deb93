/** An idle node: a cause whose script has ended is checked again as long as it is shown, and is reported only once. */
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Machine, machine, OVERLAY, plugIn } from '../machine.ts';
import { nodeScripts } from '../scripts.ts';

const SECOND = '52:54:00:12:34:0a';
const TWO_CARDS = { env: { NODE_MACS: `52:54:00:12:34:01 ${SECOND}` } };
const ANSWERS = `[[ $* != *tracking* ]] || echo 'C0A83201,192.168.50.1,3'`;

const watch = async (made: Machine): Promise<string> => {
  const { status, output } = await made.run('cluster-watch.sh');
  expect(status).toBe(0);
  return output;
};
const last = async (made: Machine, step: string): Promise<string | undefined> =>
  (await made.steps()).findLast((each) => each.startsWith(`${step} `));

describe('an idle node', () => {
  it('says when a time server has answered, and that chrony has stopped', async () => {
    const made = await machine({ commands: { chronyc: 'exit 1' } });
    await made.bash('check_time');
    await made.command('agetty', `echo "$@" >>${made.path('reloads')}`);
    await made.write('reloads', '');
    expect(await watch(made)).toBe('');
    expect(await made.read('reloads')).toBe('');
    expect(await last(made, 'time')).toBe('time skipped time-not-synchronised');
    await made.command('systemctl', 'exit 3');
    await watch(made);
    expect(await last(made, 'time')).toBe('time skipped time-service-missing');
    expect(await made.read('reloads')).toBe('--reload\n');
    await made.command('systemctl', 'exit 0');
    await made.command('chronyc', ANSWERS);
    await watch(made);
    expect(await last(made, 'time')).toBe('time done');
    expect(JSON.parse(await made.read('run/cluster/status.json'))).toMatchObject({ health: 'ok' });
  });

  it('says when a card has appeared, and which is missing now', async () => {
    const made = await machine(TWO_CARDS);
    await made.run('cluster-detect.sh');
    expect(await watch(made)).toBe('');
    expect(await last(made, 'detect')).toBe('detect done nic-missing');
    await plugIn(made, 'eth1', { mac: SECOND });
    await made.command('ethtool', 'exit 1');
    await watch(made);
    expect(await last(made, 'detect')).toBe('detect done');
  });

  it('says when /var takes something again', async () => {
    const made = await machine();
    await made.bash('persist_ledger');
    const failing = await made.bash('disk_trouble() { echo disk-full; }; watch_var');
    expect(failing.status).toBe(1);
    expect(await last(made, 'var')).toBe('var failed disk-full');
    await watch(made);
    expect(await last(made, 'var')).toBe('var done');
  });

  it('begins again what ended for want of room and is tried by nobody else', async () => {
    const made = await machine();
    await made.command('systemctl', `echo "$@" >>${made.path('called')}`);
    await made.write('called', '');
    await made.bash('persist_ledger; ledger var failed disk-full m t; ledger ssh-keys failed disk-full m t');
    await made.bash('ledger state failed disk-full m t; ledger bootstrap failed api-unreachable m t');
    await watch(made);
    expect(await made.read('called')).toBe(
      'start --no-block cluster-state.service cluster-bootstrap.service cluster-ceph.service\n' +
        'start --no-block cluster-ssh-keys.service ssh.service\n',
    );
    expect((await made.run('cluster-ssh-keys.sh')).status).toBe(0);
    expect(await last(made, 'ssh-keys')).toBe('ssh-keys done');
  });

  it('begins the state again that ended without a reason: nothing of the cluster starts without it', async () => {
    const made = await machine();
    await made.command('systemctl', `echo "$@" >>${made.path('called')}`);
    await made.bash('persist_ledger; ledger state failed unexpected-end m t');
    await watch(made);
    expect(await made.read('called')).toContain('start --no-block cluster-state.service cluster-bootstrap.service');
  });

  it('leaves a state alone that failed for another reason', async () => {
    const made = await machine();
    await made.command('systemctl', `echo "$@" >>${made.path('called')}`);
    await made.write('called', '');
    await made.bash('persist_ledger; ledger var failed disk-full m t; ledger state failed role-changed m t');
    await watch(made);
    expect(await made.read('called')).toBe('');
  });

  it('warns of a data disk that is nearly full, once, until there is room again', async () => {
    const made = await machine({
      files: { 'etc/cluster-config/data-mounts.tsv': 'fast\tl1\text4\t/srv/a\nfast\tl2\txfs\t/srv/b\n' },
    });
    const df = (a: string, b: string, at = '"${*: -1}"'): Promise<void> =>
      made.command(
        'df',
        `case $* in *a) used='${a}' ;; *) used='${b}' ;; esac; printf 'Use%% IUse%% Mounted on\\n%s %s\\n' "$used" ${at}`,
      );
    await df('95% 1%', '10% -');
    await made.bash(`ledger data failed foreign-disk m t`);
    await watch(made);
    expect(await last(made, 'data')).toBe('data failed foreign-disk');
    await made.bash(`ledger data 'done' '' 'the data disks are ready: fast'`);
    await df('95% 1%', '10% -', '/');
    await watch(made);
    expect(await last(made, 'data')).toBe('data done');
    await df('95% 1%', '10% 90%');
    await watch(made);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'data-nearly-full',
      message: 'nearly full: /srv/a, /srv/b',
    });
    const report = JSON.parse((await made.run('cluster-report.sh')).output) as { warnings: unknown };
    expect(report.warnings).toEqual([
      { step: 'data', cause: 'data-nearly-full', message: 'nearly full: /srv/a, /srv/b' },
    ]);
    await df('88% 1%', '10% 5%');
    await watch(made);
    const { length } = await made.steps();
    await df('89% 1%', '10% 5%');
    await watch(made);
    expect((await made.steps()).length).toBe(length);
    expect(await last(made, 'data')).toBe('data done data-nearly-full');
    await df('87% 1%', '10% 5%');
    await watch(made);
    expect(await last(made, 'data')).toBe('data done');
  });

  it('says nothing where nothing is wrong, and before anything has run', async () => {
    const made = await machine();
    expect(await watch(made)).toBe('');
    await made.bash(`ledger state 'done' no-state-disk m t; ledger var failed other-cause m t`);
    expect(await watch(made)).toBe('');
  });
});

/**
 * By the script that writes them without trying again: causes that this script cannot end itself. Each is looked at by
 * cluster-watch.sh or by a timer of its own, or is true until the next boot.
 */
it('looks at each cause of a step that is passed over or done', async () => {
  const texts = await nodeScripts();
  const written = texts.flatMap((text) => [...text.matchAll(/ledger [a-z]+ (?:'done'|skipped) ([a-z]+-[a-z-]+)/g)].map(([, cause]) => cause)); // prettier-ignore
  const watched = await readFile(join(OVERLAY, 'usr/local/bin/cluster-watch.sh'), 'utf8');
  const ofInstalling = ['install-already', 'install-no-medium', 'install-old-layout', 'state-disk-missing'];
  const untilBoot = [
    'certificate-of-predecessor',
    'formation-not-available',
    ...ofInstalling,
    'no-state-disk',
    'reset-refused',
  ];
  // cluster-watch.sh looks each time.
  const always = ['data-nearly-full'];
  // cluster-etcd-snapshot.timer tries again.
  const byTimer = ['etcd-snapshot-failed', 'etcd-snapshot-no-room', 'etcd-snapshot-not-stored'];
  const lasting = written.filter((cause = '') => !new RegExp(`^ +.*\\b${cause}\\b.*\\)`, 'm').test(watched));
  expect([...new Set(lasting)].toSorted()).toEqual([...always, ...byTimer, ...untilBoot].toSorted());
});

it('is looked at by a timer of all nodes', async () => {
  const units = join(OVERLAY, 'etc/systemd/system');
  expect(await readlink(join(units, 'timers.target.wants/cluster-watch.timer'))).toBe('../cluster-watch.timer');
  expect(await readFile(join(units, 'cluster-watch.service'), 'utf8')).toMatch(/^ExecStart=\S+cluster-watch\.sh$/m);
  expect(await readFile(join(units, 'cluster-images.service'), 'utf8')).toMatch(/^Restart=on-failure$/m);
});

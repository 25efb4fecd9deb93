/** `coldstart status` with a real sshd for each node. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf, sshHost } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import { secret } from '../../src/pki/secret.ts';
import { openStore } from '../../src/pki/store/store.ts';
import { makeWorld } from '../cli/world.ts';
import { hasSshd, makeFleet, otherKey } from './sshd.ts';

const report = (node: string, health: object = { healthy: true, checks: [] }) =>
  JSON.stringify({
    ...{ node, cluster: 'lab', boot: 'b1' },
    update: {
      ...{ image: 'f'.repeat(64), slot: 'A', release: 3, kubernetes: '1.35.4', state: 'good', pending: null },
      reason: null,
    },
    ...{ health, certificate: { file: '/etc/x.crt', ends: '2031-11-01T10:00:00Z' } },
  });
const ANSWER = 'case $2 in *cluster-report.sh) cat report-$1 ;; *) exit 127 ;; esac';

/** A definition that lets this user in, its store, and both nodes served; `script` by node. */
async function world(scripts: Readonly<Record<string, string>>) {
  const made = await makeWorld();
  const fleet = await makeFleet(made.folder);
  await made.edit(
    '    - name: admin\n',
    `    - name: admin\n      sudo: true\n      ssh_keys: ['${fleet.publicKey}']\n`,
  );
  const { value: cluster } = await loadCluster(join(made.folder, 'lab'));
  await made.run('secrets', 'issue', 'lab');
  const opened = await openStore(join(made.folder, 'lab/cluster.secrets.yaml'), () => Promise.resolve([]));
  const store = opened!.store;
  for (const [node, script] of Object.entries(scripts)) await fleet.serve(node, script, store);
  return { ...made, fleet, store, cluster: cluster! };
}

const status = (made: Awaited<ReturnType<typeof world>>, ...more: string[]) =>
  made.run('status', 'lab', '--ssh-key', made.fleet.key, ...more);

/** As a master says it. */
const TURN = {
  fetching: { node: 'master-01', release: 4, since: '2026-11-01T22:10:00Z', until: '2026-11-01T23:40:00Z' },
  failed: { node: 'worker-01', release: 3, reason: 'it did not come back', time: '2026-11-01T21:00:00Z' },
};

describe.skipIf(!hasSshd)('status', { timeout: 120_000 }, () => {
  test('healthy nodes, as a table and as JSON', async () => {
    const made = await world({ 'master-01': ANSWER, 'worker-01': ANSWER });
    const { writeFile } = await import('node:fs/promises');
    for (const node of ['master-01', 'worker-01']) await writeFile(join(made.folder, `report-${node}`), report(node));
    expect(await status(made)).toEqual({
      exitCode: 0,
      stderr: expect.any(String) as string,
      stdout: `NODE       HEALTH   STATE  SLOT  RELEASE  IMAGE         KUBERNETES  CERTIFICATES
master-01  healthy  good   A     3        ffffffffffff  1.35.4      until 2031-11-01
worker-01  healthy  good   A     3        ffffffffffff  1.35.4      until 2031-11-01

2 of 2 nodes of cluster lab healthy.
`,
    });
    const { stdout } = await status(made, '--json', '--node', 'worker-01');
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'status',
      node: 'worker-01',
      healthy: true,
      slot: 'A',
      problem: null,
    });
  });

  test('a warning has a line, and changes nothing else', async () => {
    const warnings = [{ step: 'data', cause: 'data-nearly-full', message: 'nearly full: /srv/a' }];
    const said = JSON.stringify({ ...(JSON.parse(report('worker-01')) as object), warnings });
    const made = await world({ 'worker-01': `echo '${said}'` });
    const { exitCode, stdout } = await status(made, '--node', 'worker-01');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\n\nworker-01: warning: data: nearly full: /srv/a (data-nearly-full)\n\n1 of 1 node of');
  });

  test('who fetches an update, and where one has failed', async () => {
    const said = JSON.stringify({ ...(JSON.parse(report('master-01')) as object), turn: TURN });
    const made = await world({ 'master-01': `echo '${said}'`, 'worker-01': `echo '${report('worker-01')}'` });
    const { exitCode, stdout } = await status(made);
    expect(exitCode).toBe(8);
    expect(stdout).toContain('master-01: it fetches release 4 since 2026-11-01T22:10:00Z; its turn ends at');
    expect(stdout).toContain(
      'worker-01: release 3 has failed, so other nodes do not fetch updates: it did not come back',
    );
  });

  test('what is wrong has a line and the exit code 8', async () => {
    const sick = { healthy: false, checks: [{ name: 'etcd', healthy: false, reason: 'no leader' }] };
    const made = await world({ 'master-01': `echo '${report('master-01', sick)}'` });
    const { exitCode, stdout } = await status(made);
    expect(exitCode).toBe(8);
    expect(stdout).toContain('\nmaster-01: etcd: no leader\n');
    expect(stdout).toMatch(/\nworker-01 +unreachable /);
    expect(stdout).toMatch(/\nworker-01: it cannot be reached: .*Connection refused/);
  });

  test('another machine in the place of a node is not trusted', async () => {
    const made = await world({});
    const { publicKey, privateKey } = otherKey();
    const pair = { current: { publicKey, privateKey: secret(privateKey) }, next: null, previous: null };
    const forged = { ...made.store, keyPairs: { ...made.store.keyPairs, [sshHost('master-01')]: pair } };
    await made.fleet.serve('master-01', `echo '${report('master-01')}'`, forged);
    const { exitCode, stdout } = await status(made, '--node', 'master-01');
    expect(exitCode).toBe(8);
    expect(stdout).toContain('master-01: it has not the host key of the secrets store');
  });

  test('during a rotation, both host keys are known', async () => {
    const made = await world({});
    const by = { now: new Date(), random: systemRandomness };
    const { store: other } = await completeStore(null, needsOf(made.cluster), by);
    await made.run('secrets', 'rotate', 'key-pairs/ssh/master-01', 'lab', '--step', 'stage');
    const opened = await openStore(join(made.folder, 'lab/cluster.secrets.yaml'), () => Promise.resolve([]));
    const { next } = opened!.store.keyPairs[sshHost('master-01')]!;
    const pair = { current: next!, next: null, previous: null };
    await made.fleet.serve('master-01', `echo '${report('master-01')}'`, {
      ...other,
      keyPairs: { ...other.keyPairs, [sshHost('master-01')]: pair },
    });
    expect((await status(made, '--node', 'master-01')).exitCode).toBe(0);
  });

  test.each([
    ['no report', 'echo hello', 'it gives no report'],
    ['another node', `echo '${report('worker-01')}'`, 'it says that it is worker-01 of cluster lab'],
    [
      'no such script',
      'echo "bash: line 1: x: No such file or directory" >&2; exit 127',
      'its image is too old for this',
    ],
    ['no sudo', 'echo "sudo: a password is required" >&2; exit 1', 'the user cannot become root without a password'],
  ])('%s', async (_, script, message) => {
    const made = await world({ 'master-01': script });
    const { exitCode, stdout } = await status(made, '--node', 'master-01');
    expect([exitCode, stdout.includes(`master-01: ${message}`)]).toEqual([8, true]);
  });

  test('a key that the node does not know', async () => {
    const made = await world({ 'master-01': ANSWER });
    const { execa } = await import('execa');
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(made.folder, 'other')]);
    const { stdout } = await made.run('status', 'lab', '--node', 'master-01', '--ssh-key', 'other');
    expect(stdout).toContain('master-01: it does not accept your SSH key');
  });
});

/** `coldstart update` against a real sshd for each node; the nodes' scripts are stand-ins that remember what they were told. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/builder/system/digest.ts';
import { runCli } from '../../src/cli/program.ts';
import { openStore } from '../../src/pki/store/store.ts';
import { makeWorld } from '../cli/world.ts';
import { hasSshd, makeFleet } from './sshd.ts';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
const NODES = ['master-01', 'worker-01'];

/**
 * State in files: image, pending, boot, tries (reports until it is good), files/. `told` has all commands of all nodes. `bad-NODE` is a
 * node whose update does not become good.
 */
const NODE = `node=$1; set -- $2; shift 3; command=\${1##*/}; shift
cd "$PWD/state" && echo "$node: $command $*" >>told
has() { [[ -e $node/$1 ]]; }
get() { cat "$node/$1" 2>/dev/null; }
report() {
  local state=good healthy=true reason=null tries
  has pending && state=pending
  has former && { state=trying healthy=false; tries=$(get tries); echo $((tries - 1)) >$node/tries
    if ((tries <= 0)); then
      if [[ -e bad-$node ]]; then cp $node/former $node/image; echo $(($(get boot) + 1)) >$node/boot; echo '"kubelet: not ready"' >$node/reason; fi
      rm $node/former; state=good healthy=true
    fi; }
  has reason && { state=returned; reason=$(get reason); }
  printf '{"node":"%s","cluster":"lab","boot":"%s","certificate":null,"health":{"healthy":%s,"checks":[{"name":"kubelet","healthy":%s,"reason":"x"}]},' $node $(get boot) $healthy $healthy
  printf '"update":{"image":"%s","slot":"A","release":1,"kubernetes":"1.35.4","state":"%s","pending":null,"reason":%s,"live":%s}}' $(get image) $state "$reason" "$(has live && echo "\\"$(get live)\\"" || echo null)"
}
case "$command $1" in
  'cluster-report.sh ') report ;;
  'cluster-rollout.sh lacks') while read -r digest _; do has "files/$digest" || echo $digest; done ;;
  'cluster-rollout.sh take') mkdir -p $node/files; cat >$node/$2; [[ $(stat --format %s $node/$2) == $3 ]] ;;
  'cluster-rollout.sh drain') [[ ! -e no-drain-$2 ]] || { echo 'its pods cannot be moved: web-1 has a budget' >&2; exit 1; }
    [[ ! -e slow-drain ]] || sleep 60; touch $2/marked ;;
  'cluster-rollout.sh release') rm -f $2/marked ;;
  'cluster-rollout.sh marked') for one in */marked; do [[ -e $one ]] && echo \${one%/*}; done; true ;;
  'cluster-rollout.sh spare') ;;
  'cluster-rollout.sh lock') [[ ! -e lease || $(<lease) == "$2" ]] || { echo "$(<lease) updates this cluster since today" >&2; exit 3; }; echo "$2" >lease ;;
  'cluster-rollout.sh unlock') [[ $(<lease) != "$2" ]] || rm lease ;;
  'cluster-etcd-snapshot.sh --now') ;;
  'cluster-update.sh --start') mv $node/image $node/former; mv $node/pending $node/image; echo 1 >$node/tries; rm -f $node/reason
    echo $(($(get boot) + 1)) >$node/boot ;;
  'cluster-update.sh --status') has pending && echo '{"state":"pending"}' || echo '{"state":"good"}' ;;
  'cluster-update.sh --back') rm -f $node/pending $node/live ;;
  'cluster-update.sh --compare') cat >$node/asked; [[ -e live-$node ]] || exit 2; echo '{"live":true,"changed":["etc/kubernetes/own-labels","etc/rauc/system.conf"]}' ;;
  'cluster-update.sh --live') [[ ! -e refuses ]] || { echo 'a manifest is refused' >&2; exit 1; }; cp $node/pending $node/live ;;
  'cluster-update.sh /'*) cat new >$node/pending ;;
  *) exit 127 ;;
esac`;

/** Both nodes run the old image; the output folder holds the new one. */
async function world() {
  const made = await makeWorld();
  const fleet = await makeFleet(made.folder);
  const name = '    - name: admin\n';
  await made.edit(name, `${name}      sudo: true\n      ssh_keys: ['${fleet.publicKey}']\n`);
  await made.edit('  kubernetes:', '  image: { formats: [update] }\n  kubernetes:');
  await made.run('secrets', 'issue', 'lab');
  const opened = await openStore(join(made.folder, 'lab/cluster.secrets.yaml'), () => Promise.resolve([]));
  const state = join(made.folder, 'state');
  const out = join(made.folder, 'out/lab');
  await mkdir(join(out, 'files'), { recursive: true });
  await mkdir(state);
  const base = sha256('base');
  await writeFile(join(out, 'files', base), 'base');
  for (const node of NODES) {
    await mkdir(join(state, node));
    await writeFile(join(state, node, 'image'), OLD);
    await writeFile(join(state, node, 'boot'), '1');
    await writeFile(join(out, `${node}.raucb`), `bundle of ${node}`);
    await fleet.serve(node, NODE, opened!.store);
  }
  await writeFile(join(state, 'new'), NEW);
  const file = (path: string, size: number, digest: string) => ({ path, format: 'update', size, sha256: digest });
  const record = (node: string) => ({
    ...{ id: NEW, bootRole: 'x', kubernetes: '1.35.4', inventory: '', base: '', artifactLayer: null },
    artifacts: [file(`${node}.raucb`, `bundle of ${node}`.length, '0'), file(`files/${base}`, 4, base)],
  });
  for (const node of NODES) {
    await mkdir(join(out, node), { recursive: true });
    await writeFile(join(out, node, 'inventory.txt'), '0644 0:0 file sha256:aa etc/hostname\n');
  }
  const image = { roles: [], formats: [], kernelArgs: ['quiet'], packages: { names: [] }, files: [], shared: '' };
  await writeFile(
    join(out, 'plan.json'),
    JSON.stringify({ shared: {}, nodes: NODES.map((node) => ({ node, bootRole: 'x', install: false, ...image })) }),
  );
  const nodes = Object.fromEntries(NODES.map((node) => [node, record(node)]));
  const manifest = { schema: 2, cluster: 'lab', epoch: 0, bases: {}, artifactLayers: {}, nodes };
  await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest));
  const say = (what: string) => writeFile(join(state, what), '');
  const told = async () =>
    (await readFile(join(state, 'told'), 'utf8'))
      .split('\n')
      .filter((line) => !/report|marked|spare|--status|--compare|lock/.test(line));
  const read = (node: string, what: string) => readFile(join(state, node, what), 'utf8').catch(() => null);
  const update = (...more: string[]) => made.run('update', 'lab', '--no-build', '--ssh-key', fleet.key, ...more);
  await chmod(state, 0o777);
  return { ...made, update, told, say, read, base };
}

describe.skipIf(!hasSshd)('update', { timeout: 240_000 }, () => {
  test('the plan, the course, the end; a second call has nothing to do', async () => {
    const made = await world();
    const { exitCode, stdout, stderr } = await made.update('--yes');
    expect(stdout).toBe(`masters, one at a time:
  master-01: restart; packages or artifacts
workers:
  worker-01: restart; packages or artifacts
2 nodes updated.
`);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('s] worker-01: done\n');
    const of = (node: string) => [
      ...[`${node}: cluster-rollout.sh lacks`, `${node}: cluster-rollout.sh take files/${made.base} 4`],
      `${node}: cluster-rollout.sh take ${node}.raucb ${`bundle of ${node}`.length}`,
      `${node}: cluster-update.sh /var/lib/cluster-update/${node}.raucb`,
      ...[`master-01: cluster-rollout.sh drain ${node} 900`, `${node}: cluster-update.sh --start`],
      `master-01: cluster-rollout.sh release ${node}`,
    ];
    expect(await made.told()).toEqual([
      ...['master-01: cluster-etcd-snapshot.sh --now', ...of('master-01'), ...of('worker-01'), ''],
    ]);
    expect([await made.read('worker-01', 'image'), await made.read('worker-01', 'marked')]).toEqual([NEW, null]);
    expect(await made.read('worker-01', 'worker-01.raucb')).toBe('bundle of worker-01');
    expect((await made.update('--yes')).stdout).toBe('2 nodes up to date.\n');
  });

  test('a bad update stops it; the next call continues', async () => {
    const made = await world();
    await made.say('bad-master-01');
    const { exitCode, stdout } = await made.update('--yes');
    expect(exitCode).toBe(8);
    expect(stdout).toContain(`The rollout has stopped.
not updated: master-01: it returned to its former slot: kubelet: not ready
not begun: worker-01
`);
    expect(await made.read('master-01', 'marked')).toBe(null);
    const { unlink } = await import('node:fs/promises');
    await unlink(join(made.folder, 'state/bad-master-01'));
    expect((await made.update('--yes')).exitCode).toBe(0);
  });

  test('pods that may not be moved', async () => {
    const made = await world();
    await made.say('no-drain-worker-01');
    const { exitCode, stdout } = await made.update('--yes', '--node', 'worker-01');
    expect([exitCode, stdout.includes('worker-01: its pods cannot be moved: web-1 has a budget')]).toEqual([8, true]);
    expect([await made.read('worker-01', 'image'), await made.read('worker-01', 'pending')]).toEqual([OLD, null]);
    expect((await made.update('--yes', '--node', 'worker-01', '--no-drain')).exitCode).toBe(0);
  });

  test('while somebody else updates the cluster, it does not begin; afterwards it does', async () => {
    const made = await world();
    const lease = join(made.folder, 'state/lease');
    await writeFile(lease, 'bob@ci/2');
    const refused = await made.update('--yes', '--force', '--node', 'worker-01');
    expect([refused.exitCode, refused.stdout]).toEqual([
      8,
      expect.stringContaining('bob@ci/2 updates this cluster since today\nnot begun: worker-01\n'),
    ]);
    expect([await readFile(lease, 'utf8'), await made.told()]).toEqual(['bob@ci/2', ['']]);
    await rm(lease);
    expect((await made.update('--yes', '--node', 'worker-01')).exitCode).toBe(0);
    await expect(readFile(lease)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a node that says so takes its change without a restart', async () => {
    const made = await world();
    await made.say('live-worker-01');
    await made.say('refuses');
    const refused = await made.update('--yes', '--node', 'worker-01');
    expect([refused.exitCode, refused.stdout]).toEqual([
      8,
      expect.stringContaining('worker-01: a manifest is refused'),
    ]);
    expect(await made.read('worker-01', 'pending')).toBe(null);
    const { unlink } = await import('node:fs/promises');
    await unlink(join(made.folder, 'state/refuses'));
    const { exitCode, stdout } = await made.update('--yes', '--node', 'worker-01');
    expect([exitCode, stdout]).toEqual([
      0,
      'without a restart:\n  worker-01: live; packages or artifacts, /etc/kubernetes/own-labels\n1 node updated.\n',
    ]);
    expect(await made.read('worker-01', 'asked')).toBe(
      `arguments quiet\nshared ${made.base}\n0644 0:0 file sha256:aa etc/hostname\n`,
    );
    expect((await made.told()).filter((line) => /drain|--start|release/.test(line))).toEqual([
      'master-01: cluster-rollout.sh release worker-01',
    ]);
    expect((await made.update('--yes', '--node', 'worker-01')).stdout).toBe('1 node up to date.\n');
  });

  test('an interruption takes back what was begun, and says how to go on', async () => {
    const made = await world();
    await made.say('slow-drain');
    const controller = new AbortController();
    let stdout = '';
    const session = {
      ...{ ...made.session, signal: controller.signal },
      stdout: { ...made.session.stdout, write: (text: string) => void (stdout += text) },
      stderr: {
        ...made.session.stderr,
        write: (text: string) => {
          if (text.includes('move its pods away')) setTimeout(() => void controller.abort(), 3000);
        },
      },
    };
    const began = Date.now();
    const argv = ['update', 'lab', '--no-build', '--yes', '--ssh-key', join(made.folder, 'user-key')];
    expect(await runCli(argv, session)).toBe(130);
    expect(Date.now() - began).toBeLessThan(40_000);
    expect(stdout).toContain(`Interrupted.
not updated: master-01: interrupted
not begun: worker-01
To go on:`);
    expect([await made.read('master-01', 'pending'), await made.read('master-01', 'marked')]).toEqual([null, null]);
    await expect(readFile(join(made.folder, 'state/lease'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('without a terminal, it changes nothing unless it may', async () => {
    const made = await world();
    await expect(made.update()).rejects.toMatchObject({ name: 'UsageError' });
    expect((await made.update('--dry-run')).stdout).toContain('Nothing was changed.');
    expect(await made.told()).toEqual(['']);
  });
});

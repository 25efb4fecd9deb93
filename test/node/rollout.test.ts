/** The nodes' part of a rollout: files arrive whole, marks are our own, and nothing is spared that is needed. */
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/builder/system/digest.ts';
import { machine, type Machine } from './machine.ts';

const DF = 'echo Avail; echo 100000000';

/** `kubectl` remembers what it was told; `fake/node.json` is the node. */
async function master(node: object, more: Readonly<Record<string, string>> = {}): Promise<Machine> {
  return machine({
    files: { 'fake/node.json': JSON.stringify(node), 'fake/told': '' },
    commands: {
      ...{
        df: DF,
        kubectl: `shift 4; case $1 in get) cat "$COLDSTART_ROOT/fake/node.json" ;; *) echo "$*" >>"$COLDSTART_ROOT/fake/told" ;; esac`,
      },
      ...more,
    },
  });
}
const told = (made: Machine): Promise<string> => made.read('fake/told');

describe('a node in Kubernetes', () => {
  it('is marked, cordoned and drained, and released', async () => {
    const made = await master({ spec: {}, metadata: {} });
    expect((await made.run('cluster-rollout.sh', 'drain', 'worker-01', '60')).status).toBe(0);
    expect(await told(made)).toBe(`annotate node worker-01 --overwrite coldstart/rollout=cordoned
cordon worker-01
drain worker-01 --ignore-daemonsets --delete-emptydir-data --timeout 60s
`);
    await made.write(
      'fake/node.json',
      JSON.stringify({ spec: { unschedulable: true }, metadata: { annotations: { 'coldstart/rollout': 'cordoned' } } }),
    );
    await made.write('fake/told', '');
    expect((await made.run('cluster-rollout.sh', 'release', 'worker-01')).status).toBe(0);
    expect(await told(made)).toBe('uncordon worker-01\nannotate node worker-01 coldstart/rollout-\n');
  });

  it('that a person has cordoned stays cordoned', async () => {
    const made = await master({ spec: { unschedulable: true }, metadata: {} });
    expect((await made.run('cluster-rollout.sh', 'drain', 'worker-01', '60')).status).toBe(0);
    expect((await made.run('cluster-rollout.sh', 'release', 'worker-01')).status).toBe(0);
    expect(await told(made)).toBe('drain worker-01 --ignore-daemonsets --delete-emptydir-data --timeout 60s\n');
  });

  it('whose pods may not be moved: the reason', async () => {
    const said = `echo 'error when evicting pods/"web-1": Cannot evict pod as it would violate its disruption budget.' >&2; exit 1`;
    const made = await master(
      { spec: {}, metadata: {} },
      { kubectl: `shift 4; case $1 in get) echo '{"spec":{},"metadata":{}}' ;; drain) ${said} ;; esac` },
    );
    const { status, output } = await made.run('cluster-rollout.sh', 'drain', 'worker-01', '60');
    expect([status, output]).toEqual([1, expect.stringContaining('Cannot evict pod as it would violate')]);
  });
});

describe('etcd without a master', () => {
  const members = (...names: string[]) =>
    JSON.stringify({ members: names.map((name) => ({ name, clientURLs: [`https://${name}:2379`] })) });
  it.each([
    [['a'], 'a', '', 0],
    [['a', 'b'], 'a', 'a', 0],
    [['a', 'b'], 'a', 'b', 1],
    [['a', 'b', 'c'], 'a', 'a', 0],
    [['a', 'b', 'c'], 'a', 'b', 1],
    [['a', 'b', 'c', 'd', 'e'], 'a', 'b', 0],
    [['a', 'b', 'c', 'd', 'e'], 'a', 'b|c', 1],
  ] as const)('of %j without %s, when %s is ill', async (all, gone, ill, status) => {
    const answer = `case "$*" in *'member list'*) echo '${members(...all)}' ;; *https://@(${ill || 'none'}):*health*) exit 1 ;; esac`;
    const made = await master({}, { etcdctl: `shopt -s extglob\n${answer}` });
    expect((await made.run('cluster-rollout.sh', 'spare', gone)).status).toBe(status);
  });
});

describe('files', () => {
  it('are stored when they are whole', async () => {
    const made = await machine({ commands: { df: DF } });
    const digest = sha256('hello');
    const send = (name: string, size: string, text: string) =>
      made.bash(`printf %s '${text}' | "$BIN_DIR/cluster-rollout.sh" take ${name} ${size}`);
    expect((await send(`files/${digest}`, '5', 'hello')).status).toBe(0);
    expect(await made.read(`var/lib/cluster-update/files/${digest}`)).toBe('hello');
    expect((await send(`files/${digest}`, '5', 'hellO')).status).toBe(1);
    expect((await send('master-01.raucb', '9', 'short')).output).toContain('did not arrive whole');
    expect((await send('../x.raucb', '1', 'x')).status).toBe(64);
    expect((await send('big.raucb', '999999999', 'x')).output).toContain('/var has room for 85 MiB');
    const { output } = await made.bash(
      `printf '%s 5\\n%s 5\\n' ${digest} ${'0'.repeat(64)} | "$BIN_DIR/cluster-rollout.sh" lacks`,
    );
    expect(output.trim()).toBe('0'.repeat(64));
  });
});

describe('Ceph', () => {
  const answers = (safe: boolean) => `case "$*" in
  *quorum_status*) echo '{"monmap":{"mons":[{"name":"s1"},{"name":"s2"},{"name":"s3"}]},"quorum_names":["s1","s2","s3"]}' ;;
  *ls-tree*) printf '0\\n1\\n' ;; *ok-to-stop*) ${safe ? 'exit 0' : 'echo "unsafe to stop osd(s)" >&2; exit 16'} ;;
  *'osd dump'*) echo '{"crush_node_flags":{"s1":["noout"]}}' ;; *) echo "\${@: -3}" >>"$COLDSTART_ROOT/fake/told" ;; esac`;
  const store = (safe: boolean) => machine({ files: { 'fake/told': '' }, commands: { ceph: answers(safe) } });

  it('does not copy the data of a node that is away for a while', async () => {
    const made = await store(true);
    expect((await made.run('cluster-rollout.sh', 'hold', 's1')).status).toBe(0);
    expect((await made.run('cluster-rollout.sh', 'held')).output.trim()).toBe('s1');
    expect((await made.run('cluster-rollout.sh', 'free', 's1')).status).toBe(0);
    expect((await made.run('cluster-rollout.sh', 'free', 's2')).status).toBe(0);
    expect(await told(made)).toBe('set-group noout s1\nunset-group noout s1\n');
  });

  it('refuses while data would be away', async () => {
    const made = await store(false);
    const { status, output } = await made.run('cluster-rollout.sh', 'hold', 's1');
    expect([status, output.trim()]).toEqual([1, 'Ceph needs the OSDs of s1 now: unsafe to stop osd(s)']);
    expect((await made.run('cluster-rollout.sh', 'hold', 's1', '--force')).status).toBe(0);
  });
});

describe('the lease of rollouts', () => {
  /** The API server's part: it refuses what was read before the last change. */
  const KUBECTL = `shift 4; cd "$COLDSTART_ROOT/fake"; [[ ! -e api-down ]] || exit 1
store() { jq -c --argjson version "$1" '.metadata.resourceVersion = ($version | tostring)' <<<"$new" >lease; }
case $1 in
  get) [[ ! -e lease ]] || cat lease; [[ ! -e faster ]] || { mv lease-of-another lease; rm faster; } ;;
  create) new=$(cat); [[ ! -e lease ]] && store 1 ;;
  replace) new=$(cat); has=$(jq -r .metadata.resourceVersion lease)
    [[ $(jq -r .metadata.resourceVersion <<<"$new") == "$has" ]] && store $((has + 1)) ;;
esac`;
  const worlds = {
    'in Kubernetes': { env: {}, commands: { kubectl: KUBECTL }, at: 'fake/lease' },
    'without Kubernetes': {
      ...{ env: { NODE_ROLES: 'ceph-mon ceph-osd', BOOT_ROLE: 'storage' }, commands: { kubectl: 'exit 1' } },
      at: 'var/lib/cluster-state/rollout-lease.json',
    },
  };
  const world = (setup: { env: object; commands: object }) =>
    machine({ files: { 'fake/x': '' }, env: { ...setup.env }, commands: { ...setup.commands } });
  const lock = async (made: Machine, holder: string) => {
    const { status, output } = await made.run('cluster-rollout.sh', 'lock', holder, '120');
    return [status, output.trim()];
  };
  const lease = async (made: Machine, at: string) =>
    JSON.parse(await made.read(at)) as { spec: Record<string, string | number> };

  it.each(Object.entries(worlds))('%s: one holder at a time', async (_, setup) => {
    const made = await world(setup);
    expect(await lock(made, 'alice@desk/1')).toEqual([0, '']);
    const { acquireTime } = (await lease(made, setup.at)).spec;
    expect(await lock(made, 'bob@ci/2')).toEqual([
      3,
      expect.stringMatching(/^alice@desk\/1 updates this cluster since 20.*Z; if that has ended, wait until 20.*Z$/),
    ]);
    expect(await lock(made, 'alice@desk/1')).toEqual([0, '']);
    expect((await lease(made, setup.at)).spec).toMatchObject({
      ...{ holderIdentity: 'alice@desk/1', leaseDurationSeconds: 120, acquireTime, leaseTransitions: 1 },
    });
    // Not by somebody else.
    expect((await made.run('cluster-rollout.sh', 'unlock', 'bob@ci/2')).status).toBe(0);
    expect((await lock(made, 'bob@ci/2'))[0]).toBe(3);
    expect((await made.run('cluster-rollout.sh', 'unlock', 'alice@desk/1')).status).toBe(0);
    expect(await lock(made, 'bob@ci/2')).toEqual([0, '']);
    expect((await lease(made, setup.at)).spec).toMatchObject({ holderIdentity: 'bob@ci/2', leaseTransitions: 2 });
  });

  it.each(Object.entries(worlds))('%s: one that is not renewed ends', async (_, setup) => {
    const made = await world(setup);
    await lock(made, 'alice@desk/1');
    const held = await lease(made, setup.at);
    const renewed = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString().replace('Z', '000Z');
    await made.write(setup.at, JSON.stringify({ ...held, spec: { ...held.spec, renewTime: renewed(100) } }));
    expect((await lock(made, 'bob@ci/2'))[0]).toBe(3);
    await made.write(setup.at, JSON.stringify({ ...held, spec: { ...held.spec, renewTime: renewed(130) } }));
    expect(await lock(made, 'bob@ci/2')).toEqual([0, '']);
    expect((await lock(made, 'alice@desk/1'))[0]).toBe(3);
  });

  it('goes to one of two that are equally fast', async () => {
    const made = await world(worlds['in Kubernetes']);
    await lock(made, 'bob@ci/2');
    await made.bash('mv "$COLDSTART_ROOT/fake/lease" "$COLDSTART_ROOT/fake/lease-of-another"');
    await made.write('fake/faster', '');
    expect((await lock(made, 'alice@desk/1'))[0]).toBe(3);
    const all = await Promise.all(['a/1', 'a/2', 'a/3', 'a/4'].map((holder) => lock(made, holder)));
    expect(all.map(([status]) => status)).toEqual([3, 3, 3, 3]);
  });

  it('cannot be asked while no API server answers', async () => {
    const made = await world(worlds['in Kubernetes']);
    await made.write('fake/api-down', '');
    expect(await lock(made, 'alice@desk/1')).toEqual([1, 'the API server does not answer']);
  });
});

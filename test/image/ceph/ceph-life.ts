/** The questions of the tests of Ceph to a cluster in a rack, and the accepted answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { nameOf } from './ceph-definition.ts';
import { eventually, PATIENCE, type RackNode } from '../containers/rack.ts';

/** Seconds; everything is a matter of seconds on a machine that does nothing else. */
export const WAIT = PATIENCE * 300;

const seconds = (count: number): string => String(PATIENCE * count);

interface Status {
  readonly health: { readonly status: string; readonly checks: Readonly<Record<string, unknown>> };
  readonly quorum_names: readonly string[];
  readonly osdmap: { readonly num_up_osds: number };
  readonly mgrmap: { readonly available: boolean; readonly num_standbys: number };
}

interface Osds {
  /** `up_from`: the epoch since which it is up this time. */
  readonly osds: readonly { readonly osd: number; readonly up_from: number }[];
}

interface Groups {
  readonly pg_stats: readonly {
    readonly state: string;
    readonly acting: readonly number[];
    readonly reported_epoch: number;
  }[];
}

interface Summary {
  /** With the names of the checks that are not well. */
  readonly health: string;
  readonly monitors: readonly string[];
  readonly osds: number;
  readonly managers: number;
  /** The different states of placement groups, as the active manager knows them. */
  readonly groups: readonly string[];
}

/**
 * By a node with an admin key. For seconds after a restart, monitors and managers show what they knew before it. So placement
 * groups are asked for from the manager, which knows of each when it was told, and that has to be after their OSDs came up.
 */
export async function summaryBy(node: RackNode): Promise<Summary> {
  const is = await ask<Status>(node, 'status');
  if (is === null) return { health: 'no answer', monitors: [], osds: 0, managers: 0, groups: [] };
  const osds = await ask<Osds>(node, 'osd', 'dump');
  const groups = await ask<Groups>(node, 'pg', 'dump', 'pgs');
  return {
    health: [is.health.status, ...Object.keys(is.health.checks)].join(' '),
    monitors: is.quorum_names.toSorted(),
    osds: is.osdmap.num_up_osds,
    managers: Number(is.mgrmap.available) + is.mgrmap.num_standbys,
    groups: statesOf(groups, osds),
  };
}

function statesOf(groups: Groups | null, osds: Osds | null): string[] {
  const upFrom = new Map(osds?.osds.map(({ osd, up_from }) => [osd, up_from]));
  const states = groups?.pg_stats.map(({ state, acting, reported_epoch }) =>
    acting.some((osd) => reported_epoch < (upFrom.get(osd) ?? Infinity)) ? `${state}, before a restart` : state,
  );
  return [...new Set(states)];
}

async function ask<T>(node: RackNode, ...words: readonly string[]): Promise<T | null> {
  const { status, stdout } = await node.run('timeout', seconds(20), 'ceph', ...words, '--format', 'json');
  return status === 0 ? (JSON.parse(stdout) as T) : null;
}

/** Healthy, with these monitors, this many managers and OSDs, and all placement groups clean. */
export async function expectWell(by: RackNode, osds = 3, monitors = [0, 1, 2], managers = 2): Promise<void> {
  const well = {
    ...{ health: 'HEALTH_OK', monitors: monitors.map(nameOf), osds, managers, groups: ['active+clean'] },
  };
  const wanted = JSON.stringify(well);
  const found = await eventually(
    WAIT,
    () => summaryBy(by),
    (is) => JSON.stringify(is) === wanted,
  );
  expect(found).toEqual(well);
}

/** As `expectWell`, and for a minute nothing else. */
export async function expectToStayWell(by: RackNode): Promise<void> {
  await expectWell(by);
  const seen = new Set<string>();
  for (const end = performance.now() + 60_000; performance.now() < end; await delay(2000)) {
    const { stdout } = await by.run('timeout', seconds(20), 'ceph', 'health', 'detail');
    seen.add(stdout);
  }
  expect([...seen]).toEqual(['HEALTH_OK']);
}

/** The other two have noticed that a node with a monitor is off. */
export async function expectMissed(by: RackNode, { name }: RackNode): Promise<void> {
  const others = [0, 1, 2].map(nameOf).filter((other) => other !== name);
  const left = await eventually(
    WAIT,
    async () => (await summaryBy(by)).monitors,
    (monitors) => monitors.join() === others.join(),
  );
  expect(left).toEqual(others);
}

/** Every node has done its part. */
export async function expectDone(nodes: readonly RackNode[]): Promise<void> {
  for (const node of nodes) {
    const steps = await eventually(
      WAIT,
      () => node.steps(),
      (all) => all.at(-1) === 'ceph done',
    );
    const failed = steps.filter((step) => step.includes('failed'));
    expect([node.name, steps.at(-1), failed]).toEqual([node.name, 'ceph done', []]);
  }
}

/** Writes an image of random bytes, and returns their digest. */
export async function writeImage(node: RackNode): Promise<string> {
  const write =
    'head -c 16M /dev/urandom >/tmp/proof && rbd --no-progress import /tmp/proof images/proof && sha256sum </tmp/proof';
  const { status, stdout, stderr } = await node.run('bash', '-c', write);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** The digest of that image, or why it cannot be read. */
export async function readImage(node: RackNode): Promise<string> {
  const { stdout, stderr } = await node.run(
    'bash',
    '-c',
    `timeout ${seconds(90)} rbd --no-progress export images/proof - | sha256sum`,
  );
  return stderr === '' ? stdout : stderr;
}

const FILE_SYSTEM = `import cephfs, sys
root = cephfs.LibCephFS(conffile='/etc/ceph/ceph.conf', auth_id='admin')
root.mount()
`;

/** Writes a file into CephFS, as no node of the tests can mount it. */
export async function writeFileTo(node: RackNode, text: string): Promise<void> {
  const write = `${FILE_SYSTEM}file = root.open('/proof', 'w', 0o644)
root.write(file, sys.argv[1].encode(), 0)
root.fsync(file, 0)
root.close(file)
root.shutdown()`;
  const { status, stderr } = await node.run('timeout', seconds(90), 'python3', '-c', write, text);
  expect([status, stderr]).toEqual([0, '']);
}

/** What stands in that file, or why it cannot be read. */
export async function readFileFrom(node: RackNode): Promise<string> {
  const read = `${FILE_SYSTEM}print(root.read(root.open('/proof', 'r'), 0, 1000).decode(), end='')`;
  const { stdout, stderr } = await node.run('timeout', seconds(90), 'python3', '-c', read);
  return stderr === '' ? stdout : stderr;
}

/** Listens as long as there is a file /tmp/listening, which it makes. */
const LISTEN = `import os, pathlib, socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) # ETH_P_ALL
wire.setsockopt(socket.SOL_SOCKET, 33, 64 << 20) # SO_RCVBUFFORCE
wire.settimeout(1)
frames, seen = 0, 0
pathlib.Path('/tmp/listening').touch()
while os.path.exists('/tmp/listening'):
    try:
        frame = wire.recv(1 << 17)
    except TimeoutError:
        continue
    frames += 1
    seen += sys.argv[1].encode() in frame
print('much' if frames > 100 else 'little', 'with' if seen else 'without')`;

/** Whether much passed the cards of a node while another wrote an image that is one text again and again, and with that text. */
export async function listenWhileWriting(listener: RackNode, writer: RackNode): Promise<string> {
  const text = 'nobody else is to read this';
  const write = `yes '${text}' | head -c 4M >/tmp/plain; rbd --no-progress import /tmp/plain images/plain && rbd --no-progress rm images/plain`;
  const listening = listener.run('timeout', seconds(110), 'python3', '-c', LISTEN, text);
  const isListening = async () => (await listener.run('test', '-e', '/tmp/listening')).status;
  expect(await eventually(WAIT, isListening, (status) => status === 0)).toBe(0);
  const { status, stderr } = await writer.run('bash', '-c', write);
  await listener.run('rm', '/tmp/listening');
  expect([status, stderr]).toEqual([0, '']);
  return (await listening).stdout.trim();
}

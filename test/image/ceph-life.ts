/** What the tests of Ceph ask of a cluster in a rack, and what counts as well. */
import { expect } from 'vitest';
import { nameOf } from './ceph-definition.ts';
import { eventually, type RackNode } from './ceph-rack.ts';

/** Seconds; everything is a matter of seconds on a machine that does nothing else. */
export const WAIT = 300;

interface Status {
  readonly health: { readonly status: string; readonly checks: Readonly<Record<string, unknown>> };
  readonly quorum_names: readonly string[];
  readonly osdmap: { readonly num_up_osds: number };
  readonly mgrmap: { readonly available: boolean; readonly num_standbys: number };
  readonly pgmap: { readonly pgs_by_state: readonly { readonly state_name: string }[] };
}

export interface Summary {
  /** With the names of the checks that are not well. */
  readonly health: string;
  readonly monitors: readonly string[];
  readonly osds: number;
  readonly managers: number;
  /** States of the placement groups. */
  readonly groups: readonly string[];
}

/** By a node with an admin key. */
export async function summaryBy(node: RackNode): Promise<Summary> {
  const { status, stdout } = await node.run('timeout', '20', 'ceph', 'status', '--format', 'json');
  if (status !== 0) return { health: 'no answer', monitors: [], osds: 0, managers: 0, groups: [] };
  const is = JSON.parse(stdout) as Status;
  return {
    health: [is.health.status, ...Object.keys(is.health.checks)].join(' '),
    monitors: is.quorum_names.toSorted(),
    osds: is.osdmap.num_up_osds,
    managers: Number(is.mgrmap.available) + is.mgrmap.num_standbys,
    groups: is.pgmap.pgs_by_state.map(({ state_name }) => state_name),
  };
}

/** Healthy, with all three monitors, both managers, this many OSDs, and all placement groups clean. */
export async function expectWell(by: RackNode, osds = 3): Promise<void> {
  const well = {
    ...{ health: 'HEALTH_OK', monitors: [0, 1, 2].map(nameOf), osds, managers: 2, groups: ['active+clean'] },
  };
  const wanted = JSON.stringify(well);
  const found = await eventually(
    WAIT,
    () => summaryBy(by),
    (is) => JSON.stringify(is) === wanted,
  );
  expect(found).toEqual(well);
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
    'timeout 90 rbd --no-progress export images/proof - | sha256sum',
  );
  return stderr === '' ? stdout : stderr;
}

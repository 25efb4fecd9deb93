/**
 * What a node's image holds does not grow with the cluster: a node has the same tree and the same plan in a large fleet as in a
 * small one. Both take the secrets store of the small fleet, so a node that needs a secret of another node fails here, too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeDefinition, writeFleet } from '../../scripts/bench/definition.ts';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { planImages, wholeNode } from '../../src/render/plan/plan.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { SOURCES } from '../render/sources.ts';

const LARGE = 1000;
const NOW = new Date('2026-11-01T00:00:00Z');

type Write = (folder: string, count: number) => Promise<string>;

async function clusterOf(write: Write, count: number): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-fleet-'));
  try {
    const { value } = await loadCluster(await write(folder, count));
    if (value === undefined) throw new Error('the definition is not valid');
    return value;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function treeOf(cluster: Cluster, name: string, store: Store): string {
  const node = cluster.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return inventory(wholeNode(cluster, node, SOURCES, store));
}

/** The first master has more to do than the others. */
test.each([
  ['a cluster of 3 nodes', writeDefinition, 3, ['master-00002', 'worker-00003', 'worker-00004']],
  // Each tenth node is a storage node, and the defaults ask for three replicas.
  ['a fleet of 30 nodes', writeFleet, 30, ['master-00002', 'master-00003', 'worker-00005', 'storage-00010']],
] as const)(`a node of %s has the same tree and the same plan in one of ${LARGE}`, async (_, write, count, names) => {
  const [small, large] = [await clusterOf(write, count), await clusterOf(write, LARGE)];
  expect([small.nodes.length, large.nodes.length]).toEqual([count, LARGE]);
  const { store } = await completeStore(null, needsOf(small), { now: NOW, random: systemRandomness });
  const [inSmall, inLarge] = [small, large].map((cluster) => planImages(cluster, SOURCES).value?.nodes ?? []);
  for (const name of names) {
    expect(treeOf(large, name, store)).toBe(treeOf(small, name, store));
    expect(inLarge?.find(({ node }) => node === name)).toEqual(inSmall?.find(({ node }) => node === name));
  }
});

/**
 * What a node's image holds does not grow with the cluster: a node has the same tree and the same plan in a large fleet as in a
 * small one. Both take the secrets store of the small fleet, so a node that needs a secret of another node fails here, too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFleet } from '../../scripts/bench/definition.ts';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import { planImages, wholeNode } from '../../src/render/plan/plan.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { SOURCES } from '../render/sources.ts';

/** Each tenth node is a storage node, and the defaults ask for three replicas. */
const [SMALL, LARGE] = [30, 200];

async function fleet(count: number): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-fleet-'));
  try {
    const { value } = await loadCluster(await writeFleet(folder, count));
    if (value === undefined) throw new Error('the definition is not valid');
    return value;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [small, large] = [await fleet(SMALL), await fleet(LARGE)];
const NOW = new Date('2026-11-01T00:00:00Z');
const { store } = await completeStore(null, needsOf(small), { now: NOW, random: systemRandomness });
const plans = [small, large].map((cluster) => planImages(cluster, SOURCES).value?.nodes ?? []);

function treeOf(cluster: Cluster, name: string): string {
  const node = cluster.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return inventory(wholeNode(cluster, node, SOURCES, store));
}

/** The workers and the storage nodes of such a fleet are alike; the first master has more to do than the others. */
test.each(['master-00002', 'master-00003', 'worker-00005', 'storage-00010'])('%s', (name) => {
  expect(treeOf(large, name)).toBe(treeOf(small, name));
  const [inSmall, inLarge] = plans.map((nodes) => nodes.find(({ node }) => node === name));
  expect(inLarge).toEqual(inSmall);
});

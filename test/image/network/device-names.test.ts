/**
 * Names of devices with NetworkManager as the judge: it creates devices with free names, and none of the cluster's own.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLUSTER_DEVICES, ownerOfName } from '../../../src/config/network/cluster-devices.ts';
import type { Node } from '../../../src/config/cluster.ts';
import { interfaceName } from '../../../src/config/schema/names.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { bridge, cluster, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SCRIPT = networkManagerScript('device-names.sh');

/** The patterns' own words, cut, prolonged and changed by chance. */
const WORDS = CLUSTER_DEVICES.map(({ pattern }) => pattern.replaceAll(/[?*]/g, ''));
const near = fc
  .record({
    word: fc.constantFrom(...WORDS),
    cut: fc.nat({ max: 2 }),
    before: fc.constantFrom('', '', 'x', 'br-'),
    after: fc.constantFrom('', '0', '-a', '.5'),
  })
  .map(({ word, cut, before, after }) => `${before}${word.slice(0, word.length - cut)}${after}`);

const NAMES = [
  ...new Set([...WORDS.map((word) => `${word}0`.slice(0, 15)), ...fc.sample(near, { numRuns: 60, seed: 1 })]),
].filter((name) => interfaceName.safeParse(name).success);

test.skipIf(root === null)('NetworkManager makes the devices whose names are free, and those only', () => {
  const free = NAMES.filter((name) => ownerOfName(name, 'bridge') === undefined).toSorted();
  expect(free.length).toBeGreaterThan(10);
  expect(free.length).toBeLessThan(NAMES.length - 10);
  const bridges = NAMES.map((name, index) => bridge(name, [], { addresses: [`10.9.${String(index)}.1/24`] }));
  const own: Node = node('solo', 1, { interfaces: bridges });
  const on = nodeRoot(root ?? '', renderNode(cluster({ nodes: [own] }), own, SOURCES));
  try {
    const wrapper = 'cat >/run/ask.sh && exec bash /run/ask.sh "$@"';
    const { status, stdout, stderr } = on.run('bash', ['-c', wrapper, 'ask', String(free.length)], SCRIPT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(free);
  } finally {
    on.remove();
  }
});

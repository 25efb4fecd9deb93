/** Compares whole trees with the stored ones, see golden.ts. */
import { test } from 'vitest';
import { CALICO, CALICO_FILES } from './calico.ts';
import { CONTAINERD_2, CONTAINERD_2_FILES } from './containerd-2.ts';
import { everything, USER_OVERLAYS } from './everything.ts';
import { example, EXAMPLES } from './examples.ts';
import { expectGolden } from './golden.ts';
import { JOINING, JOINING_FILES } from './joining.ts';
import { settings, SETTINGS_FILES } from './settings.ts';
import { shapes } from './shapes.ts';
import { SOURCES } from './sources.ts';
import { UPDATES, UPDATES_FILES } from './updates.ts';

test('one node for every shape of network', () => {
  expectGolden('shapes', shapes(), SOURCES);
});

test('a cluster that sets everything, with overlays of the user', () => {
  expectGolden('everything', everything(), { ...SOURCES, userOverlays: USER_OVERLAYS });
});

test.each(Object.entries(JOINING))('%s: what a node has to join with', (name, cluster) => {
  expectGolden(name, cluster, SOURCES, JOINING_FILES);
});

test('calico: its network instead of ours', () => {
  expectGolden('calico', CALICO, SOURCES, CALICO_FILES);
});

test('a version of Kubernetes that needs containerd 2', () => {
  expectGolden('containerd-2', CONTAINERD_2, SOURCES, CONTAINERD_2_FILES);
});

test("settings of Kubernetes' programs", async () => {
  expectGolden('settings', await settings(), SOURCES, SETTINGS_FILES);
});

test('nodes that update themselves', () => {
  expectGolden('updates', UPDATES, SOURCES, UPDATES_FILES);
});

test.each(EXAMPLES)('the example %s', async (name) => {
  expectGolden(name, await example(name), SOURCES);
});

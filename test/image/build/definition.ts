/**
 * Definitions under test: copies of the examples with a few settings changed, built for real. Base layers come from the
 * user's own cache, so a test run makes each at most once.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Listr } from 'listr2';
import { parseDocument } from 'yaml';
import { defaultCacheDir } from '../../../src/builder/system/cache.ts';
import { DEFAULT_EPOCH } from '../../../src/builder/step-context.ts';
import type { BuildReport, ImageRequest } from '../../../src/builder/steps/request.ts';
import { makeImages } from '../../../src/usecases/build.ts';
import { readSources } from '../../../src/builder/sources.ts';
import type { Cluster } from '../../../src/config/cluster.ts';
import { loadCluster } from '../../../src/config/load.ts';
import { adminKubeconfig } from '../../pki/node-secrets.ts';
import { countReleases } from '../../../src/pki/issue/releases.ts';
import { definitionsOf, updatesWith } from '../../../src/usecases/secrets/updates.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { rotate, type Target } from '../../../src/pki/issue/rotate.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { planImages, wholeNode } from '../../../src/render/plan/plan.ts';

const PROJECT = new URL('../../../', import.meta.url).pathname;

export const EXAMPLES = join(PROJECT, 'examples');

/** Copies an example to `folder` and changes settings of its `cluster.yaml`, given by path, e.g. `['cluster', 'name']`. */
export async function copyExample(
  name: string,
  folder: string,
  settings: readonly (readonly [path: readonly (string | number)[], value: unknown])[] = [],
): Promise<string> {
  // Without what a build in the example's own folder has left there: its keys.
  const filter = (path: string): boolean => basename(path) !== 'cluster.secrets.yaml';
  await cp(join(EXAMPLES, name), folder, { recursive: true, filter });
  const file = join(folder, 'cluster.yaml');
  const document = parseDocument(await readFile(file, 'utf8'));
  for (const [path, value] of settings) document.setIn(path, document.createNode(value));
  await writeFile(file, document.toString());
  return folder;
}

/** By name of the cluster. In memory, so that no test leaves keys in the folder of an example. */
const stores = new Map<string, Store>();

/** The store of a cluster, completed from one build of this process to the next. @param targets what is made anew in it */
export async function storeFor(
  cluster: Cluster,
  targets: readonly Target[] = [],
  definitions: (store: Store) => ReadonlyMap<string, string> = () => new Map(),
): Promise<Store> {
  const by = { now: new Date(), random: systemRandomness };
  let { store } = await completeStore(stores.get(cluster.name) ?? null, needsOf(cluster), by);
  for (const target of targets) ({ store } = await rotate(store, target, needsOf(cluster), by));
  ({ store } = await completeStore(store, needsOf(cluster), by));
  ({ store } = countReleases(store, definitions(store)));
  stores.set(cluster.name, store);
  return store;
}

/** A request for all nodes of the definition in `folder`; fails with the diagnostics' texts where it is not valid. */
export async function requestBuild(
  folder: string,
  of: Partial<ImageRequest> & { outDir: string },
): Promise<ImageRequest> {
  const { value: cluster, diagnostics } = await loadCluster(folder);
  const sources = await readSources(PROJECT, folder);
  const plan = cluster && planImages(cluster, sources);
  const found = [diagnostics, plan?.diagnostics ?? []].flat();
  if (!cluster || !plan?.value) throw new Error(found.map(({ message }) => message).join('\n'));
  const store = await storeFor(cluster, [], definitionsOf({ cluster, plan: plan.value, sources }, cluster.nodes));
  const whole = cluster.nodes.map((node) => [node.name, wholeNode(cluster, node, sources, store)] as const);
  return {
    ...{
      updates: await updatesWith(cluster, store),
      trees: new Map(whole),
      kubeconfig: adminKubeconfig(store, cluster),
    },
    ...{ cluster, plan: plan.value, only: null, epoch: DEFAULT_EPOCH, jobs: 2 },
    ...{ cacheDir: defaultCacheDir(process.env), signal: undefined },
    artifacts: { configDir: folder, folder: null, locked: false },
    ...of,
  };
}

export function runSilently(request: ImageRequest): Promise<BuildReport> {
  return makeImages(request, (tasks, context) => new Listr(tasks, { renderer: 'silent' }).run(context));
}

/** Builds all nodes of the definition in `folder`. */
export async function buildDefinition(
  folder: string,
  of: Partial<ImageRequest> & { outDir: string },
): Promise<BuildReport> {
  return runSilently(await requestBuild(folder, of));
}

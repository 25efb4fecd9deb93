/** The update bundles in an output folder, and what each node gets by its bundle. */
import { join } from 'node:path';
import type { Manifest } from '../../builder/output/output-manifest.ts';
import { releaseOf } from '../../pki/issue/releases.ts';
import type { Store } from '../../pki/store/model.ts';
import { compareClusters, type ClusterState, type NodeChange } from '../review/comparison.ts';
import type { Bundle } from './cluster-access.ts';
import type { Wanted } from './plan.ts';

/** By name of the node; a node whose images are no bundle has none. */
export function bundlesIn(manifest: Manifest, outDir: string): ReadonlyMap<string, Bundle> {
  return new Map(
    Object.entries(manifest.nodes).flatMap(([name, { artifacts }]) => {
      const files = artifacts.filter(({ format }) => format === 'update');
      const own = files.find(({ path }) => path.endsWith('.raucb'));
      if (own === undefined) return [];
      const shared = files.filter((file) => file !== own);
      const here = <T extends { readonly path: string }>(file: T): T => ({ ...file, path: join(outDir, file.path) });
      return [[name, { ...here(own), shared: shared.map(here) }] as const];
    }),
  );
}

/** By name of the node. */
export function wantedBy(
  manifest: Manifest,
  store: Store,
  bundles: ReadonlyMap<string, Bundle>,
): ReadonlyMap<string, Wanted> {
  return new Map(
    [...bundles.keys()].flatMap((name) => {
      const record = manifest.nodes[name];
      if (record === undefined) return [];
      return [
        [name, { image: record.id, release: releaseOf(store, name), kubernetes: record.kubernetes ?? null }] as const,
      ];
    }),
  );
}

/** More would hide the rest of the plan. */
const MOST_FILES = 3;

/** What a build changed of each node, in words, by name. @param former the output folder before the build */
export function differencesOf(former: ClusterState, present: ClusterState): ReadonlyMap<string, readonly string[]> {
  const changes = compareClusters(former, present).filter(({ kind }) => kind === 'changed');
  return new Map(changes.map((change) => [change.node, words(change)]));
}

function words({ image, files }: NodeChange): string[] {
  const facts = image.flatMap(({ lines }) => lines.map((line) => line.replace(/^([+-])/, '$1 ')));
  const paths = files.map(({ path }) => `/${path}`);
  const more = paths.length > MOST_FILES ? [`${paths.length - MOST_FILES} more files`] : [];
  return [...facts, ...paths.slice(0, MOST_FILES), ...more];
}

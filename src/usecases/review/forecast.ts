/** Determines which nodes a build would build again, and why. Writes and downloads nothing. */
import { join } from 'node:path';
import { knownDigest } from '../../builder/artifacts/download.ts';
import { findArtifacts, type ArtifactSources } from '../../builder/artifacts/artifacts.ts';
import { isDirectory } from '../../builder/system/cache.ts';
import { sha256 } from '../../builder/system/digest.ts';
import { planNodeBuild, type NodeBuild } from '../../builder/steps/node-build.ts';
import { hasFormats, isIntact, readManifest, type NodeRecord } from '../../builder/output/output-manifest.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import type { Drafts } from '../secrets/draft-trees.ts';
import type { Project } from '../project.ts';

export interface Forecast {
  /** Why the images would be built again; empty if they are current. */
  readonly reasons: readonly string[];
  /** Whether the base layer is in the cache. */
  readonly baseCached: boolean;
  /** Names of the artifacts that the image carries. */
  readonly artifacts: readonly string[];
}

interface BuildPlace {
  readonly outDir: string;
  readonly cacheDir: string;
  /** Seconds since 1970. */
  readonly epoch: number;
  readonly artifacts: ArtifactSources;
}

const UNKNOWN_DIGESTS = 'the digests of the Kubernetes programs have to be downloaded first';
const CLOSED_STORE = 'the secrets store cannot be opened here, so it is unknown whether its files change';

/** By name of the node. */
export async function forecast(
  { cluster, plan }: Project,
  drafts: Drafts,
  place: BuildPlace,
): Promise<ReadonlyMap<string, Forecast>> {
  const manifest = await readManifest(place.outDir);
  const known = await findArtifacts(cluster, place.artifacts, ({ upstream }) => knownDigest(upstream, place.cacheDir));
  const entries = plan.nodes.flatMap((image) => {
    const tree = drafts.get(image.node);
    return tree === undefined ? [] : [{ image, tree }];
  });
  const forecasts = entries.map(async ({ image, tree }) => {
    const build = await planNodeBuild(cluster, image, { tree, artifacts: known?.get(image.node) ?? [] }, place.epoch);
    const record = manifest?.nodes[image.node];
    const unknown = known === null && record !== undefined;
    const reasons = unknown ? [UNKNOWN_DIGESTS] : await rebuildReasons(build, record, place.outDir);
    const baseCached = await isDirectory(join(place.cacheDir, 'base', build.baseKey));
    return [image.node, { reasons, baseCached, artifacts: build.artifacts.map(({ name }) => name) }] as const;
  });
  return new Map(await Promise.all(forecasts));
}

async function rebuildReasons(
  build: NodeBuild<DraftTree>,
  record: NodeRecord | undefined,
  outDir: string,
): Promise<string[]> {
  if (record === undefined) return ['it has not been built yet'];
  if (record.id === build.id && hasFormats(record, build.formats)) {
    return (await isIntact(outDir, record)) ? [] : ['its images are missing or were changed after the build'];
  }
  const reasons = [
    ...(record.base === build.baseKey ? [] : ['its base layer changes']),
    ...(record.artifactLayer === build.artifactKey ? [] : ['its artifacts change']),
    ...fileReasons(build, record),
    ...(hasFormats(record, build.formats) ? [] : ['its formats change']),
  ];
  return reasons.length > 0 ? reasons : ['its boot loader, kernel arguments or epoch change'];
}

/** With a closed store, the inventory has placeholders and cannot be compared. */
function fileReasons({ tree, inventory }: NodeBuild<DraftTree>, record: NodeRecord): string[] {
  const isClosed = tree.some((entry) => entry.type === 'pending' && entry.reason === 'cannot-be-opened-here');
  if (isClosed) return [CLOSED_STORE];
  return record.inventory === sha256(inventory) ? [] : ['its files change'];
}

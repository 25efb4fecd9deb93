/**
 * Moves finished files into the output folder: they are made in a staging folder on the same file system and renamed, images
 * first, the manifest last. After an interruption the former output is still there, or the next build sees that it is
 * unfinished. Removes the files of nodes that the cluster no longer has, and nothing else.
 */
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import {
  formatManifest,
  formatSums,
  MANIFEST_FILE,
  PLAN_FILE,
  readManifest,
  SUMS_FILE,
  type Manifest,
} from './output-manifest.ts';

const STAGING_PREFIX = '.staging-';

/** A new staging folder; removes those of builds that died. The caller holds the folder's lock. */
export async function openStaging(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(STAGING_PREFIX));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  return mkdtemp(join(folder, STAGING_PREFIX));
}

interface Publication {
  readonly folder: string;
  readonly staging: string;
  /** Paths below `staging` that replace the same paths below `folder`. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
  readonly planJson: string;
}

/** Renames everything into place and writes `plan.json`, `SHA256SUMS` and, last, `manifest.json`. */
export async function publish({ folder, staging, paths, manifest, planJson }: Publication): Promise<void> {
  const former = await readManifest(folder);
  // Nodes may share a file.
  for (const path of new Set(paths))
    await replace(join(staging, path), join(folder, path), join(staging, '.replaced', path));
  for (const path of orphans(former, manifest)) await remove(folder, path);
  const texts = [
    [PLAN_FILE, planJson],
    [SUMS_FILE, formatSums(manifest)],
    [MANIFEST_FILE, formatManifest(manifest)],
  ] as const;
  for (const [name, text] of texts) {
    await writeFile(join(staging, name), text);
    await rename(join(staging, name), join(folder, name));
  }
}

/** Also the folder that a file stood in, if nothing is left there. */
async function remove(folder: string, path: string): Promise<void> {
  await rm(inside(folder, path), { recursive: true, force: true });
  if (dirname(path) !== '.') await rmdir(inside(folder, dirname(path))).catch(() => undefined);
}

/** A folder cannot be renamed over a folder that is not empty, so the former one is moved away first. */
async function replace(from: string, to: string, aside: string): Promise<void> {
  for (const path of [aside, to]) await mkdir(dirname(path), { recursive: true });
  await rename(to, aside).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(from, to);
}

/** The files that only the former manifest names. */
function orphans(former: Manifest | null, manifest: Manifest): string[] {
  const now = new Set(Object.values(manifest.nodes).flatMap((node) => node.artifacts.map(({ path }) => path)));
  return Object.entries(former?.nodes ?? {}).flatMap(([name, record]) => [
    ...record.artifacts.map(({ path }) => path).filter((path) => !now.has(path)),
    ...(name in manifest.nodes ? [] : [name]),
  ]);
}

/** Anyone can edit a manifest, so this makes sure that nothing outside of its folder is removed. */
function inside(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (!target.startsWith(resolve(folder) + sep)) throw new Error(`\`${path}\` leads out of \`${folder}\``);
  return target;
}

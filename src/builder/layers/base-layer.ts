/**
 * Builds a base layer: the Debian root file system of one set of packages as squashfs, and beside it the boot kit (kernel,
 * initial RAM disk, boot loaders) and two tables (packages, directory modes). Built once and kept in the cache under the
 * digest of all its inputs. Needs no loop device and no Docker; it needs root only on machines without user namespaces.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { borrowArchives, returnArchives } from './archives.ts';
import { cached } from '../system/cache.ts';
import { digestOf, sha256, uuidFrom } from '../system/digest.ts';
import type { StepContext } from '../step-context.ts';
import { squash } from './mksquashfs.ts';
import { run } from '../system/run.ts';

export interface BaseRecipe {
  readonly suite: string;
  /** Sorted, without duplicates. */
  readonly packages: readonly string[];
  /** Debian's components, for sources that name none. */
  readonly components: readonly string[];
  /** sources.list(5) lines or URLs; when empty, mmdebstrap uses its default. */
  readonly mirrors: readonly string[];
  /** zstd, 1 to 22. */
  readonly compressionLevel: number;
  /** Seconds since 1970. */
  readonly epoch: number;
}

export interface BaseLayer {
  /** Digest of the recipe; the same recipe gives the same layer. */
  readonly key: string;
  /** UUID of the media of this base layer, in `/.disk/coldstart`. */
  readonly id: string;
  readonly folder: string;
  readonly squashfs: string;
}

const HOOKS = new URL('../../../scripts/base-layer/', import.meta.url);
const HOOK_FILES = ['essential.sh', 'customize.sh', 'early.cfg', 'medium.sh', 'try.sh'];

/** Leaves out documentation and translations, which nodes do not need. Licences require the copyright files. */
const LEFT_OUT = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** The cache key of a recipe; a caller can look for it in the cache without building. */
export async function baseKey(recipe: BaseRecipe): Promise<string> {
  const hooks = await Promise.all(HOOK_FILES.map(async (name) => [name, sha256(await readFile(new URL(name, HOOKS)))]));
  return digestOf({ recipe, hooks, leftOut: LEFT_OUT });
}

/** The base layer of a recipe: from the cache, or built, which takes about two minutes and 2 GiB of disk space. */
export async function buildBaseLayer(recipe: BaseRecipe, step: StepContext): Promise<BaseLayer> {
  const key = await baseKey(recipe);
  const id = uuidFrom(key);
  const folder = await cached(step, 'base', key, (staging) => bootstrap(recipe, id, staging, step));
  return { key, id, folder, squashfs: join(folder, 'base.squashfs') };
}

async function bootstrap(recipe: BaseRecipe, id: string, folder: string, step: StepContext): Promise<void> {
  const archives = join(folder, 'archives');
  const shared = join(step.cacheDir, 'archives');
  await borrowArchives(shared, archives);
  const kit = join(folder, 'boot');
  await mkdir(kit);
  const tar = new PassThrough({ highWaterMark: 1 << 20 });
  const environment = { SOURCE_DATE_EPOCH: String(recipe.epoch), COLDSTART_BASE_ID: id, INITRD: 'No' };
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, ...(step.signal === undefined ? [] : [step.signal])]);
  const either = <T>(side: Promise<T>): Promise<T> =>
    side.catch((error: unknown) => {
      abort.abort(error); // the side that fails first aborts the other, and its error is reported
      throw error;
    });
  await Promise.all([
    either(
      run({
        command: 'mmdebstrap',
        args: mmdebstrapArgs(recipe, kit, archives),
        reason: 'build the base layer',
        stdout: tar,
        env: environment,
        cwd: folder,
        signal,
        onLine: step.report,
      }),
    ),
    either(
      squash(tar, {
        output: join(folder, 'base.squashfs'),
        ...{ compressionLevel: recipe.compressionLevel, epoch: recipe.epoch },
        reason: 'compress the base layer',
        signal,
      }),
    ),
  ]);
  await returnArchives(archives, shared);
}

function mmdebstrapArgs(recipe: BaseRecipe, kit: string, archives: string): string[] {
  return [
    '--variant=apt',
    '--format=tar',
    `--components=${recipe.components.join(',')}`,
    `--include=${recipe.packages.join(',')}`,
    ...LEFT_OUT.map((option) => `--dpkgopt=${option}`),
    // Keep downloaded packages for the next base layer: mmdebstrap(1), "apt cache".
    '--skip=download/empty',
    '--skip=essential/unlink',
    '--setup-hook=mkdir -p "$1/var/cache/apt/archives"',
    `--setup-hook=sync-in ${quoted(archives)} /var/cache/apt/archives`,
    `--essential-hook=${quoted(hook('essential.sh'))} "$1"`,
    `--customize-hook=${quoted(hook('customize.sh'))} "$1"`,
    `--customize-hook=sync-out /boot-kit ${quoted(kit)}`,
    `--customize-hook=sync-out /var/cache/apt/archives ${quoted(archives)}`,
    '--customize-hook=rm -rf "$1/boot-kit"',
    recipe.suite,
    '-',
    ...recipe.mirrors,
  ];
}

function hook(name: string): string {
  return fileURLToPath(new URL(name, HOOKS));
}

/** Quoted, because mmdebstrap splits its `sync-in` and `sync-out` hooks into words as a shell does. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

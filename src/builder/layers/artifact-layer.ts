/**
 * Packs the artifacts of a node into a separate squashfs, which live-boot stacks between base layer and node layer. So a new
 * version of Kubernetes needs no new base layer, and workers do not carry the masters' programs. Kept in the cache.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { rm, stat } from 'node:fs/promises';
import { PassThrough, Transform, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as openPack, type Pack } from 'tar-stream';
import { download, wrongDigest } from '../artifacts/download.ts';
import type { LayerFile } from '../artifacts/layer-file.ts';
import { unpackMember } from '../artifacts/unpack.ts';
import { cached } from '../system/cache.ts';
import type { StepContext } from '../step-context.ts';
import { digestOf } from '../system/digest.ts';
import { squash } from './mksquashfs.ts';

export interface ArtifactLayer {
  readonly key: string;
  readonly squashfs: string;
}

export interface ArtifactRecipe {
  readonly files: readonly LayerFile[];
  /** zstd, 1 to 22. */
  readonly compressionLevel: number;
  /** Seconds since 1970. */
  readonly epoch: number;
}

/** The cache key of a layer: equal for nodes with equal files, from whatever source. Null when there are no files. */
export function artifactKey({ files, compressionLevel, epoch }: ArtifactRecipe): string | null {
  const content = files.map(({ path, mode, sha256, member }) => ({ path, mode, sha256, member }));
  return files.length === 0 ? null : digestOf({ recipe: 1, content, compressionLevel, epoch });
}

/** The layer: from the cache, or packed after downloading the missing files. */
export async function buildArtifactLayer(
  recipe: ArtifactRecipe,
  key: string,
  step: StepContext,
): Promise<ArtifactLayer> {
  const name = 'artifacts.squashfs';
  const folder = await cached(step, 'artifact-layer', key, async (staging) => {
    const unpacked = join(staging, 'unpacked');
    await packLayer(recipe, { output: join(staging, name), unpacked }, step);
    await rm(unpacked, { recursive: true, force: true });
  });
  return { key, squashfs: join(folder, name) };
}

interface Places {
  /** The squashfs. */
  readonly output: string;
  /** A folder for files from archives. */
  readonly unpacked: string;
}

async function packLayer(
  { files, compressionLevel, epoch }: ArtifactRecipe,
  { output, unpacked }: Places,
  step: StepContext,
) {
  const ready: ReadyFile[] = [];
  for (const file of files) {
    const { name, sha256, source, member } = file;
    const from = 'file' in source ? source.file : await download({ name, url: source.url }, sha256, step);
    ready.push(
      member === undefined
        ? { ...file, from }
        : { ...file, ...(await unpackMember({ ...file, from }, member, unpacked)) },
    );
  }
  step.report(`packing ${[...new Set(files.map(({ name }) => name))].join(', ')}`);
  const tar = packTar(ready, epoch);
  let cause: unknown;
  tar.once('error', (error) => (cause = error)); // mksquashfs would only report that its input ends early
  const options = { output, compressionLevel, epoch, reason: 'pack the artifact layer', signal: step.signal };
  await squash(tar, options).catch((error: unknown) => {
    throw cause ?? error;
  });
}

type ReadyFile = LayerFile & { readonly from: string };

function packTar(files: readonly ReadyFile[], epoch: number): Readable {
  const pack = openPack();
  const output = new PassThrough({ highWaterMark: 1 << 20 });
  const fail = (error: unknown): void => void output.destroy(error instanceof Error ? error : new Error(String(error)));
  pack.on('error', fail);
  pack.pipe(output as never); // streamx pipes into Node's streams as well
  void writeEntries(pack, files, new Date(epoch * 1000)).catch(fail);
  return output;
}

/** Folders belong to root and have mode 0755, as in the base layer. */
async function writeEntries(pack: Pack, files: readonly ReadyFile[], mtime: Date): Promise<void> {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const folders = new Set(sorted.flatMap(({ path }) => parents(path)));
  const owner = { uid: 0, gid: 0, mtime };
  for (const name of [...folders].sort()) pack.entry({ ...owner, name, mode: 0o755, type: 'directory' });
  for (const file of sorted) {
    const { size } = await stat(file.from);
    const sink = pack.entry({ ...owner, name: file.path, mode: file.mode, type: 'file', size });
    await pipeline(createReadStream(file.from, { highWaterMark: 1 << 20 }), checked(file), sink as unknown as Writable);
  }
  pack.finalize();
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Checks the digest again, because a local file may have changed since. */
function checked({ name, from, sha256 }: ReadyFile): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = hash.digest('hex');
      done(found === sha256 ? null : wrongDigest(name, from, sha256, found));
    },
  });
}

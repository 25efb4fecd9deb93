/**
 * The files that update bundles name by their digests instead of holding them: layers, kernel and initial RAM disk are hundreds of
 * megabytes, and all nodes share them. A build puts them beside the bundles, once, under their digests.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_LAYER_FILE, BASE_LAYER_FILE } from '../images/iso-template.ts';
import type { ArtifactLayer } from '../layers/artifact-layer.ts';
import type { BaseLayer } from '../layers/base-layer.ts';
import { isIntact, type ImageFile, type Manifest } from '../output/output-manifest.ts';
import { cloneFile } from '../system/clone-file.ts';
import { keptDigest } from '../system/kept-digest.ts';
import { INITRD_FILE, KERNEL_FILE, type SharedFile } from './slot.ts';

interface SourceFile extends SharedFile {
  /** On this machine. */
  readonly source: string;
}

/** In the order of the bundle's table. */
export async function sharedFiles(base: BaseLayer, artifacts: ArtifactLayer | null): Promise<readonly SourceFile[]> {
  const files = [
    [KERNEL_FILE, join(base.folder, 'boot/vmlinuz')],
    [INITRD_FILE, join(base.folder, 'boot/initrd.img')],
    [BASE_LAYER_FILE, base.squashfs],
    ...(artifacts === null ? [] : [[ARTIFACT_LAYER_FILE, artifacts.squashfs] as const]),
  ] as const;
  return Promise.all(
    files.map(async ([path, source]) => {
      return { path, source, size: (await stat(source)).size, sha256: await keptDigest(source) };
    }),
  );
}

/** The folder beside the bundles. */
const FOLDER = 'files';

interface Place {
  readonly staging: string;
  readonly outDir: string;
  /** Of the output folder; null if there is none. */
  readonly former: Manifest | null;
  /** Paths of files that the output folder has already. */
  readonly kept: Set<string>;
}

/** Copies a file to the staging folder, unless the output folder has it. */
export async function offer({ source, size, sha256 }: SourceFile, place: Place): Promise<ImageFile> {
  const file: ImageFile = { path: `${FOLDER}/${sha256}`, format: 'update', size, sha256 };
  const known = Object.values(place.former?.nodes ?? {}).find(({ artifacts }) =>
    artifacts.some(({ path }) => path === file.path),
  );
  if (known !== undefined && (await isIntact(place.outDir, { ...known, artifacts: [file] }))) {
    place.kept.add(file.path);
    return file;
  }
  await mkdir(join(place.staging, FOLDER), { recursive: true });
  await cloneFile(source, join(place.staging, file.path));
  return file;
}

/**
 * What an output folder holds, as data: `manifest.json` is written last and in full, so what it names is there. It carries
 * no time and no path of the build machine, as it belongs to the reproducible output.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageFormat } from '../../config/formats.ts';

export const MANIFEST_FILE = 'manifest.json';
export const SUMS_FILE = 'SHA256SUMS';

export interface ImageFile {
  /** Relative to the cluster's output folder. */
  readonly path: string;
  readonly format: ImageFormat;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface NodeRecord {
  /** Digest of all that went into the node's images; while it stays, they do. */
  readonly id: string;
  readonly bootRole: string;
  /** SHA-256 of the node's inventory. */
  readonly inventory: string;
  /** Key of the base layer. */
  readonly base: string;
  /** Key of the artifact layer; null where the images carry none. */
  readonly artifactLayer: string | null;
  readonly artifacts: readonly ImageFile[];
}

export interface Manifest {
  readonly schema: 2;
  readonly cluster: string;
  /** Seconds since 1970, the time that the images' files carry. */
  readonly epoch: number;
  /** SHA-256 of each base layer's squashfs, by key. */
  readonly bases: Readonly<Record<string, string>>;
  /** SHA-256 of each artifact layer's squashfs, by key. */
  readonly artifactLayers: Readonly<Record<string, string>>;
  /** By name. */
  readonly nodes: Readonly<Record<string, NodeRecord>>;
}

/** The manifest of an output folder, or null where there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const manifest = JSON.parse(text) as Manifest;
    return manifest.schema === 2 ? manifest : null;
  } catch {
    return null;
  }
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** In the format of sha256sum(1), sorted by path. */
export function formatSums(manifest: Manifest): string {
  const artifacts = Object.values(manifest.nodes).flatMap((node) => node.artifacts);
  const lines = artifacts.map(({ sha256, path }) => `${sha256}  ${path}\n`);
  return lines.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join('');
}

/**
 * Whether a node's artifacts are still as the manifest says, judged by what costs nothing: they are there, have their
 * sizes, and none was written after the manifest. `coldstart verify` reads them.
 */
export async function isIntact(folder: string, record: NodeRecord): Promise<boolean> {
  const written = await stat(join(folder, MANIFEST_FILE)).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  const checks = record.artifacts.map(({ path, size }) =>
    stat(join(folder, path)).then(
      (found) => found.size === size && found.mtimeMs <= written,
      () => false,
    ),
  );
  return (await Promise.all(checks)).every(Boolean);
}

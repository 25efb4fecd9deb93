/**
 * The contents of an output folder as data. `manifest.json` is written last, so all files that it names exist. It contains no
 * time and no path of the build machine, because it is part of the reproducible output.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageFormat } from '../../config/formats.ts';

export const MANIFEST_FILE = 'manifest.json';
export const PLAN_FILE = 'plan.json';
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
  /** Digest of all inputs of the node's image, whatever its format. It is on the kernel's command line, as `coldstart.image`. */
  readonly id: string;
  readonly bootRole: string;
  /** The version of Kubernetes; null on a node that is only for storage; absent in outputs of an earlier version of coldstart. */
  readonly kubernetes?: string | null;
  /** SHA-256 of the node's inventory. */
  readonly inventory: string;
  /** Key of the base layer. */
  readonly base: string;
  /** Key of the artifact layer; null if the images carry none. */
  readonly artifactLayer: string | null;
  /** Digest of the certificate that signed the update bundle; absent without one. */
  readonly signer?: string;
  readonly artifacts: readonly ImageFile[];
}

export interface Manifest {
  readonly schema: 2;
  readonly cluster: string;
  /** Modification time of the files in the images, seconds since 1970. */
  readonly epoch: number;
  /** SHA-256 of each base layer's squashfs, by key. */
  readonly bases: Readonly<Record<string, string>>;
  /** SHA-256 of each artifact layer's squashfs, by key. */
  readonly artifactLayers: Readonly<Record<string, string>>;
  /** By name. */
  readonly nodes: Readonly<Record<string, NodeRecord>>;
}

/** The manifest of an output folder, or null when there is none or it cannot be read. */
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
  // Nodes may share a file.
  const lines = [...new Set(artifacts.map(({ sha256, path }) => `${sha256}  ${path}\n`))];
  return lines.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join('');
}

/** Whether a node's artifacts have these formats and no others. */
export function hasFormats({ artifacts }: NodeRecord, formats: readonly ImageFormat[]): boolean {
  const built = new Set(artifacts.map(({ format }) => format));
  return built.size === formats.length && formats.every((format) => built.has(format));
}

/**
 * Whether a node's artifacts still match the manifest, by cheap checks: they exist, have their sizes, and none was written
 * after the manifest. `coldstart verify` reads their content.
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

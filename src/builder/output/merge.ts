/**
 * Joins the output folders of shards into one, with the bytes that one build of all nodes would have written. The parts are
 * only read.
 */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { canonicalJson, sha256 } from '../system/digest.ts';
import { BuildError, verificationError } from '../system/errors.ts';
import { holdingOutput } from '../system/mutex.ts';
import { TreeCopier } from './copy-tree.ts';
import { KUBECONFIG_FILE, publishKubeconfig } from './operator-kubeconfig.ts';
import { isIntact, PLAN_FILE, readManifest, type Manifest, type NodeRecord } from './output-manifest.ts';
import { openStaging, publish } from './publish.ts';
import { INVENTORY_FILE } from './write-tree.ts';

/** The output folder of a shard. */
interface Part {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly planJson: string;
  /** Null where it was left out, as it is a secret. */
  readonly kubeconfig: Uint8Array | null;
}

/** @throws BuildError exit 7 when the folder has no finished build */
export async function readPart(folder: string): Promise<Part> {
  const readOr = (name: string): Promise<Buffer | null> => readFile(join(folder, name)).catch(() => null);
  const [manifest, plan] = [await readManifest(folder), await readOr(PLAN_FILE)];
  if (manifest === null || plan === null) {
    const hint = 'name the folders that `coldstart build --shard` has written';
    throw verificationError(`\`${folder}\` contains no finished build.`, hint);
  }
  return { folder, manifest, planJson: plan.toString(), kubeconfig: await readOr(KUBECONFIG_FILE) };
}

type Parts = readonly [Part, ...Part[]];

/**
 * The manifest of all parts together. Pure.
 * @throws BuildError exit 2 when a node is in no part, or when the parts are not of one definition, cache and store
 */
export function mergeManifests(parts: Parts): Manifest {
  const [first] = parts;
  const { schema, cluster, epoch } = first.manifest;
  requireSame(parts, 'another cluster', ({ manifest }) => manifest.cluster);
  requireSame(parts, 'another SOURCE_DATE_EPOCH', ({ manifest }) => manifest.epoch);
  requireSame(parts, 'another plan', ({ planJson }) => planJson);
  const withAccess = parts.filter(({ kubeconfig }) => kubeconfig !== null);
  requireSame(withAccess, 'other keys', ({ kubeconfig }) => sha256(kubeconfig ?? ''));
  const bases = union(parts, 'another base layer', (part) => part.bases);
  const artifactLayers = union(parts, 'another artifact layer', (part) => part.artifactLayers);
  const nodes = union(
    parts,
    (node) => `another image of \`${node}\``,
    (part) => part.nodes,
  );
  requireAll(first.planJson, nodes);
  return { schema, cluster, epoch, bases, artifactLayers, nodes };
}

function requireSame(parts: readonly Part[], difference: string, of: (part: Part) => unknown): void {
  const [first] = parts;
  const other = parts.find((part) => first !== undefined && of(part) !== of(first));
  if (first !== undefined && other !== undefined) throw unlike(first, other, difference);
}

function unlike(first: Part, other: Part, difference: string): BuildError {
  return new BuildError(`\`${other.folder}\` has ${difference} than \`${first.folder}\`.`, {
    exitCode: 2,
    hint: 'build all shards of the same commit, with the same secrets store and lock, and in empty folders',
  });
}

function union<T>(
  parts: Parts,
  difference: string | ((key: string) => string),
  of: (manifest: Manifest) => Readonly<Record<string, T>>,
): Record<string, T> {
  const all = new Map<string, { readonly value: T; readonly part: Part }>();
  for (const part of parts) {
    for (const [key, value] of Object.entries(of(part.manifest))) {
      const known = all.get(key) ?? { value, part };
      if (canonicalJson(known.value) !== canonicalJson(value))
        throw unlike(known.part, part, typeof difference === 'string' ? difference : difference(key));
      all.set(key, known);
    }
  }
  const entries = [...all].map(([key, { value }]) => [key, value] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const MOST_NAMED = 5;

function requireAll(planJson: string, nodes: Readonly<Record<string, NodeRecord>>): void {
  const plan = JSON.parse(planJson) as { readonly nodes: readonly { readonly node: string }[] };
  const missing = plan.nodes.filter(({ node }) => !(node in nodes)).map(({ node }) => `\`${node}\``);
  if (missing.length === 0) return;
  const more = missing.length > MOST_NAMED ? [`${String(missing.length - MOST_NAMED)} more`] : [];
  throw new BuildError(`No folder has the images of ${[...missing.slice(0, MOST_NAMED), ...more].join(', ')}.`, {
    ...{ exitCode: 2, hint: 'name the output folders of all shards' },
  });
}

/** Compares the folders, as one may have several paths. */
async function requireApart(parts: Parts, target: string): Promise<void> {
  const { dev, ino } = await stat(target);
  for (const { folder } of parts) {
    const part = await stat(folder);
    if (part.dev !== dev || part.ino !== ino) continue;
    throw new BuildError(`\`${folder}\` is a part, and parts are only read.`, {
      ...{ exitCode: 2, hint: 'name another folder with `--out`' },
    });
  }
}

/** Copying is limited by the disk. */
const COPIES = 4;

/**
 * Writes the parts to `target`, as a build would: staged, renamed, the manifest last. Nodes that are current there stay.
 * @returns the names of the nodes that were copied
 * @throws BuildError exit 2 when `target` is a part, 7 when a part lacks a file of its manifest, 6 when a build is writing `target`;
 * the signal's reason
 */
export async function writeMerged(
  parts: Parts,
  manifest: Manifest,
  target: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await mkdir(target, { recursive: true });
  await requireApart(parts, target);
  return holdingOutput(target, async () => {
    const copies = await copiesFor(parts, manifest, target);
    const begun = new Set<string>();
    for (const copy of copies) await requireWhole(copy);
    const staging = await openStaging(target);
    try {
      const copier = new TreeCopier();
      const copying = pMap(copies, (copy) => copyNode(copy, staging, copier, begun, signal), {
        concurrency: COPIES,
        stopOnError: false,
      });
      await copying.catch((error: unknown) => {
        throw error instanceof AggregateError ? error.errors[0] : error; // once no copy writes to the staging folder any more
      });
      const kubeconfig = parts.find((part) => part.kubeconfig !== null)?.kubeconfig ?? null;
      await publishKubeconfig(target, staging, kubeconfig);
      await publish({ folder: target, staging, paths: copies.flatMap(pathsOf), manifest, planJson: parts[0].planJson });
      return copies.map(({ name }) => name);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}

/** The files of one node. */
interface Copy {
  readonly name: string;
  readonly record: NodeRecord;
  /** The folder of the part that has them. */
  readonly from: string;
}

/** The copies for the nodes that are not current in the target. */
async function copiesFor(parts: Parts, manifest: Manifest, target: string): Promise<readonly Copy[]> {
  const former = await readManifest(target);
  const copies = Object.entries(manifest.nodes).map(async ([name, record]): Promise<Copy[]> => {
    const isSame = canonicalJson(former?.nodes[name] ?? null) === canonicalJson(record);
    if (isSame && (await isIntact(target, record))) return [];
    const from = parts.find((part) => name in part.manifest.nodes)?.folder;
    if (from === undefined) throw new Error(`${name} is in no part`);
    return [{ name, record, from }];
  });
  return (await Promise.all(copies)).flat();
}

function pathsOf({ name, record }: Copy): string[] {
  return [name, ...record.artifacts.map(({ path }) => path)];
}

/** Checks what can be checked without reading the images; `verify` reads them. */
async function requireWhole({ name, record, from }: Copy): Promise<void> {
  const inventory = join(from, name, INVENTORY_FILE);
  const text = await readFile(inventory, 'utf8').catch(() => '');
  if (sha256(text) !== record.inventory) throw incomplete(inventory);
  for (const { path, size } of record.artifacts) {
    const found = await stat(join(from, path)).catch(() => null);
    if (found?.size !== size) throw incomplete(join(from, path));
  }
}

function incomplete(path: string): BuildError {
  return verificationError(`\`${path}\` is missing or not as its manifest says.`, 'copy the whole folder of the shard');
}

/** @param begun paths that are copied already: nodes may share a file */
async function copyNode(
  copy: Copy,
  staging: string,
  copier: TreeCopier,
  begun: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const path of pathsOf(copy).filter((one) => !begun.has(one))) {
    signal.throwIfAborted();
    begun.add(path);
    await copier.copy(join(copy.from, path), join(staging, path));
  }
}

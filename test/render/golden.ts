/**
 * Compares the trees of a cluster with the ones stored in `golden/<case>/expected/`: first the list of files, then
 * their contents. `npm run golden` stores them anew. The inventory lists verbatim overlays by their source; they are
 * not stored, because they are their own golden copies. Secrets of the definition are stored as digests. Values of the
 * store are placeholders, because nothing is issued; files that consist only of such a value are not stored.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Cluster } from '../../src/config/cluster.ts';
import { formatLine, inventory } from '../../src/render/tree/inventory.ts';
import { draftNode } from '../../src/render/plan/plan.ts';
import { redactTree } from '../../src/render/tree/redact.ts';
import type { Sources } from '../../src/render/plan/sources.ts';
import type { DraftTree } from '../../src/render/tree/tree.ts';

type Files = ReadonlyMap<string, string>;

/** Stored files by path below `expected/`: `<node>/inventory.txt`, `<node>/tree/…`, and `every-node/tree/…`. */
function goldenFiles(cluster: Cluster, sources: Sources, only: RegExp): Files {
  const trees = cluster.nodes.map((node) => {
    const tree = draftNode(cluster, node, sources).filter(({ path }) => only.test(path));
    return [node.name, tree] as const;
  });
  const files = trees.flatMap(([name, tree]) => [
    [`${name}/inventory.txt`, inventoryOf(tree)] as const,
    ...tree.flatMap((entry) => {
      const content = storedContent(entry);
      if (content === null) return [];
      const everywhere = trees.length > 1 && trees.every(([, other]) => other.includes(entry));
      return [[`${everywhere ? 'every-node' : name}/tree/${entry.path}`, new TextDecoder().decode(content)] as const];
    }),
  ]);
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function storedContent(entry: DraftTree[number]): Uint8Array | null {
  if (entry.type === 'pending') return entry.draft;
  const [shown] = redactTree([entry]);
  return shown?.type === 'file' && entry.origin.kind !== 'overlay' ? shown.content : null;
}

function inventoryOf(tree: DraftTree): string {
  const line = (entry: DraftTree[number]): string => {
    if (entry.type === 'pending') return inventory([entry]);
    const isVerbatim = entry.type === 'file' && entry.origin.kind === 'overlay';
    return isVerbatim ? `${formatLine({ ...entry, digest: entry.origin.source })}\n` : inventory(redactTree([entry]));
  };
  return tree.map(line).join('');
}

/** @param only the paths that the case is about; all by default */
export function expectGolden(name: string, cluster: Cluster, sources: Sources, only = /^/): void {
  const folder = join(import.meta.dirname, 'golden', name, 'expected');
  const files = goldenFiles(cluster, sources, only);
  if (isUpdating()) store(folder, files);
  const stored = readFolder(folder);
  expect([...files.keys()]).toEqual([...stored.keys()]);
  for (const [path, text] of files) expect(text, path).toBe(stored.get(path));
}

// Vitest tells whether it was called with `-u` in the state of its snapshots alone.
function isUpdating(): boolean {
  const { snapshotState } = expect.getState() as unknown as { snapshotState: { _updateSnapshot: string } };
  return snapshotState._updateSnapshot === 'all';
}

function store(folder: string, files: Files): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function readFolder(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name))).toSorted();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/**
 * Compares the trees of a cluster with the ones stored in `golden/<case>/expected/`: first which files there are, then
 * what is in them. `npm run golden` stores them anew. Verbatim overlays are listed in the inventory by their source, not
 * stored: they are their own golden copies. Secrets are stored as digests.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Cluster } from '../../src/config/cluster.ts';
import { formatLine, inventory } from '../../src/render/inventory.ts';
import { renderNode } from '../../src/render/plan.ts';
import { redactTree } from '../../src/render/redact.ts';
import type { Sources } from '../../src/render/sources.ts';
import type { FileTree, TreeEntry } from '../../src/render/tree.ts';

type Files = ReadonlyMap<string, string>;

/** Stored files by path below `expected/`: `<node>/inventory.txt`, `<node>/tree/…`, and `every-node/tree/…`. */
function goldenFiles(cluster: Cluster, sources: Sources, only: RegExp): Files {
  const trees = cluster.nodes.map((node) => {
    const tree = redactTree(renderNode(cluster, node, sources)).filter(({ path }) => only.test(path));
    return [node.name, tree] as const;
  });
  const files = trees.flatMap(([name, tree]) => [
    [`${name}/inventory.txt`, inventoryOf(tree)] as const,
    ...tree.flatMap((entry) => {
      if (entry.type !== 'file' || entry.origin.kind === 'overlay') return [];
      const everywhere = trees.length > 1 && trees.every(([, other]) => other.includes(entry));
      const text = new TextDecoder().decode(entry.content);
      return [[`${everywhere ? 'every-node' : name}/tree/${entry.path}`, text] as const];
    }),
  ]);
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function inventoryOf(tree: FileTree): string {
  const isVerbatim = (entry: TreeEntry): boolean => entry.type === 'file' && entry.origin.kind === 'overlay';
  return tree
    .map((entry) =>
      isVerbatim(entry) ? `${formatLine({ ...entry, digest: entry.origin.source })}\n` : inventory([entry]),
    )
    .join('');
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

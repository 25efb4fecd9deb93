/** Compares a node layer with its inventory: its list, modes, owners and contents. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InventoryLine } from '../../render/tree/inventory.ts';
import type { Extent } from '../images/iso-extents.ts';
import { extractSquashfs, listSquashfs, type ListedEntry } from '../layers/squashfs.ts';
import type { StepContext } from '../step-context.ts';
import { sha256File } from '../system/digest.ts';

/** A layer inside of a file. */
interface Place {
  readonly file: string;
  readonly extent: Extent;
}

/** @returns the differences of the node layer from the inventory */
export async function verifyLayer(
  at: { readonly node: Place; readonly base: Place },
  inventory: readonly InventoryLine[],
  step: StepContext,
): Promise<string[]> {
  const [listed, base] = await Promise.all([
    listSquashfs(at.node.file, at.node.extent, step.signal),
    listSquashfs(at.base.file, at.base.extent, step.signal),
  ]);
  const promised = new Map(inventory.map((line) => [line.path, line]));
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-verify-'));
  try {
    await extractSquashfs(at.node.file, at.node.extent, join(folder, 'layer'), step.signal);
    const missing = inventory.filter(({ path }) => !listed.has(path)).map(({ path }) => `\`${path}\` is missing`);
    const wrong: (string | null)[] = [];
    for (const [path, entry] of listed) {
      const line = promised.get(path);
      if (line === undefined) wrong.push(verifyImplied(path, entry, base.get(path)));
      else wrong.push(await verifyEntry(join(folder, 'layer', path), entry, line));
    }
    return [...missing, ...wrong.filter((message) => message !== null)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A parent directory that is not in the inventory hides the base layer's, so it must have the same mode and owner. */
function verifyImplied(path: string, entry: ListedEntry, base: ListedEntry | undefined): string | null {
  if (entry.type !== 'directory') return `\`${path}\` is not in the inventory`;
  const { mode, uid, gid } = base ?? { mode: 0o755, uid: 0, gid: 0 };
  if (entry.mode === mode && entry.uid === uid && entry.gid === gid) return null;
  return `\`/${path}\` has ${ownership(entry)} instead of ${ownership({ mode, uid, gid })}`;
}

async function verifyEntry(extracted: string, entry: ListedEntry, line: InventoryLine): Promise<string | null> {
  const { path } = line;
  if (entry.type !== line.type) return `\`${path}\` is a ${entry.type} instead of a ${line.type}`;
  if (ownership(entry) !== ownership(line)) return `\`${path}\` has ${ownership(entry)} instead of ${ownership(line)}`;
  if (line.type === 'symlink') return entry.target === line.digest ? null : `\`${path}\` has another target`;
  if (line.type === 'directory') return null;
  return `sha256:${await sha256File(extracted)}` === line.digest ? null : `\`${path}\` has another content`;
}

function ownership({ mode, uid, gid }: Pick<ListedEntry, 'mode' | 'uid' | 'gid'>): string {
  return `mode ${mode.toString(8).padStart(4, '0')} and owner ${String(uid)}:${String(gid)}`;
}

/**
 * Asks a node what an image would change of it. The node compares the image with the slot that it runs, so it does not matter what this
 * machine has built before. Pure.
 */
import * as z from 'zod';
import { formatLine } from '../../render/tree/inventory.ts';
import { UPDATE_CONFIG } from '../../render/views/node/update.ts';
import type { NodeState } from '../review/comparison.ts';

const comparison = z.object({
  /** Whether the node can take all of it without a restart. */
  live: z.boolean(),
  /** Paths of files, and what else differs, in words; not all if they are many. */
  changed: z.array(z.string()),
});

export type Comparison = z.output<typeof comparison>;

/** The image as `describe_slot` of the node describes a slot. Null if its files are not known. @param shared files that nodes share */
export function describeImage(
  { image, snapshot }: NodeState,
  shared: readonly { readonly sha256: string }[],
): string | null {
  if (image === null || snapshot.length === 0) return null;
  return [
    `arguments ${image.kernelArgs.join(' ')}`,
    ...shared.map(({ sha256 }) => `shared ${sha256}`),
    ...snapshot.map(formatLine),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Null for anything else, e.g. from a node whose image does not know the question. */
export function parseComparison(text: string): Comparison | null {
  try {
    return comparison.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** More would hide the rest of the plan. */
const MOST_FILES = 3;

/** What changes, in a few words. Each release has another number. */
export function changedFiles({ changed }: Comparison): string[] {
  const own = changed.filter((one) => one !== UPDATE_CONFIG);
  const more = own.length > MOST_FILES ? [`${own.length - MOST_FILES} more files`] : [];
  return [...own.slice(0, MOST_FILES).map((one) => (one.includes('/') ? `/${one}` : one)), ...more];
}

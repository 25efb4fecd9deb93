/** The examples with a text replaced: what the front end reports about them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';

export const EXAMPLES = join(import.meta.dirname, '../../examples');
const folder = mkdtempSync(join(tmpdir(), 'coldstart-changed-example-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of an example, the text to replace, and the new text. */
export type Change = readonly [file: string, from: string, to: string];

let copies = 0;

/** `CODE PLACE`, and the hint, of each diagnostic about an example with changes. */
export async function found(example: string, changes: readonly Change[]) {
  const copy = join(folder, String(copies++));
  cpSync(join(EXAMPLES, example), copy, { recursive: true });
  for (const [file, from, to] of changes) {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(
      join(copy, file),
      text.replace(from, () => to),
    );
  }
  const { diagnostics } = await loadCluster(copy);
  return diagnostics.map(({ code, at, hint = '' }) => ({ said: `${code} ${at?.path ?? ''}`, hint }));
}

export const QUICK = 'quick-start';
export const CEPH = 'three-masters-ceph';

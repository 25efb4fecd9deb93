/**
 * Makes `coldstart.lock.yaml`: the digests of everything that is downloaded, sorted, so that the same facts give the same
 * text. Reading it is part of the front end (src/config/files/lock-file.ts); comparing base layers with it is here.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, visit } from 'yaml';
import { LOCK_FILE, type Lock, type LockedBase } from '../../config/files/lock-file.ts';
import type { BaseRecipe } from '../layers/base-layer.ts';
import { digestOf, sha256 } from '../system/digest.ts';
import { verificationError } from '../system/errors.ts';

const HEADER =
  ' Written by `coldstart lock`; commit it. Pins what images and nodes download: `build --locked` takes nothing else.';

/** The text of the file. */
export function formatLock(lock: Lock): string {
  const artifacts = lock.artifacts
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, url, sha256: digest, size }) => ({ name, ...(url === null ? {} : { url }), sha256: digest, size }));
  const bases = lock.bases
    .toSorted((a, b) => (a.request < b.request ? -1 : 1))
    .map(({ request, sha256: digest, packages }) => ({ request, sha256: digest, packages }));
  const document = new Document({ version: 1, artifacts, bases });
  document.commentBefore = HEADER;
  visit(document, { Scalar: (key, scalar) => void (key === 'key' || quoteDigests(scalar)) });
  return document.toString({ lineWidth: 0 });
}

/** A digest may consist of digits alone, or read as a number in scientific notation. */
function quoteDigests(scalar: { value: unknown; type?: string | undefined }): void {
  if (typeof scalar.value === 'string' && /^[0-9a-f]{64}$/.test(scalar.value)) scalar.type = 'QUOTE_SINGLE';
}

/** What a base layer is found by in the lock: what was asked for, not where it came from or how it is packed. */
export function baseRequest({ suite, packages }: Pick<BaseRecipe, 'suite' | 'packages'>): string {
  return digestOf({ suite, packages });
}

/** What a base layer that was built consists of. @param folder of the layer */
export async function describeBase(recipe: BaseRecipe, folder: string): Promise<LockedBase> {
  const table = await readFile(join(folder, 'boot/packages.tsv'), 'utf8');
  const rows = table.split('\n').filter((row) => row !== '');
  const packages = rows.map((row) => row.split('\t').join(' ')).sort();
  return { request: baseRequest(recipe), sha256: sha256(table), packages };
}

const MOST_DIFFERENCES = 5;

/** @throws BuildError exit 7 when the layer holds other packages than the lock says */
export async function checkBase(lock: Lock | null, recipe: BaseRecipe, folder: string): Promise<void> {
  const found = await describeBase(recipe, folder);
  const locked = lock?.bases.find(({ request }) => request === found.request);
  if (locked?.sha256 === found.sha256) return;
  const [is, was] = [new Set(found.packages), new Set(locked?.packages ?? [])];
  const differences = [
    ...found.packages.filter((one) => !was.has(one)).map((one) => `  has ${one}`),
    ...[...was].filter((one) => !is.has(one)).map((one) => `  has not ${one}`),
  ];
  const [shown, more] = [differences.slice(0, MOST_DIFFERENCES), differences.length - MOST_DIFFERENCES];
  const lines = [...shown, ...(more > 0 ? [`  and ${String(more)} more`] : [])];
  throw verificationError(
    `A base layer does not consist of the packages that \`${LOCK_FILE}\` names:\n${lines.join('\n')}`,
    'name a mirror that keeps these versions in image.mirrors, as a snapshot of Debian is, or run `coldstart lock`',
  );
}

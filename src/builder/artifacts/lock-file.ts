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
  ' Written by `coldstart lock`; commit it. Pins all downloads of images and nodes: `build --locked` accepts nothing else.';

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

/** Without quotes, YAML reads a digest of digits only, or one like `12e34…`, as a number. */
function quoteDigests(scalar: { value: unknown; type?: string | undefined }): void {
  if (typeof scalar.value === 'string' && /^[0-9a-f]{64}$/.test(scalar.value)) scalar.type = 'QUOTE_SINGLE';
}

/** The lock's key of a base layer: suite and packages, but neither mirrors nor compression. */
export function baseRequest({ suite, packages }: Pick<BaseRecipe, 'suite' | 'packages'>): string {
  return digestOf({ suite, packages });
}

/** The packages of a base layer that was built. @param folder of the layer */
export async function describeBase(recipe: BaseRecipe, folder: string): Promise<LockedBase> {
  const table = await readFile(join(folder, 'boot/packages.tsv'), 'utf8');
  const rows = table.split('\n').filter((row) => row !== '');
  const packages = rows.map((row) => row.split('\t').join(' ')).sort();
  return { request: baseRequest(recipe), sha256: sha256(table), packages };
}

const MOST_DIFFERENCES = 5;

/** @throws BuildError exit 7 when the packages of the layer differ from the lock */
export async function checkBase(lock: Lock | null, recipe: BaseRecipe, folder: string): Promise<void> {
  const found = await describeBase(recipe, folder);
  const locked = lock?.bases.find(({ request }) => request === found.request);
  if (locked?.sha256 === found.sha256) return;
  const [is, was] = [new Set(found.packages), new Set(locked?.packages ?? [])];
  const differences = [
    ...found.packages.filter((one) => !was.has(one)).map((one) => `  has ${one}`),
    ...[...was].filter((one) => !is.has(one)).map((one) => `  lacks ${one}`),
  ];
  const [shown, more] = [differences.slice(0, MOST_DIFFERENCES), differences.length - MOST_DIFFERENCES];
  const lines = [...shown, ...(more > 0 ? [`  and ${String(more)} more`] : [])];
  throw verificationError(
    `The packages of a base layer differ from those in \`${LOCK_FILE}\`:\n${lines.join('\n')}`,
    'set image.mirrors to a mirror that keeps these versions, such as a snapshot of Debian, or run `coldstart lock`',
  );
}

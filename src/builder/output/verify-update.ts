/**
 * Opens an update bundle: its signature, by the certificate that the node's own image holds; the hash tree; the node layer; and the
 * files that it names by their digests.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract as openTar } from 'tar-stream';
import type { InventoryLine } from '../../render/tree/inventory.ts';
import { NODE_LAYER_FILE } from '../images/iso-template.ts';
import { extractSquashfs } from '../layers/squashfs.ts';
import type { StepContext } from '../step-context.ts';
import { sha256File } from '../system/digest.ts';
import { BuildError } from '../system/errors.ts';
import { run } from '../system/run.ts';
import { SLOT_FILE } from '../update/manifest.ts';
import { BLOCK, hashTree } from '../update/verity.ts';
import { verifyLayer } from './verify-layer.ts';

interface Promised {
  /** SHA-256 of the layers below the node layer; null or undefined where there is none, or the manifest lacks it. */
  readonly base: string | undefined;
  readonly artifacts: string | null | undefined;
  /** The folder of the shared files. */
  readonly files: string;
}

const KEYRING = 'etc/rauc/keyring.pem';

/** @returns what is wrong with the bundle */
export async function verifyUpdate(
  bundle: string,
  promised: Promised,
  inventory: readonly InventoryLine[],
  step: StepContext,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-update-'));
  try {
    const parts = await readEnd(bundle);
    if (parts === null) return ['is cut off, or is no update bundle'];
    const claimed = await readSigned(parts.signature, null, folder, step.signal);
    if (claimed === null || !(await hasTree(bundle, parts.end, parse(claimed))))
      return ['does not have the blocks that were signed'];
    const whole = { offset: 0, length: (await stat(bundle)).size };
    await extractSquashfs(bundle, whole, join(folder, 'content'), step.signal);
    const tar = join(folder, 'content', SLOT_FILE);
    const layer = join(folder, 'node.squashfs');
    await takeLayer(tar, layer);
    const extent = { offset: 0, length: (await stat(layer)).size };
    await extractSquashfs(layer, extent, join(folder, 'node'), step.signal);
    const signed = await readSigned(parts.signature, join(folder, 'node', KEYRING), folder, step.signal);
    if (signed === null) return ['is not signed by the authority whose certificate is in the image'];
    const manifest = parse(signed);
    const messages = manifest.get('image.system/sha256') === (await sha256File(tar)) ? [] : ['contains another slot'];
    const digestOf = (key: string): string | undefined => manifest.get(`meta.shared/${key}`)?.split(' ')[0];
    if (digestOf('base-squashfs') !== promised.base) messages.push('names another base layer than the manifest says');
    if ((digestOf('artifacts-squashfs') ?? null) !== promised.artifacts)
      messages.push('names another artifact layer than the manifest says');
    if (messages.length > 0 || promised.base === undefined) return messages;
    const base = join(promised.files, promised.base);
    const at = { file: base, extent: { offset: 0, length: (await stat(base)).size } };
    return await verifyLayer({ node: { file: layer, extent }, base: at }, inventory, step);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last parts of a bundle, and where the signature begins. Null if the length at the end cannot be right. */
async function readEnd(bundle: string): Promise<{ readonly signature: Buffer; readonly end: number } | null> {
  const file = await open(bundle);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, size - 8);
    const length = buffer.readBigUInt64BE();
    if (length === 0n || length > BigInt(size - 8)) return null;
    const end = size - 8 - Number(length);
    return { signature: (await file.read(Buffer.alloc(Number(length)), 0, Number(length), end)).buffer, end };
  } finally {
    await file.close();
  }
}

/** The content of a signature; null if it is not of this keyring. @param keyring null for any certificate: the blocks come before it */
async function readSigned(
  signature: Buffer,
  keyring: string | null,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const file = join(folder, 'signature.der');
  await writeFile(file, signature);
  const trust = keyring === null ? ['-noverify'] : ['-CAfile', keyring, '-purpose', 'any'];
  const args = ['cms', '-verify', '-inform', 'DER', '-in', file, ...trust, '-binary'];
  try {
    return await run({ command: 'openssl', args, reason: 'check the signature of an update', signal });
  } catch (error) {
    if (error instanceof BuildError && error.exitCode === 5) return null;
    throw error;
  }
}

/** By `section/key`. */
function parse(manifest: string): ReadonlyMap<string, string> {
  let section = '';
  const values = new Map<string, string>();
  for (const line of manifest.split('\n')) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) section = name;
    else if (key !== undefined && value !== undefined) values.set(`${section}/${key}`, value);
  }
  return values;
}

async function hasTree(bundle: string, end: number, manifest: ReadonlyMap<string, string>): Promise<boolean> {
  const size = end - Number(manifest.get('bundle/verity-size'));
  if (!(size > 0) || size % BLOCK !== 0) return false;
  const { rootHash, tree } = await hashTree(bundle, size, Buffer.from(manifest.get('bundle/verity-salt') ?? '', 'hex'));
  return rootHash === manifest.get('bundle/verity-hash') && tree.length === end - size;
}

async function takeLayer(tar: string, layer: string): Promise<void> {
  const entries = openTar();
  const reading = pipeline(createReadStream(tar), entries as unknown as Writable);
  for await (const entry of entries) {
    if (entry.header.name === NODE_LAYER_FILE) await pipeline(entry as unknown as Readable, createWriteStream(layer));
    else entry.resume();
  }
  await reading;
}

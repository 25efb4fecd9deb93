/**
 * Makes a node's update bundle: a RAUC bundle in the format `verity`, i.e. a squashfs, the hash tree of its blocks, a CMS signature
 * that holds the manifest, and the length of the signature in eight bytes. `rauc bundle` could make it, too, but not the same bytes
 * again, and older releases of Debian and Ubuntu have an older RAUC or none: docs/decisions/0020-updates-by-rauc.md
 */
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as openPack } from 'tar-stream';
import { squash } from '../layers/mksquashfs.ts';
import { sha256File } from '../system/digest.ts';
import { HOOK_FILE, manifestText, SLOT_FILE, type UpdateIdentity } from './manifest.ts';
import { packSlot, type SlotParts } from './slot.ts';
import { hashTree } from './verity.ts';

/** Signs for the cluster. */
interface UpdateSigner {
  /** Digest of the certificate. */
  readonly id: string;
  /** Returns CMS SignedData with the content in it, DER. The same content gives the same bytes. */
  readonly sign: (content: Uint8Array) => Uint8Array;
}

/** What the bundles of a cluster have in common. */
export interface Updates {
  readonly cluster: string;
  /** The version of Kubernetes. */
  readonly kubernetes: string;
  readonly signer: UpdateSigner;
  readonly releaseOf: (node: string) => number;
}

interface BundleRequest {
  readonly identity: UpdateIdentity;
  readonly slot: SlotParts;
  readonly signer: UpdateSigner;
  /** Seconds since 1970; the time of every file in the bundle. */
  readonly epoch: number;
  readonly signal: AbortSignal | undefined;
}

/** Runs on the node; see there. */
const HOOK = new URL('../../../scripts/update/hook.sh', import.meta.url);

/** Writes the bundle to `output`. */
export async function writeBundle(request: BundleRequest, output: string): Promise<void> {
  const { identity, slot, signer, epoch, signal } = request;
  const folder = await mkdtemp(join(dirname(output), 'bundle-'));
  try {
    const tar = join(folder, SLOT_FILE);
    await packSlot(slot, tar, epoch);
    const { size } = await stat(tar);
    const digest = await sha256File(tar);
    const parts = { identity, slot: { size, sha256: digest }, shared: slot.shared };
    const content = packContent(manifestText({ ...parts, verity: null }), tar, size, epoch);
    const options = { compressionLevel: 1, epoch, processors: 1, reason: 'pack the update', signal };
    await squash(content, { ...options, output });
    // The salt has to differ between bundles, and to be the same for the same bundle.
    const salt = await sha256File(output);
    const { size: length } = await stat(output);
    const { rootHash, tree } = await hashTree(output, length, Buffer.from(salt, 'hex'));
    const signature = signer.sign(
      Buffer.from(manifestText({ ...parts, verity: { rootHash, salt, size: tree.length } })),
    );
    const end = Buffer.alloc(8);
    end.writeBigUInt64BE(BigInt(signature.length));
    await appendFile(output, Buffer.concat([tree, signature, end]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function packContent(manifest: string, tar: string, size: number, epoch: number): Readable {
  const pack = openPack();
  const output = new PassThrough();
  pack.on('error', (error) => output.destroy(error));
  pack.pipe(output as never); // streamx pipes into Node's streams as well
  const mtime = new Date(epoch * 1000);
  const fill = async (): Promise<void> => {
    pack.entry({ name: HOOK_FILE, mode: 0o755, mtime }, await readFile(HOOK));
    pack.entry({ name: 'manifest.raucm', mode: 0o644, mtime }, manifest);
    const entry = pack.entry({ name: SLOT_FILE, mode: 0o600, mtime, size });
    await pipeline(createReadStream(tar, { highWaterMark: 1 << 20 }), entry as unknown as Writable);
    pack.finalize();
  };
  fill().catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return output;
}

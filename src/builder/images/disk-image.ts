/**
 * Disk images of virtual machines. The hybrid ISO is a bootable disk as well (MBR, GPT, an EFI system partition). So `raw` has
 * the same bytes as the ISO, and `qcow2` wraps them for QEMU.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageFormat } from '../../config/formats.ts';
import { run } from '../system/run.ts';

/** Wraps a raw image as qcow2, the same bytes each time (qemu-img(1), `convert`). */
export async function wrapQcow2(raw: string, output: string, signal: AbortSignal | undefined): Promise<void> {
  await convert(['-f', 'raw', '-O', 'qcow2', raw, output], 'make the qcow2 image', signal);
}

/** Calls `use` with the path of a raw image. A qcow2 is converted into a temporary file, which is removed afterwards. */
export async function withRawImage<T>(
  image: { readonly path: string; readonly format: ImageFormat },
  signal: AbortSignal | undefined,
  use: (raw: string) => Promise<T>,
): Promise<T> {
  if (image.format !== 'qcow2') return use(image.path);
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-qcow2-'));
  try {
    const raw = join(folder, 'image.raw');
    await convert(['-f', 'qcow2', '-O', 'raw', image.path, raw], 'open the qcow2 image', signal);
    return await use(raw);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function convert(args: readonly string[], reason: string, signal: AbortSignal | undefined): Promise<void> {
  await run({ command: 'qemu-img', args: ['convert', ...args], reason, signal });
}

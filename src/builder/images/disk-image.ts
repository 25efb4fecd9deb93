/**
 * Disk images of virtual machines. The hybrid ISO is a bootable disk as well (MBR, GPT, an EFI system partition). So `raw` has
 * the same bytes as the ISO, and qemu-img converts them to other formats.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertedTo, type ImageFormat } from '../../config/formats.ts';
import { run } from '../system/run.ts';

/** Converts a raw image; the same bytes each time (qemu-img(1), `convert`). @param to a format of qemu-img, e.g. `qcow2` */
export async function convertDisk(
  raw: string,
  output: string,
  to: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await convert(['-f', 'raw', '-O', to, raw, output], `make the ${to} image`, signal);
}

/** Calls `use` with the path of a raw image. A converted image is converted back into a temporary file, which is removed afterwards. */
export async function withRawImage<T>(
  image: { readonly path: string; readonly format: ImageFormat },
  signal: AbortSignal | undefined,
  use: (raw: string) => Promise<T>,
): Promise<T> {
  const from = convertedTo(image.format);
  if (from === null) return use(image.path);
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-disk-'));
  try {
    const raw = join(folder, 'image.raw');
    await convert(['-f', from, '-O', 'raw', image.path, raw], `open the ${from} image`, signal);
    return await use(raw);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function convert(args: readonly string[], reason: string, signal: AbortSignal | undefined): Promise<void> {
  await run({ command: 'qemu-img', args: ['convert', ...args], reason, signal });
}

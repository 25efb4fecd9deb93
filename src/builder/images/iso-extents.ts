/** Finds where files are inside an ISO, so that they can be read and overwritten without unpacking the image. */
import { open } from 'node:fs/promises';
import { run } from '../system/run.ts';

/** A place in an image, in bytes. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Bytes of an ISO 9660 sector (ECMA-119 §6.1.2). */
const SECTOR = 2048;

/**
 * The extents of files in an ISO, in the order of `paths`; null for a missing file.
 * @param paths absolute within the ISO, e.g. `/live/node.squashfs`
 */
export async function isoExtents(
  iso: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(Extent | null)[]> {
  const finds = paths.flatMap((path) => ['-find', path, '-exec', 'report_lba', '--']);
  const report = await run({
    command: 'xorriso',
    // By default, xorriso aborts at a missing file.
    args: ['-abort_on', 'NEVER', '-return_with', 'FATAL', '0', '-indev', iso, ...finds],
    reason: 'find files in the ISO',
    signal,
  });
  return paths.map((path) => parseExtent(report, path));
}

/** The bytes of an extent that fits into memory. */
export async function readExtent(path: string, { offset, length }: Extent): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
  } finally {
    await file.close();
  }
}

/** `File data lba:  0 , 213 , 2048 , 4194304 , '/live/node.squashfs'`: extent, block, blocks, bytes, path (xorriso(1)). */
function parseExtent(report: string, path: string): Extent | null {
  const line = report.split('\n').find((text) => text.startsWith('File data lba:') && text.endsWith(`'${path}'`));
  const numbers = line?.split(':')[1]?.split(',').slice(0, 4).map(Number);
  const [, block, , length] = numbers ?? [];
  return block === undefined || length === undefined ? null : { offset: block * SECTOR, length };
}

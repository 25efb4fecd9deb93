/** Finds where the layers are inside a RAM disk that `ramdisk.ts` made. */
import { open, type FileHandle } from 'node:fs/promises';
import type { Extent } from './iso-extents.ts';
import { ALIGNMENT, RAM_MEDIUM } from './ramdisk.ts';

const CHUNK = 1 << 20;
/** Bytes of a header before the name (cpio(5), "newc"). */
const HEADER = 110;

/** The extents of the files, by path within the medium, e.g. `live/node.squashfs`; empty for another file. */
export async function ramdiskExtents(path: string): Promise<ReadonlyMap<string, Extent>> {
  const file = await open(path);
  try {
    const start = await findArchive(file);
    return start === null ? new Map() : await readEntries(file, start);
  } finally {
    await file.close();
  }
}

/** The archive stands behind Debian's initial RAM disk, whose length nobody wrote down. Its first entry is the medium's folder. */
async function findArchive(file: FileHandle): Promise<number | null> {
  const buffer = Buffer.alloc(CHUNK + ALIGNMENT);
  for (let at = 0; ; at += CHUNK) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return null;
    for (let offset = 0; offset < Math.min(bytesRead, CHUNK); offset += ALIGNMENT) {
      const head = buffer.toString('latin1', offset, offset + HEADER + RAM_MEDIUM.length + 1);
      if (head.startsWith('070701') && head.endsWith(`${RAM_MEDIUM}\0`)) return at + offset;
    }
  }
}

async function readEntries(file: FileHandle, start: number): Promise<ReadonlyMap<string, Extent>> {
  const found = new Map<string, Extent>();
  const buffer = Buffer.alloc(HEADER + 256);
  for (let at = start; ;) {
    await file.read(buffer, 0, buffer.length, at);
    const field = (index: number): number => parseInt(buffer.toString('latin1', 6 + index * 8, 14 + index * 8), 16);
    const [length, nameLength] = [field(6), field(11)];
    const name = buffer.toString('latin1', HEADER, HEADER + nameLength - 1);
    if (!buffer.toString('latin1').startsWith('070701') || name === 'TRAILER!!!') return found;
    const offset = fourfold(at + HEADER + nameLength);
    if (length > 0) found.set(name.slice(RAM_MEDIUM.length + 1), { offset, length });
    at = fourfold(offset + length);
  }
}

const fourfold = (value: number): number => Math.ceil(value / 4) * 4;

/** RAM disks and scripts for a boot over the network. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  hashPieces,
  overlaid,
  readPieces,
  slice,
  totalSize,
  type Piece,
} from '../../src/builder/images/composed-file.ts';
import { ipxeScript } from '../../src/builder/images/ipxe-script.ts';
import { nodeRamdisk, systemRamdisk } from '../../src/builder/images/ramdisk.ts';
import { ramdiskExtents } from '../../src/builder/images/ramdisk-extents.ts';
import { sha256 } from '../../src/builder/system/digest.ts';
import { temporaryFolder } from './temporary.ts';

const SETTINGS = { node: 'master-01', image: 'cafe', disk: '0a1b2c3d', kernelArgs: [] };

async function bytesOf(pieces: readonly Piece[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readPieces(pieces, Buffer.alloc(1000))) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

describe('a composed file', () => {
  it('is read from any place to any other, over the borders of its pieces', async () => {
    const path = join(await temporaryFolder(), 'file');
    const content = randomBytes(5000);
    await writeFile(path, content);
    const filling = randomBytes(700);
    const pieces = overlaid([{ path, offset: 0, length: 5000 }], 1500, { bytes: filling });
    filling.copy(content, 1500);
    expect(totalSize(pieces)).toBe(5000);
    for (const [begin, end] of [[0, 5000], [0, 1500], [1499, 2201], [1600, 1700], [4999, 5000]] as const) {
      expect((await bytesOf(slice(pieces, begin, end))).equals(content.subarray(begin, end))).toBe(true);
    } // prettier-ignore
    expect(await hashPieces(pieces)).toBe(sha256(content));
    await expect(bytesOf([{ path, offset: 4000, length: 1001 }])).rejects.toThrow('ends before byte 5001');
  });
});

/** Of the entries of a cpio archive in the "newc" form. */
function namesIn(archive: Buffer): string[] {
  const field = (at: number): number => parseInt(archive.toString('latin1', at, at + 8), 16);
  const aligned = (length: number): number => (length + 3) & ~3;
  const names: string[] = [];
  for (let at = 0; ;) {
    const [size, length] = [field(at + 54), field(at + 94)];
    const name = archive.toString('latin1', at + 110, at + 110 + length - 1);
    if (name === 'TRAILER!!!') return names;
    names.push(name);
    at += aligned(110 + length) + aligned(size);
  }
}

describe('a RAM disk', () => {
  const piece = (text: string): Piece => ({ bytes: Buffer.from(text) });

  it('has the layers where they are found again, at places where the kernel looks for an archive', async () => {
    const path = join(await temporaryFolder(), 'system.img');
    const layers = { initrd: piece('i'.repeat(1001)), base: piece('base layer'), artifacts: piece('artifacts') };
    const image = await bytesOf(systemRamdisk(layers));
    await writeFile(path, image);
    expect(image.length % 512).toBe(0);
    expect(image.toString('latin1', 1024, 1030)).toBe('070701');
    const extents = await ramdiskExtents(path);
    expect([...extents.keys()]).toEqual(['live/base.squashfs', 'live/artifacts.squashfs']);
    const { offset, length } = extents.get('live/artifacts.squashfs')!;
    expect((await readFile(path)).toString('latin1', offset, offset + length)).toBe('artifacts');
  });

  it('names each folder before what is in it: the kernel makes no others', async () => {
    const own = namesIn(await bytesOf(nodeRamdisk(piece('node layer'), true, SETTINGS)));
    const layers = { initrd: { bytes: Buffer.alloc(0) }, base: piece('base layer'), artifacts: null };
    const system = namesIn(await bytesOf(systemRamdisk(layers)));
    expect(own).toContain('coldstart/boot/grub/node.cfg');
    for (const names of [own, system]) {
      const orphans = names.filter((name, at) => dirname(name) !== '.' && !names.slice(0, at).includes(dirname(name)));
      expect(orphans).toEqual([]);
    }
  });

  it.each([
    [true, 'base.squashfs\nartifacts.squashfs\nnode.squashfs\n'],
    [false, 'base.squashfs\nnode.squashfs\n'],
  ])('of a node has the order of the layers (artifacts: %s)', async (hasArtifacts, order) => {
    const image = (await bytesOf(nodeRamdisk(piece('node layer'), hasArtifacts, SETTINGS))).toString('latin1');
    expect(image.replaceAll(/\0+/g, '\0')).toContain(`live/filesystem.module\0${order}`);
    expect(image).toContain('node layer');
    expect(image).toContain(`boot/grub/node.cfg${'\0'.repeat(2)}set node_name='master-01'\nset node_image='cafe'\n`);
    expect(image.length % 512).toBe(0);
  });

  it('is none for another file', async () => {
    const path = join(await temporaryFolder(), 'other');
    await writeFile(path, 'x'.repeat(3000));
    expect((await ramdiskExtents(path)).size).toBe(0);
  });
});

test('a script boots its node, without a second copy in memory', () => {
  const script = ipxeScript({ ...SETTINGS, kernelArgs: ['toram', 'console=ttyS0,115200'] });
  expect(script).toMatch(/^#!ipxe\n/);
  expect(script).toContain('live-media=/coldstart');
  expect(script).toContain('coldstart.image=cafe coldstart.node=master-01 console=ttyS0,115200 ||');
  expect(script.indexOf('initrd node.img')).toBeGreaterThan(script.indexOf('initrd system.img'));
});

test('a script refuses arguments that would be changed', () => {
  expect(() => ipxeScript({ ...SETTINGS, kernelArgs: ['x=${net0/mac}'] })).toThrow('iPXE would replace');
  expect(() => ipxeScript({ ...SETTINGS, kernelArgs: ['x='.padEnd(2048, 'y')] })).toThrow('bytes too long');
});

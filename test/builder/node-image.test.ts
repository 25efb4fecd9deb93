import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeConfig, parseNodeConfig } from '../../src/builder/images/boot-settings.ts';
import { openShared, writeNodeImage } from '../../src/builder/images/node-image.ts';
import type { IsoTemplate } from '../../src/builder/images/iso-template.ts';
import { keptDigest } from '../../src/builder/system/kept-digest.ts';
import { readChunks } from '../../src/builder/system/read-chunks.ts';
import { ResumableSha256 } from '../../src/builder/system/resumable-sha256.ts';
import { temporaryFolder } from './temporary.ts';

/** 9 MiB of template: more than one chunk before the extents, something after them. */
async function template(): Promise<IsoTemplate> {
  const path = join(await temporaryFolder(), 'template.iso');
  const size = 9 << 20;
  const bytes = Buffer.alloc(size, 'base');
  const nodeConfigAt = { offset: 6 << 20, length: 16 << 10 };
  const nodeLayer = { offset: (6 << 20) + (16 << 10), length: 1 << 20 };
  bytes.fill(0, nodeConfigAt.offset, nodeLayer.offset + nodeLayer.length);
  await writeFile(path, bytes);
  return { key: 'k', path, size, nodeLayer, nodeConfig: nodeConfigAt };
}

async function layer(content: Buffer): Promise<string> {
  const path = join(await temporaryFolder(), 'node.squashfs');
  await writeFile(path, content);
  return path;
}

const SETTINGS = { node: 'master-01', image: 'cafe', disk: '0a1b2c3d', kernelArgs: ['console=ttyS0,115200', 'quiet'] };

it('reads the settings that it wrote, with the padding behind them', () => {
  expect(parseNodeConfig(`${nodeConfig(SETTINGS)}\n\n`)).toEqual(SETTINGS);
  expect(parseNodeConfig('set node_name=x\n')).toBeNull();
  const former =
    "set node_name='master-01'\nset node_image='cafe'\nset node_kernel_args='console=ttyS0,115200 quiet'\n";
  expect(parseNodeConfig(former)).toEqual({ ...SETTINGS, disk: '' });
});

it('fills the extents, changes nothing else, and knows the digest without reading the image', async () => {
  const iso = await template();
  const output = join(await temporaryFolder(), 'node.iso');
  const content = Buffer.from('layer of master-01');
  const config = nodeConfig(SETTINGS);
  const parts = { layer: await layer(content), config };
  const digest = await writeNodeImage(await openShared(iso), () => Promise.resolve(parts), output);

  const expected = await readFile(iso.path);
  expected.fill('\n', iso.nodeConfig.offset, iso.nodeConfig.offset + iso.nodeConfig.length);
  expected.write(
    "set node_name='master-01'\nset node_image='cafe'\nset node_disk='0a1b2c3d'\nset node_kernel_args='console=ttyS0,115200 quiet'\n",
    iso.nodeConfig.offset,
  );
  content.copy(expected, iso.nodeLayer.offset);
  const image = await readFile(output);
  expect(image.equals(expected)).toBe(true);
  expect(digest).toBe(createHash('sha256').update(image).digest('hex'));
});

it('serves several nodes from one opened template', async () => {
  const iso = await template();
  const shared = await openShared(iso);
  const folder = await temporaryFolder();
  for (const name of ['a', 'b', 'a']) {
    const parts = {
      layer: await layer(Buffer.from(name)),
      config: nodeConfig({ node: name, image: 'cafe', disk: '0a1b2c3d', kernelArgs: [] }),
    };
    const digest = await writeNodeImage(shared, () => Promise.resolve(parts), join(folder, `${name}.iso`));
    const image = await readFile(join(folder, `${name}.iso`));
    expect(digest).toBe(createHash('sha256').update(image).digest('hex'));
  }
});

it('goes on with the kept state of the hash when it makes few images, and does not read what they share', async () => {
  const plain = await template();
  const hash = new ResumableSha256();
  for await (const chunk of readChunks(plain.path, 0, plain.nodeConfig.offset)) hash.update(chunk);
  const iso = { ...plain, prefix: JSON.parse(JSON.stringify(hash.state())) as ReturnType<typeof hash.state> };
  const shared = await openShared(iso, 2);
  expect(shared.prefix).toBeInstanceOf(ResumableSha256);
  const folder = await temporaryFolder();
  for (const name of ['a', 'b']) {
    const parts = {
      layer: await layer(Buffer.from(name)),
      config: nodeConfig({ node: name, image: 'cafe', disk: '0a1b2c3d', kernelArgs: [] }),
    };
    const digest = await writeNodeImage(shared, () => Promise.resolve(parts), join(folder, `${name}.iso`));
    const image = await readFile(join(folder, `${name}.iso`));
    expect(digest).toBe(createHash('sha256').update(image).digest('hex'));
  }
  expect((await openShared(iso)).prefix).not.toBeInstanceOf(ResumableSha256); // many images: the faster code
});

it('keeps the digest of a file until the file changes', async () => {
  const path = join(await temporaryFolder(), 'base.squashfs');
  for (const text of ['one', 'two']) {
    await writeFile(path, text);
    const digest = createHash('sha256').update(text).digest('hex');
    // At the same time, as builds in containers do, whose process ids are equal.
    expect(await Promise.all([1, 2, 3].map(() => keptDigest(path)))).toEqual([digest, digest, digest]);
    expect(await keptDigest(path)).toBe(digest);
  }
});

it('refuses what does not fit', async () => {
  const shared = await openShared(await template());
  const parts = { layer: await layer(Buffer.alloc((1 << 20) + 1)), config: '' };
  const output = join(await temporaryFolder(), 'node.iso');
  await expect(writeNodeImage(shared, () => Promise.resolve(parts), output)).rejects.toThrow(
    '1048577 bytes do not fit the extent',
  );
});

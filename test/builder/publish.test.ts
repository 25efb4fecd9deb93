import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isIntact, readManifest, type Manifest, type NodeRecord } from '../../src/builder/output/output-manifest.ts';
import { openStaging, publish } from '../../src/builder/output/publish.ts';
import { temporaryFolder } from './temporary.ts';

function record(node: string, size = 3): NodeRecord {
  const artifact = { path: `${node}.iso`, format: 'iso', size, sha256: node.padEnd(64, '0') } as const;
  return { id: node, bootRole: 'worker', inventory: 'i', base: 'b', artifactLayer: null, artifacts: [artifact] };
}

function manifest(...nodes: string[]): Manifest {
  const records = Object.fromEntries(nodes.map((name) => [name, record(name)]));
  return { schema: 2, cluster: 'lab', epoch: 7, bases: { b: 'digest' }, artifactLayers: {}, nodes: records };
}

async function put(folder: string, nodes: readonly string[], content = 'iso'): Promise<string> {
  const staging = await openStaging(folder);
  for (const node of nodes) {
    await mkdir(join(staging, node));
    await writeFile(join(staging, node, 'inventory.txt'), content);
    await writeFile(join(staging, `${node}.iso`), content);
  }
  const paths = nodes.flatMap((node) => [node, `${node}.iso`]);
  await publish({ folder, staging, paths, manifest: manifest(...nodes), planJson: '{}\n' });
  return staging;
}

describe('publish', () => {
  it('puts new files in the place of old ones and lists them in SHA256SUMS', async () => {
    const folder = await temporaryFolder();
    await put(folder, ['a', 'b'], 'old');
    await put(folder, ['a', 'b'], 'new');
    expect(await readFile(join(folder, 'a.iso'), 'utf8')).toBe('new');
    expect(await readFile(join(folder, 'b/inventory.txt'), 'utf8')).toBe('new');
    expect(await readFile(join(folder, 'SHA256SUMS'), 'utf8')).toBe(
      `${'a'.padEnd(64, '0')}  a.iso\n${'b'.padEnd(64, '0')}  b.iso\n`,
    );
    expect(await readManifest(folder)).toEqual(manifest('a', 'b'));
  });

  it('removes what belonged to a node that is gone, and leaves what it did not make', async () => {
    const folder = await temporaryFolder();
    await put(folder, ['a', 'b']);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await put(folder, ['a']);
    const left = (await readdir(folder)).filter((name) => !name.startsWith('.staging-'));
    expect(left.sort()).toEqual(['SHA256SUMS', 'a', 'a.iso', 'manifest.json', 'notes.txt', 'plan.json']);
  });

  it('removes nothing outside of its folder, whatever a manifest says', async () => {
    const folder = join(await temporaryFolder(), 'lab');
    await put(folder, ['a']);
    const evil = { ...manifest('a'), nodes: { '../..': { ...record('x'), artifacts: [] } } };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(evil));
    await expect(put(folder, ['a'])).rejects.toThrow('leads out of');
  });

  it('clears away the staging folders of builds that died', async () => {
    const folder = await temporaryFolder();
    const dead = await openStaging(folder);
    const next = await openStaging(folder);
    expect((await readdir(folder)).map((name) => join(folder, name))).toEqual([next]);
    expect(next).not.toBe(dead);
  });
});

describe('isIntact', () => {
  it('believes files that have their size and are older than the manifest, and no others', async () => {
    const folder = await temporaryFolder();
    await put(folder, ['a']);
    expect(await isIntact(folder, record('a'))).toBe(true);
    expect(await isIntact(folder, record('a', 4))).toBe(false);
    expect(await isIntact(folder, record('b'))).toBe(false);
    const later = Date.now() / 1000 + 60;
    await utimes(join(folder, 'a.iso'), later, later);
    expect(await isIntact(folder, record('a'))).toBe(false);
  });
});

describe('readManifest', () => {
  it.each(['', '{', '{"schema":1}', 'null'])('takes %j for no manifest', async (text) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'manifest.json'), text);
    expect(await readManifest(folder)).toBeNull();
  });
});

/** What `serve` gives, from a definition and from an output folder, against the files of a build. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPieces } from '../../../src/builder/images/composed-file.ts';
import { readManifest, type Manifest } from '../../../src/builder/output/output-manifest.ts';
import { verifyOutput } from '../../../src/builder/output/verify.ts';
import type { ImageRequest } from '../../../src/builder/steps/request.ts';
import { openDefinition } from '../../../src/serve/from-definition.ts';
import { openOutput } from '../../../src/serve/from-output.ts';
import type { FileName, Shelf } from '../../../src/serve/resource.ts';
import { copyExample, requestBuild, runSilently } from './definition.ts';

const FILES: readonly FileName[] = ['node.iso', 'boot.ipxe', 'vmlinuz', 'system.img', 'node.img', 'base.squashfs'];
const OTHERS: readonly FileName[] = ['initrd.img', 'node.squashfs'];

let folder = '';
let request: ImageRequest;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-serve-'));
  const formats = [['cluster', 'image', 'formats'], ['iso', 'pxe']] as const; // prettier-ignore
  const definition = await copyExample('quick-start', join(folder, 'definition'), [formats]);
  request = await requestBuild(definition, { outDir: join(folder, 'out') });
  await runSilently(request);
  manifest = (await readManifest(join(folder, 'out')))!;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The digests of a build, by the names with which they are served. */
function built(node: string): Record<string, string> {
  const { artifacts, base } = manifest.nodes[node]!;
  const named = artifacts.map(({ path, format, sha256 }) => [format === 'iso' ? 'node.iso' : basename(path), sha256]);
  return { ...(Object.fromEntries(named) as Record<string, string>), 'base.squashfs': manifest.bases[base]! };
}

/** The digests that are promised, after all bytes were compared with them. */
async function served(shelf: Shelf, node: string, files: readonly FileName[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of files) {
    const resource = (await shelf.find(node, file))!;
    expect([file, await hashPieces(resource.pieces)]).toEqual([file, resource.sha256]);
    found[file] = resource.sha256;
  }
  return found;
}

const defined = (): Promise<Shelf> =>
  openDefinition({
    ...{ cluster: request.cluster, plans: request.plan.nodes, epoch: request.epoch, artifacts: new Map() },
    updates: null,
    treeOf: (node) => request.trees.get(node)!,
    step: { cacheDir: request.cacheDir, signal: undefined, report: () => undefined },
  });

const published = (without: 'iso' | 'pxe' | null): Promise<Shelf> => {
  const entries = Object.entries(manifest.nodes).map(([name, record]) => {
    return [name, { ...record, artifacts: record.artifacts.filter(({ format }) => format !== without) }] as const;
  });
  const nodes = entries.map(([name]) => ({ name, macs: [] }));
  const left = { ...manifest, nodes: Object.fromEntries(entries) };
  return openOutput({ folder: join(folder, 'out'), manifest: left, nodes, signal: undefined });
};

describe('the files that are served', () => {
  it('from a definition are those of a build', async () => {
    const shelf = await defined();
    for (const node of ['master-01', 'worker-02']) expect(await served(shelf, node, FILES)).toEqual(built(node));
    expect(await shelf.find('master-01', 'artifacts.squashfs')).toBe(null);
  });

  it('from ISOs alone are the same, and so are the parts that a build does not write', async () => {
    const [output, definition] = [await published('pxe'), await defined()];
    for (const node of ['master-01', 'worker-02']) {
      expect(await served(output, node, FILES)).toEqual(built(node));
      expect(await served(output, node, OTHERS)).toEqual(await served(definition, node, OTHERS));
    }
  });

  it('from folders for network boot alone are those, without an ISO', async () => {
    const shelf = await published('iso');
    const { 'node.iso': _, 'base.squashfs': __, ...files } = built('worker-01');
    expect(await served(shelf, 'worker-01', FILES.slice(1, 5))).toEqual(files);
    expect(await shelf.find('worker-01', 'node.iso')).toBe(null);
  });
});

it('a folder for network boot is verified, also what its RAM disk holds', async () => {
  const out = join(folder, 'out');
  const step = { cacheDir: '', signal: undefined, report: () => undefined };
  expect(await verifyOutput(out, step)).toEqual([]);
  expect(await readFile(join(out, 'SHA256SUMS'), 'utf8')).toContain('  worker-01.pxe/node.img\n');
  await appendFile(join(out, 'worker-01.pxe/node.img'), 'x');
  const size = manifest.nodes['worker-01']!.artifacts.find(({ path }) => path.endsWith('node.img'))!.size;
  expect(await verifyOutput(out, step)).toEqual([
    { node: 'worker-01', file: 'worker-01.pxe/node.img', message: `has ${size + 1} bytes instead of ${size}` },
  ]);
});

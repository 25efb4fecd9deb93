/** Updates of an installed node, with the RAUC of its base layer: what is for it is installed, everything else changes nothing. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildBaseLayer } from '../../../src/builder/layers/base-layer.ts';
import { packSquashfs } from '../../../src/builder/layers/node-layer.ts';
import { verifyOutput } from '../../../src/builder/output/verify.ts';
import { baseRecipe } from '../../../src/builder/steps/node-build.ts';
import type { ImageRequest } from '../../../src/builder/steps/request.ts';
import { sha256, sha256File } from '../../../src/builder/system/digest.ts';
import { writeBundle } from '../../../src/builder/update/bundle.ts';
import type { SharedFile } from '../../../src/builder/update/slot.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { UPDATE_CONFIG } from '../../../src/render/views/node/update.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { copyExample, requestBuild, runSilently, storeFor } from '../build/definition.ts';
import { InstalledNode } from './machine.ts';

const NODE = 'master-01';
const report = (): undefined => undefined;

/** A definition, its store, and the layers of the node. */
interface World {
  readonly request: ImageRequest;
  readonly store: Store;
  readonly folder: string;
  readonly layer: string;
  readonly base: string;
}

async function worldOf(cluster: string, folder: string): Promise<World> {
  const settings = [
    [['cluster', 'name'], cluster],
    [['cluster', 'image', 'formats'], ['update']],
  ] as const;
  await mkdir(folder, { recursive: true });
  const definition = await copyExample('quick-start', join(folder, 'definition'), settings);
  const request = await requestBuild(definition, { outDir: join(folder, 'out') });
  const plan = request.plan.nodes.find(({ node }) => node === NODE)!;
  const recipe = baseRecipe(request.cluster, plan.packages, request.epoch);
  const base = await buildBaseLayer(recipe, { cacheDir: request.cacheDir, signal: undefined, report });
  const layer = join(folder, 'node.squashfs');
  await packSquashfs(request.trees.get(NODE)!, new Map(), layer, { epoch: request.epoch, signal: undefined });
  return { request, store: await storeFor(request.cluster), folder, layer, base: base.squashfs };
}

/** Stands for the base layer and the kernel: the digests decide, not what is inside. */
const RUNNING = new Map(['vmlinuz', 'initrd.img', 'base.squashfs'].map((name) => [name, randomBytes(3 << 20)]));
const NEW_BASE = randomBytes(5 << 20);

const sharedOf = (files: ReadonlyMap<string, Uint8Array>): SharedFile[] =>
  [...files].map(([name, bytes]) => ({ path: `live/${name}`, size: bytes.length, sha256: sha256(bytes) }));

interface Variant {
  readonly node?: string;
  readonly release?: number;
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly signedBy?: World;
}

async function bundleOf(world: World, { node = NODE, release = 2, files = RUNNING, signedBy = world }: Variant = {}) {
  const { request, folder, layer } = world;
  const output = join(
    folder,
    `${node}-${String(release)}-${String(files === RUNNING)}-${String(signedBy === world)}.raucb`,
  );
  const { cluster } = request.updates!;
  const { signer } = signedBy.request.updates!;
  const identity = { cluster, node, release, image: 'f'.repeat(64) };
  const slot = { layer, config: `set node_name='${NODE}'\n`, medium: 'm', shared: sharedOf(files) };
  await writeBundle({ identity, slot, signer, epoch: request.epoch, signal: undefined }, output);
  return output;
}

let own: World;
let other: World;

/** The node, running release 3. */
async function installed(): Promise<InstalledNode> {
  const { request, layer, base } = own;
  const entry = request.trees.get(NODE)!.find(({ path }) => path === UPDATE_CONFIG);
  if (entry?.type !== 'file') throw new Error('the node has no configuration of RAUC');
  const config = Buffer.from(entry.content)
    .toString()
    .replace(/^min-bundle-version=.*/m, 'min-bundle-version=3');
  return InstalledNode.install(await temporaryFolder(), { base, node: layer, config }, RUNNING);
}

beforeAll(async () => {
  const { stdout } = await execa('mktemp', ['--directory', '--tmpdir', 'coldstart-test-XXXXXX']);
  own = await worldOf('quick-start', join(stdout, 'own'));
  other = await worldOf('elsewhere', join(stdout, 'other'));
  return () => rm(stdout, { recursive: true });
});

describe('an update', () => {
  it('has the same bytes each time', async () => {
    const [first] = [await sha256File(await bundleOf(own))];
    expect(await sha256File(await bundleOf(own))).toBe(first);
  });

  it('is built beside the files that it names; verify opens it', async () => {
    const request = { ...own.request, only: [NODE] };
    const [built] = (await runSilently(request)).nodes.flatMap(({ files }) => files);
    const verified = async (): Promise<string[]> => {
      const found = await verifyOutput(request.outDir, { cacheDir: '', signal: undefined, report });
      return found.map(({ message }) => message);
    };
    expect([built?.path, await verified()]).toEqual([join(request.outDir, `${NODE}.raucb`), []]);
    const digest = await sha256File(built!.path);
    const bytes = await readFile(built!.path);
    bytes[20_000]! ^= 1;
    await writeFile(built!.path, bytes);
    for (const name of ['manifest.json', 'SHA256SUMS']) {
      const text = await readFile(join(request.outDir, name), 'utf8');
      await writeFile(join(request.outDir, name), text.replaceAll(digest, sha256(bytes)));
    }
    expect(await verified()).toEqual(['does not have the blocks that were signed']);
    await rm(request.outDir, { recursive: true });
  });

  it('is written to the other slot, which the next start tries; what the running slot lacks comes from beside the bundle', async () => {
    const node = await installed();
    const before = await node.digest('a.img');
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    await node.offer(await bundleOf(own, { release: 3, files }), 'update.raucb', own.store);
    await mkdir(join(node.folder, 'offered/files'));
    await writeFile(join(node.folder, 'offered/files', sha256(NEW_BASE)), NEW_BASE);
    const { cause, ledger } = await node.update('/offered/update.raucb');
    expect([cause, ledger]).toEqual(['', expect.stringContaining('slot B holds release 3')]);
    expect(await node.environment()).toEqual({ ORDER: 'B A', A_OK: '1', A_TRY: '0', B_OK: '1', B_TRY: '0' });
    expect(await node.slotB()).toMatchObject({
      'live/base.squashfs': sha256(NEW_BASE),
      'live/vmlinuz': sha256(RUNNING.get('vmlinuz')!),
      'live/node.squashfs': await sha256File(own.layer),
    });
    expect(await node.digest('a.img')).toBe(before);
  });

  it('that is not for this node, or not whole, changes nothing', async () => {
    const node = await installed();
    const offer = (bundle: string, name: string): Promise<void> => node.offer(bundle, name, own.store);
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    await offer(await bundleOf(own, { release: 2 }), 'older.raucb');
    await offer(await bundleOf(own, { release: 3, node: 'worker-01' }), 'node.raucb');
    await offer(await bundleOf(other, { release: 3 }), 'cluster.raucb');
    await offer(await bundleOf(own, { release: 3, signedBy: other }), 'signature.raucb');
    await offer(await bundleOf(own, { release: 3, files }), 'base.raucb');
    await offer(await bundleOf(own, { release: 3 }), 'cut.raucb');
    await truncate(join(node.folder, 'offered/cut.raucb'), 60_000);
    await writeFile(join(node.folder, 'offered/garbage.raucb'), randomBytes(50_000));
    const state = async () => [await node.digest('a.img'), await node.digest('b.img'), await node.environment()];
    const before = await state();
    const expected = {
      'older.raucb': 'bundle-older',
      'node.raucb': 'bundle-foreign-node',
      'cluster.raucb': 'bundle-foreign-cluster',
      'signature.raucb': 'bundle-untrusted',
      'base.raucb': 'base-missing',
      'cut.raucb': 'bundle-damaged',
      'garbage.raucb': 'bundle-damaged',
      'none.raucb': 'bundle-unreachable',
    };
    const causes: Record<string, string> = {};
    for (const name of Object.keys(expected)) causes[name] = (await node.update(`/offered/${name}`)).cause;
    expect(causes).toEqual(expected);
    expect(await state()).toEqual(before);
    expect((await node.update('/offered/older.raucb', '--force')).cause).toBe('');
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', B_OK: '1' });
  });

  it('that a power cut interrupts leaves the running slot as it is, and can be repeated', async () => {
    const node = await installed();
    const before = await node.digest('a.img');
    await node.offer(await bundleOf(own, { release: 3 }), 'update.raucb', own.store);
    const began = Date.now();
    await node.update('/offered/update.raucb');
    const whole = Date.now() - began;
    for (const part of [0.5, 0.7, 0.85]) {
      await node.setEnvironment({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '1', B_TRY: '0' });
      await node.run(['cluster-update.sh', '/offered/update.raucb'], whole * part);
      const { ORDER, A_OK, B_OK } = await node.environment();
      expect([part, A_OK, await node.digest('a.img')]).toEqual([part, '1', before]);
      // Slot B is next only when it is whole.
      if (ORDER === 'B A' && B_OK === '1') {
        expect(await node.slotB()).toMatchObject({ 'live/node.squashfs': await sha256File(own.layer) });
      }
    }
    const { cause, ledger } = await node.update('/offered/update.raucb');
    expect([cause, ledger]).toEqual(['', expect.stringContaining('slot B holds release 3')]);
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') console.log(await readFile(join(node.folder, 'rauc.log'), 'utf8'));
    });
  });
});

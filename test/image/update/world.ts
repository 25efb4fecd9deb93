/** Installed nodes for tests of their updates, and bundles for them: definitions that are built for real, with their stores. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBaseLayer } from '../../../src/builder/layers/base-layer.ts';
import { packSquashfs } from '../../../src/builder/layers/node-layer.ts';
import { baseRecipe } from '../../../src/builder/steps/node-build.ts';
import type { ImageRequest } from '../../../src/builder/steps/request.ts';
import { sha256 } from '../../../src/builder/system/digest.ts';
import { writeBundle } from '../../../src/builder/update/bundle.ts';
import type { SharedFile } from '../../../src/builder/update/slot.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { UPDATE_CONFIG } from '../../../src/render/views/node/update.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { copyExample, requestBuild, storeFor } from '../build/definition.ts';
import { InstalledNode } from './machine.ts';

export const NODE = 'master-01';
export const report = (): undefined => undefined;

/** A definition, its store, and the layers of the node. */
export interface World {
  readonly request: ImageRequest;
  readonly store: Store;
  readonly folder: string;
  readonly layer: string;
  readonly base: string;
}

export async function worldOf(cluster: string, folder: string): Promise<World> {
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
export const RUNNING = new Map(['vmlinuz', 'initrd.img', 'base.squashfs'].map((name) => [name, randomBytes(3 << 20)]));
export const NEW_BASE = randomBytes(5 << 20);

const sharedOf = (files: ReadonlyMap<string, Uint8Array>): SharedFile[] =>
  [...files].map(([name, bytes]) => ({ path: `live/${name}`, size: bytes.length, sha256: sha256(bytes) }));

interface Variant {
  readonly node?: string;
  readonly release?: number;
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly signedBy?: World;
}

export async function bundleOf(
  world: World,
  { node = NODE, release = 2, files = RUNNING, signedBy = world }: Variant = {},
) {
  const { request, folder, layer } = world;
  const output = join(
    folder,
    `${node}-${String(release)}-${String(files === RUNNING)}-${String(signedBy === world)}.raucb`,
  );
  const { cluster } = request.updates!;
  const { signer } = signedBy.request.updates!;
  const identity = { cluster, node, release, image: 'f'.repeat(64), kubernetes: '1.35.6' };
  const slot = { layer, config: `set node_name='${NODE}'\n`, medium: 'm', shared: sharedOf(files) };
  await writeBundle({ identity, slot, signer, epoch: request.epoch, signal: undefined }, output);
  return output;
}

/** The node, running release 3. */
export async function installed({ request, layer, base }: World): Promise<InstalledNode> {
  const entry = request.trees.get(NODE)!.find(({ path }) => path === UPDATE_CONFIG);
  if (entry?.type !== 'file') throw new Error('the node has no configuration of RAUC');
  const config = Buffer.from(entry.content)
    .toString()
    .replace(/^min-bundle-version=.*/m, 'min-bundle-version=3');
  return InstalledNode.install(await temporaryFolder(), { base, node: layer, config }, RUNNING);
}

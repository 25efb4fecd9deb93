/**
 * The files of nodes as a build of the definition would make them, byte for byte, without images on the disk. The layer of a node
 * is packed when it is first asked for.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { LayerFile } from '../builder/artifacts/layer-file.ts';
import { nodeConfig, type BootSettings } from '../builder/images/boot-settings.ts';
import type { Piece } from '../builder/images/composed-file.ts';
import { ipxeScript } from '../builder/images/ipxe-script.ts';
import { buildIsoTemplate } from '../builder/images/iso-template.ts';
import { composeNodeImage, digestOfImage, openShared, type SharedImage } from '../builder/images/node-image.ts';
import { nodeRamdisk, systemRamdisk } from '../builder/images/ramdisk.ts';
import {
  artifactKey,
  buildArtifactLayer,
  type ArtifactLayer,
  type ArtifactRecipe,
} from '../builder/layers/artifact-layer.ts';
import { buildBaseLayer, type BaseLayer, type BaseRecipe } from '../builder/layers/base-layer.ts';
import { packSquashfs, parseDirectories, type Directories } from '../builder/layers/node-layer.ts';
import type { StepContext } from '../builder/step-context.ts';
import { baseRecipe, planNodeBuild, type NodeBuild } from '../builder/steps/node-build.ts';
import { writeBundle, type Updates } from '../builder/update/bundle.ts';
import { sharedFiles } from '../builder/update/shared-files.ts';
import type { Cluster } from '../config/cluster.ts';
import type { ImagePlan } from '../render/plan/plan.ts';
import type { FileTree } from '../render/tree/tree.ts';
import { LayerStore } from './layer-store.ts';
import { inMemory } from './memory-folder.ts';
import { Digests, Memo, wholeFile } from './parts.ts';
import type { FileName, Resource, Shelf } from './resource.ts';

/** What is kept of a plan; its list of files is long. */
type Kept = Pick<ImagePlan, 'node' | 'bootRole' | 'packages' | 'kernelArgs'>;

export interface DefinitionParts {
  readonly cluster: Cluster;
  /** Of the nodes to serve. */
  readonly plans: readonly Kept[];
  /** By the node's name. */
  readonly artifacts: ReadonlyMap<string, readonly LayerFile[]>;
  /** Renders a node's tree with its secrets. */
  readonly treeOf: (node: string) => FileTree;
  /** What update bundles need; null for a cluster whose nodes take none. */
  readonly updates: Updates | null;
  readonly epoch: number;
  readonly step: StepContext;
}

/** What nodes share; equal keys mean equal bytes. */
interface Shared {
  readonly key: string;
  readonly base: BaseLayer;
  readonly directories: Directories;
  readonly artifacts: ArtifactLayer | null;
}

/** A packed node layer, without the tree that it was made of. */
interface Packed {
  readonly layer: Uint8Array;
  readonly build: Pick<NodeBuild, 'boot' | 'reserve'>;
}

/** Bytes of node layers, and of update bundles, that are kept in memory. */
const ROOM = 16 << 20;

/** Builds missing base layers and shared ISOs first, so that the first request finds all that nodes share. */
export async function openDefinition(parts: DefinitionParts): Promise<Shelf> {
  const shelf = new DefinitionShelf(parts);
  await shelf.warmUp();
  const known = new Map(parts.cluster.nodes.map((node) => [node.name, node.macs]));
  const nodes = parts.plans.map(({ node: name }) => ({ name, macs: known.get(name) ?? [] }));
  return { nodes, find: (node, file) => shelf.find(node, file) };
}

class DefinitionShelf {
  readonly #parts: DefinitionParts;
  readonly #plans: ReadonlyMap<string, Kept>;
  readonly #digests = new Digests();
  readonly #shared = new Memo<Shared>();
  readonly #templates = new Memo<SharedImage>();
  readonly #layers: LayerStore<Packed>;
  readonly #bundles: LayerStore<Uint8Array>;

  constructor(parts: DefinitionParts) {
    this.#parts = parts;
    this.#plans = new Map(parts.plans.map((plan) => [plan.node, plan]));
    this.#layers = new LayerStore<Packed>({
      make: (node) => this.#pack(node),
      sizeOf: ({ layer }) => layer.length,
      ...{ room: ROOM, workers: availableParallelism() },
    });
    this.#bundles = new LayerStore({
      make: (node) => this.#bundle(node),
      sizeOf: ({ length }) => length,
      ...{ room: ROOM, workers: availableParallelism() },
    });
  }

  /** One node of each base layer and set of artifacts stands for all others. */
  async warmUp(): Promise<void> {
    const seen = new Set<string>();
    for (const plan of this.#parts.plans) {
      const { key } = await this.#sharedOf(plan);
      if (seen.has(key)) continue;
      seen.add(key);
      await this.find(plan.node, 'node.iso');
    }
  }

  async find(node: string, file: FileName): Promise<Resource | null> {
    const plan = this.#plans.get(node);
    if (plan === undefined) return null;
    const shared = await this.#sharedOf(plan);
    const { base, artifacts, key } = shared;
    const fromDisk = async (path: string): Promise<Resource> =>
      this.#digests.resource(file, key, [await wholeFile(path)]);
    switch (file) {
      case 'node.iso':
        return this.#iso(node, shared);
      case 'boot.ipxe':
        return this.#digests.resource(file, node, [{ bytes: Buffer.from(ipxeScript(await this.#settingsOf(node))) }]);
      case 'vmlinuz':
        return fromDisk(join(base.folder, 'boot/vmlinuz'));
      case 'initrd.img':
        return fromDisk(join(base.folder, 'boot/initrd.img'));
      case 'base.squashfs':
        return fromDisk(base.squashfs);
      case 'artifacts.squashfs':
        return artifacts === null ? null : fromDisk(artifacts.squashfs);
      case 'system.img': {
        const initrd = await wholeFile(join(base.folder, 'boot/initrd.img'));
        const layer = artifacts === null ? null : await wholeFile(artifacts.squashfs);
        const disk = systemRamdisk({ initrd, base: await wholeFile(base.squashfs), artifacts: layer });
        return this.#digests.resource(file, key, disk);
      }
      case 'node.img':
        return this.#digests.resource(file, node, await this.#ramdisk(node, artifacts !== null));
      case 'node.squashfs':
        return this.#digests.resource(file, node, [await this.#layerOf(node)]);
      case 'update.raucb':
        return this.#update(node);
    }
  }

  async #iso(node: string, shared: Shared): Promise<Resource> {
    const { layer, build } = await this.#layers.get(node);
    const template = await this.#template(shared, build.reserve);
    const pieces = composeNodeImage(template, { bytes: layer }, nodeConfig(build.boot));
    return this.#digests.resource('node.iso', node, pieces, () => digestOfImage(template, pieces));
  }

  async #ramdisk(node: string, hasArtifacts: boolean): Promise<Piece[]> {
    return nodeRamdisk(await this.#layerOf(node), hasArtifacts, await this.#settingsOf(node));
  }

  async #settingsOf(node: string): Promise<BootSettings> {
    return (await this.#layers.get(node)).build.boot;
  }

  /** Null for a node without slots. */
  async #update(node: string): Promise<Resource | null> {
    if ((this.#parts.updates?.releaseOf(node) ?? 0) === 0) return null;
    return this.#digests.resource('update.raucb', node, [{ bytes: await this.#bundles.get(node) }]);
  }

  async #bundle(node: string): Promise<Uint8Array> {
    const { updates, epoch, step } = this.#parts;
    const plan = this.#plans.get(node);
    if (updates === null || plan === undefined) throw new Error(`${node} takes no updates`);
    const { base, artifacts } = await this.#sharedOf(plan);
    const { layer, build } = await this.#layers.get(node);
    const identity = {
      ...{ cluster: updates.cluster, kubernetes: updates.kubernetes },
      ...{ node, release: updates.releaseOf(node), image: build.boot.image },
    };
    const shared = await sharedFiles(base, artifacts);
    return inMemory(async (folder) => {
      const [packed, output] = [join(folder, 'node.squashfs'), join(folder, 'update.raucb')];
      await writeFile(packed, layer);
      const slot = { layer: packed, config: nodeConfig(build.boot), medium: base.id, shared };
      await writeBundle({ identity, slot, signer: updates.signer, epoch, signal: step.signal }, output);
      return readFile(output);
    });
  }

  async #layerOf(node: string): Promise<{ bytes: Uint8Array }> {
    return { bytes: (await this.#layers.get(node)).layer };
  }

  /** Rendered and packed anew, a layer has the same bytes. */
  async #pack(node: string): Promise<Packed> {
    const { cluster, treeOf, epoch, artifacts, step } = this.#parts;
    const plan = this.#plans.get(node);
    if (plan === undefined) throw new Error(`${node} was not planned`);
    const tree = treeOf(node);
    const content = { tree, artifacts: artifacts.get(node) ?? [] };
    const { boot, reserve } = await planNodeBuild(cluster, { ...plan, formats: ['iso'] }, content, epoch);
    const { directories } = await this.#sharedOf(plan);
    const layer = await inMemory(async (folder) => {
      const path = join(folder, 'node.squashfs');
      await packSquashfs(tree, directories, path, { epoch, signal: step.signal });
      return readFile(path);
    });
    return { layer, build: { boot, reserve } };
  }

  #sharedOf({ packages, node }: Kept): Promise<Shared> {
    const { artifacts, cluster, epoch } = this.#parts;
    const recipe = { files: artifacts.get(node) ?? [], compressionLevel: cluster.image.compressionLevel, epoch };
    const layer = artifactKey(recipe);
    const name = JSON.stringify([packages.names, layer]);
    return this.#shared.get(name, () => this.#buildShared(baseRecipe(cluster, packages, epoch), recipe, layer));
  }

  async #buildShared(recipe: BaseRecipe, content: ArtifactRecipe, layer: string | null): Promise<Shared> {
    const { step } = this.#parts;
    const base = await buildBaseLayer(recipe, step);
    const artifacts = layer === null ? null : await buildArtifactLayer(content, layer, step);
    const directories = parseDirectories(await readFile(join(base.folder, 'boot/directories.tsv'), 'utf8'));
    return { key: `${base.key}/${layer ?? 'none'}`, base, directories, artifacts };
  }

  #template({ key, base, artifacts }: Shared, reserve: number): Promise<SharedImage> {
    const { epoch, step } = this.#parts;
    const parts = { base, artifacts, reserve, epoch };
    return this.#templates.get(`${key}/${String(reserve)}`, async () =>
      openShared(await buildIsoTemplate(parts, step)),
    );
  }
}

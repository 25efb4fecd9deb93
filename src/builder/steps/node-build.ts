/**
 * Turns a plan into the builds of its nodes: each has the recipe of its base layer, the size class of its ISO, and an id that
 * tells whether the files in the output folder are current. Its only effect is to read the recipes for their digests.
 */
import { FIRMWARE_COMPONENT } from '../../config/apt-sources.ts';
import type { Cluster } from '../../config/cluster.ts';
import { memo } from '../../config/memo.ts';
import { isBootable, type ImageFormat } from '../../config/formats.ts';
import { diskId } from '../../render/plan/ids.ts';
import type { PackageSet } from '../../render/plan/packages.ts';
import type { ImagePlan } from '../../render/plan/plan.ts';
import { inventory } from '../../render/tree/inventory.ts';
import type { DraftTree, FileTree } from '../../render/tree/tree.ts';
import { artifactKey } from '../layers/artifact-layer.ts';
import type { LayerFile } from '../artifacts/layer-file.ts';
import { NODE_LAYER_LEVEL } from '../layers/node-layer.ts';
import { baseKey, type BaseRecipe } from '../layers/base-layer.ts';
import { digestOf, sha256 } from '../system/digest.ts';
import { isoKey, NODE_LAYER_CLASSES } from '../images/iso-template.ts';
import type { BootSettings } from '../images/boot-settings.ts';
import { RAMDISK_RECIPE } from '../images/ramdisk.ts';
import { BuildError } from '../system/errors.ts';

/** @typeParam Tree a draft is enough for a dry run */
export interface NodeBuild<Tree extends DraftTree = FileTree> {
  readonly node: string;
  readonly bootRole: string;
  readonly tree: Tree;
  readonly inventory: string;
  readonly formats: readonly ImageFormat[];
  readonly boot: BootSettings;
  readonly recipe: BaseRecipe;
  readonly baseKey: string;
  /** Programs that Debian does not package, OCI archives and manifests; empty if the image carries none. */
  readonly artifacts: readonly LayerFile[];
  /** Of the artifact layer; null when there is none. */
  readonly artifactKey: string | null;
  /** Bytes reserved for the node layer in the ISO. */
  readonly reserve: number;
  /** The same in each format. */
  readonly id: string;
}

/** The settings of `cluster.image` that a base layer depends on. */
export type BaseImage = Pick<Cluster['image'], 'suite' | 'mirrors' | 'nonFreeFirmware' | 'compressionLevel'>;

/** The recipe of the base layer for a node with these packages. */
export function baseRecipe(
  cluster: { readonly image: BaseImage },
  packages: Pick<PackageSet, 'names'>,
  epoch: number,
): BaseRecipe {
  const { suite, mirrors, nonFreeFirmware, compressionLevel } = cluster.image;
  const components = ['main', ...(nonFreeFirmware ? [FIRMWARE_COMPONENT] : [])];
  return { suite, packages: packages.names, components, mirrors, compressionLevel, epoch };
}

const nodesWithStateDisk = memo(
  ({ nodes }: Cluster): ReadonlySet<string> =>
    new Set(nodes.flatMap(({ name, stateDisk }) => (stateDisk === null ? [] : [name]))),
);

/**
 * @param content the node's tree and artifacts
 * @throws BuildError exit 3 when the tree is larger than the largest size class
 */
export async function planNodeBuild<Tree extends DraftTree>(
  cluster: Cluster,
  plan: Pick<ImagePlan, 'node' | 'bootRole' | 'packages' | 'formats' | 'kernelArgs'>,
  content: { readonly tree: Tree; readonly artifacts: readonly LayerFile[] },
  epoch: number,
): Promise<NodeBuild<Tree>> {
  const { tree } = content;
  // A tar holds only the overlay, without other layers.
  const artifacts = plan.formats.some(isBootable) ? content.artifacts : [];
  const layer = artifactKey({ files: artifacts, compressionLevel: cluster.image.compressionLevel, epoch });
  const recipe = baseRecipe(cluster, plan.packages, epoch);
  const key = await baseKey(recipe);
  const reserve = sizeClass(plan.node, tree);
  const lines = inventory(tree);
  const { node, bootRole, formats, kernelArgs } = plan;
  const disk = nodesWithStateDisk(cluster).has(node) ? diskId(cluster.name, node) : '';
  const id = digestOf({
    iso: await isoKey({ base: key, artifacts: layer, reserve, epoch }),
    inventory: sha256(lines),
    ...{ node, disk, kernelArgs, ramdisk: RAMDISK_RECIPE },
    layer: { compressionLevel: NODE_LAYER_LEVEL },
  });
  const boot = { node, image: id, disk, kernelArgs };
  const layers = { recipe, baseKey: key, artifacts, artifactKey: layer };
  return { node, bootRole, tree, inventory: lines, formats, boot, ...layers, reserve, id };
}

/** Depends only on the tree, before it is packed: the size of the uncompressed content, plus a block for each entry. */
function sizeClass(node: string, tree: DraftTree): number {
  const perEntry = 512;
  const bytes = tree.reduce((sum, entry) => sum + perEntry + (entry.type === 'file' ? entry.content.length : 0), 0);
  const fitting = NODE_LAYER_CLASSES.find((size) => bytes + (1 << 20) <= size);
  if (fitting !== undefined) return fitting;
  const mib = Math.ceil(bytes / (1 << 20));
  throw new BuildError(`The files of node \`${node}\` are ${String(mib)} MiB, more than a node layer may hold.`, {
    exitCode: 3,
    hint: 'put large files that all nodes share into a package or an OCI archive',
  });
}

/**
 * Turns a cluster into a plan (what each node's image consists of, as JSON-serialisable data) and a node into its tree.
 * Pure: the same cluster and sources give the same bytes. What nodes share is made once and shared by reference, so the
 * cost of a further node is that of its own files.
 */
import type { BootRole, Cluster, ImageFormat, Node, Role } from '../config/cluster.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { RenderError } from './error.ts';
import { located, NOWHERE, unrepresentable, type Fault } from './fault.ts';
import type { Merged } from './merge.ts';
import { nodeRecipes, sharedKey, sharedRecipes, sharedTree } from './node-recipes.ts';
import { unknownRoots } from './overlay.ts';
import { packageSet, type PackageSet } from './packages.ts';
import type { PlannedEntry, Recipe } from './recipe.ts';
import type { Sources } from './sources.ts';
import { planStoreFiles } from './store-files.ts';
import { byPath, makeTree, withEntries, type FileTree } from './tree.ts';

export interface ImagePlan {
  readonly node: string;
  readonly bootRole: BootRole;
  readonly roles: readonly Role[];
  readonly packages: PackageSet;
  readonly formats: readonly ImageFormat[];
  /** Copy the layers to the state disk and boot from there. */
  readonly install: boolean;
  /** In the order of the kernel's command line, after what the boot loader needs itself. */
  readonly kernelArgs: readonly string[];
  /** Key of `Plan.shared`. */
  readonly shared: string;
  /** The node's own entries; one with the path of a shared entry stands in for it. */
  readonly files: readonly PlannedEntry[];
  /** What it gets from the secrets store, certificates included. */
  readonly secrets: readonly PlannedEntry[];
}

export interface Plan {
  readonly cluster: string;
  /** Entries that nodes have alike, by their roles joined with `+`; behind a `/` each setting that they have of their own. */
  readonly shared: Readonly<Record<string, readonly PlannedEntry[]>>;
  /** Sorted by name. */
  readonly nodes: readonly ImagePlan[];
}

/**
 * Everything that is decided about a cluster's images, and what stands in the way. Makes no content.
 * @param locate gives diagnostics their places
 */
export function planImages(cluster: Cluster, sources: Sources, locate = NOWHERE): Result<Plan> {
  const faults: Fault[] = unknownRoots(cluster, sources.userOverlays);
  const nodes = cluster.nodes.map((node) => {
    const merged = attempt(() => nodeRecipes(cluster, node, sources), faults);
    const others = merged === undefined ? [] : [sharedRecipes(cluster, node, sources), merged];
    const secrets = planStoreFiles(cluster, node, others);
    faults.push(...(merged?.faults ?? []), ...secrets.faults);
    return imagePlan(cluster, node, merged, secrets.planned);
  });
  const keys = new Map(cluster.nodes.map((node) => [sharedKey(cluster, node), node]));
  const shared = [...keys].map(([key, node]) => [key, planned(sharedRecipes(cluster, node, sources).own)] as const);
  const plan = { cluster: cluster.name, shared: Object.fromEntries(shared), nodes };
  return { value: faults.length === 0 ? plan : undefined, diagnostics: located(faults, locate) };
}

function imagePlan(cluster: Cluster, node: Node, merged: Merged | undefined, secrets: ImagePlan['secrets']): ImagePlan {
  return {
    node: node.name,
    bootRole: node.bootRole,
    roles: node.roles,
    packages: packageSet(cluster, node),
    formats: cluster.image.formats,
    install: cluster.image.install,
    kernelArgs: [...cluster.image.consoles.map((console) => `console=${console}`), ...node.kernelArgs],
    shared: sharedKey(cluster, node),
    files: planned(merged?.own),
    secrets,
  };
}

/**
 * The node's tree, but for what comes from the secrets store.
 * @throws RenderError when a value cannot be written in its file's format, or entries collide, as {@link planImages} reports
 */
export function renderNode(cluster: Cluster, node: Node, sources: Sources): FileTree {
  const { own, faults } = nodeRecipes(cluster, node, sources);
  const [first] = faults;
  if (first !== undefined) {
    const { code, message } = first.diagnostic;
    throw new RenderError({ node: node.name, template: code, settings: first.settings }, message);
  }
  return withEntries(sharedTree(cluster, node, sources), makeTree([...own.values()].map((recipe) => recipe.make())));
}

/** The trees of the given nodes, by name, with every {@link RenderError} as a diagnostic `render/unrepresentable`. */
export function renderNodes(
  cluster: Cluster,
  nodes: readonly Node[],
  sources: Sources,
  locate = NOWHERE,
): Result<ReadonlyMap<string, FileTree>> {
  const faults: Fault[] = [];
  const trees = nodes.map((node) => [node.name, attempt(() => renderNode(cluster, node, sources), faults)] as const);
  const value = faults.length === 0 ? new Map(trees as [string, FileTree][]) : undefined;
  return { value, diagnostics: located(faults, locate) };
}

/** Runs `work`; a {@link RenderError} becomes a fault, anything else is a bug and passes. */
function attempt<T>(work: () => T, faults: Fault[]): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    faults.push(unrepresentable(error));
    return undefined;
  }
}

function planned(recipes: ReadonlyMap<string, Recipe> = new Map()): PlannedEntry[] {
  return [...recipes.values()].toSorted(byPath).map(({ path, type, mode, uid, gid, secret, origin }) => ({
    ...{ path, type, mode, uid, gid, secret, origin },
  }));
}

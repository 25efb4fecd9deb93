/**
 * Turns a cluster into a plan (the contents of each node's image, as JSON-serialisable data) and a node into its tree.
 * Pure: the same cluster and sources give the same bytes. Shared entries are made once and shared by reference, so a
 * further node costs only its own files.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import type { ImageFormat } from '../../config/formats.ts';
import type { BootRole, Role } from '../../config/roles.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import { IncompleteStore, type Store } from '../../pki/store/model.ts';
import { RenderError } from '../engine/error.ts';
import { located, NOWHERE, unrepresentable, type Fault } from '../engine/fault.ts';
import type { Merged } from '../tree/merge.ts';
import { nodeRecipes, sharedKey, sharedRecipes, sharedTree } from './node-recipes.ts';
import { unknownRoots } from './overlay.ts';
import { debianFacts, packageSet, type PackageSet } from './packages.ts';
import { updatesItself } from '../../config/fetching.ts';
import type { PlannedEntry, Recipe } from '../tree/recipe.ts';
import type { Sources } from './sources.ts';
import { byPath, makeTree, withEntries, type DraftTree, type FileTree } from '../tree/tree.ts';
import type { Known } from '../engine/values.ts';

export interface ImagePlan {
  readonly node: string;
  readonly bootRole: BootRole;
  readonly roles: readonly Role[];
  readonly packages: PackageSet;
  /** The other facts that decide which base layer the node has, as texts. Earlier versions wrote none. */
  readonly debian?: readonly string[];
  readonly formats: readonly ImageFormat[];
  /** Copy the layers to the state disk and boot from there. */
  readonly install: boolean;
  /** In the order of the kernel's command line, after the boot loader's own arguments. */
  readonly kernelArgs: readonly string[];
  /** Key of `Plan.shared`. */
  readonly shared: string;
  /** The node's own entries; they replace shared entries with the same path. */
  readonly files: readonly PlannedEntry[];
}

export interface Plan {
  readonly cluster: string;
  /**
   * Entries that nodes share. Key: their roles joined with `+`, then `/` and the name of each setting that they have of
   * their own.
   */
  readonly shared: Readonly<Record<string, readonly PlannedEntry[]>>;
  /** Sorted by name. */
  readonly nodes: readonly ImagePlan[];
}

/**
 * The plan of a cluster's images, and the faults that prevent it. Makes no file contents.
 * @param locate gives diagnostics their places
 * @param listing without `files`, the plans have no entries of their own: 60 KiB less for each node
 */
export function planImages(
  cluster: Cluster,
  sources: Sources,
  locate = NOWHERE,
  listing: 'files' | 'no-files' = 'files',
): Result<Plan> {
  const faults: Fault[] = unknownRoots(cluster, sources.userOverlays);
  const nodes = cluster.nodes.map((node) => {
    const merged = attempt(() => nodeRecipes(cluster, node, sources), faults);
    faults.push(...(merged?.faults ?? []));
    return imagePlan(cluster, node, listing === 'files' ? merged : undefined);
  });
  const keys = new Map(cluster.nodes.map((node) => [sharedKey(cluster, node), node]));
  const shared = [...keys].map(([key, node]) => [key, planned(sharedRecipes(cluster, node, sources).own)] as const);
  const plan = { cluster: cluster.name, shared: Object.fromEntries(shared), nodes };
  return { value: faults.length === 0 ? plan : undefined, diagnostics: located(faults, locate) };
}

function imagePlan(cluster: Cluster, node: Node, merged: Merged | undefined): ImagePlan {
  return {
    node: node.name,
    bootRole: node.bootRole,
    roles: node.roles,
    packages: packageSet(cluster, node),
    debian: debianFacts(cluster),
    formats: cluster.image.formats.filter((format) => format !== 'update' || updatesItself(cluster, node)),
    install: cluster.image.install,
    kernelArgs: [...cluster.image.consoles.map((console) => `console=${console}`), ...node.kernelArgs],
    shared: sharedKey(cluster, node),
    files: planned(merged?.own),
  };
}

/**
 * The node's tree with all known values; without `known`, as before anything was issued.
 * @throws RenderError when a file's format cannot represent a value, or entries collide, as {@link planImages} reports
 */
export function draftNode(cluster: Cluster, node: Node, sources: Sources, known: Known = 'not-issued-yet'): DraftTree {
  const { own, faults } = nodeRecipes(cluster, node, sources);
  const [first] = faults;
  if (first !== undefined) {
    const { code, message } = first.diagnostic;
    throw new RenderError({ node: node.name, template: code, settings: first.settings }, message);
  }
  const entries = [...own.values()].map((recipe) => recipe.make(known));
  return withEntries(sharedTree(cluster, node, sources, known), makeTree(entries));
}

/**
 * The node's tree without the files that take values from the secrets store; {@link wholeNode} includes them.
 * @throws RenderError as {@link draftNode} does
 */
export function renderNode(cluster: Cluster, node: Node, sources: Sources): FileTree {
  return withoutPending(draftNode(cluster, node, sources));
}

const withoutPending = (draft: DraftTree): FileTree => draft.filter((entry) => entry.type !== 'pending');

/**
 * The node's tree with all files.
 * @throws RenderError as {@link draftNode} does, IncompleteStore when the store lacks a value
 */
export function wholeNode(cluster: Cluster, node: Node, sources: Sources, store: Store): FileTree {
  const draft = draftNode(cluster, node, sources, store);
  const pending = draft.find(({ type }) => type === 'pending');
  if (pending === undefined) return withoutPending(draft);
  const holes = (pending.origin.holes ?? []).map((hole) => `\`${hole}\``).join(', ');
  throw new IncompleteStore(`the secrets store lacks a value of ${holes}, which \`/${pending.path}\` needs`);
}

/**
 * The trees of the given nodes, by name, as before anything was issued; every {@link RenderError} is a diagnostic
 * `render/unrepresentable`.
 * @param receive gets each tree at once, also when a further node has a fault
 */
export function draftNodes(
  cluster: Cluster,
  nodes: readonly Node[],
  sources: Sources,
  locate = NOWHERE,
  receive?: (node: string, tree: DraftTree) => void,
): Result<ReadonlyMap<string, DraftTree>> {
  const faults: Fault[] = [];
  const trees = nodes.map((node) => {
    const tree = attempt(() => draftNode(cluster, node, sources), faults);
    if (tree !== undefined) receive?.(node.name, tree);
    return [node.name, tree] as const;
  });
  const value = faults.length === 0 ? new Map(trees as [string, DraftTree][]) : undefined;
  return { value, diagnostics: located(faults, locate) };
}

/** Runs `work`; a {@link RenderError} becomes a fault. Any other error is a bug and is thrown. */
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

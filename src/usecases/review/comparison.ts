/** Compares two states of a cluster, node by node: the plans of the images and their files. Pure. */
import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { diffSnapshots, snapshotOf, type FileChange, type Snapshot } from '../../render/tree/diff.ts';
import type { ImagePlan } from '../../render/plan/plan.ts';
import type { Drafts } from '../secrets/draft-trees.ts';
import type { Project } from '../project.ts';

/** The known facts of one node. */
export interface NodeState {
  /** Null when there is no plan. */
  readonly image: ImagePlan | null;
  readonly snapshot: Snapshot;
}

/** By name of the node. */
export type ClusterState = ReadonlyMap<string, NodeState>;

export interface NodeChange {
  readonly node: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'unchanged';
  /** Changes of the image other than files: packages, formats, kernel arguments. */
  readonly image: readonly StructuredPatchHunk[];
  readonly files: readonly FileChange[];
}

const NOTHING: NodeState = { image: null, snapshot: [] };

/** One entry for each node of either side, sorted by name. */
export function compareClusters(before: ClusterState, after: ClusterState): NodeChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.map((node) => compareNode(node, before.get(node), after.get(node)));
}

function compareNode(node: string, before: NodeState | undefined, after: NodeState | undefined): NodeChange {
  const files = diffSnapshots((before ?? NOTHING).snapshot, (after ?? NOTHING).snapshot);
  if (before === undefined) return { node, kind: 'added', image: [], files };
  if (after === undefined) return { node, kind: 'removed', image: [], files };
  const image = before.image === null || after.image === null ? [] : imageHunks(before.image, after.image);
  const kind = files.length + image.length === 0 ? 'unchanged' : 'changed';
  return { node, kind, image, files };
}

function imageHunks(before: ImagePlan, after: ImagePlan): StructuredPatchHunk[] {
  return structuredPatch('', '', imageFacts(before), imageFacts(after), undefined, undefined, { context: 0 }).hunks;
}

/** The facts of an image other than its files, one per line, for a comparison by lines. */
function imageFacts(image: ImagePlan): string {
  const facts = [
    `boot role ${image.bootRole}`,
    ...image.roles.map((role) => `role ${role}`),
    ...image.formats.map((format) => `format ${format}`),
    `install to disk ${image.install ? 'yes' : 'no'}`,
    ...image.kernelArgs.map((arg) => `kernel argument ${arg}`),
    ...image.packages.names.map((name) => `package ${name}`),
  ];
  return facts.map((fact) => `${fact}\n`).join('');
}

/** The state after a build of the project. */
export function stateOf({ plan }: Project, drafts: Drafts): ClusterState {
  const images = new Map(plan.nodes.map((image) => [image.node, image]));
  return new Map(
    [...drafts].map(([node, tree]) => [node, { image: images.get(node) ?? null, snapshot: snapshotOf(tree) }]),
  );
}

/** Keeps only the named nodes; a name may be missing on one side. */
export function onlyNodes(state: ClusterState, names: readonly string[] | undefined): ClusterState {
  return names === undefined ? state : new Map([...state].filter(([name]) => names.includes(name)));
}

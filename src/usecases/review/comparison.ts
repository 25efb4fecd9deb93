/** Compares two states of a cluster, node by node: what their images are made of, and their file systems. Pure. */
import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { diffSnapshots, snapshotOf, type FileChange, type Snapshot } from '../../render/diff.ts';
import type { ImagePlan } from '../../render/plan.ts';
import type { Drafts } from '../secrets/foresee.ts';
import type { Project } from '../project.ts';

/** One node as far as it is known. */
export interface NodeState {
  /** Null where no plan is at hand. */
  readonly image: ImagePlan | null;
  readonly snapshot: Snapshot;
}

/** By name of the node. */
export type ClusterState = ReadonlyMap<string, NodeState>;

export interface NodeChange {
  readonly node: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'unchanged';
  /** What changes in the image beside its files: packages, formats, kernel arguments. */
  readonly image: readonly StructuredPatchHunk[];
  readonly files: readonly FileChange[];
}

const NOTHING: NodeState = { image: null, snapshot: [] };

/** One change per node that either side has, sorted by name. */
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

/** What an image is besides its files, a fact a line, so that a comparison by lines is one by facts. */
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

/** What a build of the project would make. */
export function stateOf({ plan }: Project, drafts: Drafts): ClusterState {
  const images = new Map(plan.nodes.map((image) => [image.node, image]));
  return new Map(
    [...drafts].map(([node, tree]) => [node, { image: images.get(node) ?? null, snapshot: snapshotOf(tree) }]),
  );
}

/** A name that only one side knows is fine: that is what a comparison is for. */
export function onlyNodes(state: ClusterState, names: readonly string[] | undefined): ClusterState {
  return names === undefined ? state : new Map([...state].filter(([name]) => names.includes(name)));
}

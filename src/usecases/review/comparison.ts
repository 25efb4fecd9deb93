/** Compares two states of a cluster, node by node: the plans of the images and their files. Pure. */
import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { diffSnapshots, snapshotOf, type FileChange, type Snapshot } from '../../render/tree/diff.ts';
import type { ImagePlan, Plan } from '../../render/plan/plan.ts';
import { UPDATE_CONFIG } from '../../render/views/node/update.ts';
import type { Drafts } from '../secrets/draft-trees.ts';
import type { Project } from '../project.ts';

/** The known facts of one node. */
export interface NodeState {
  /** Null when there is no plan. */
  readonly image: ImagePlan | null;
  readonly snapshot: Snapshot;
  /** Paths of the entries that the user placed; none where there is no plan. */
  readonly placed?: ReadonlySet<string>;
}

/** By name of the node. */
export type ClusterState = ReadonlyMap<string, NodeState>;

export interface NodeChange {
  readonly node: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'unchanged';
  /** Changes of the image other than files: packages and how Debian is packed, formats, kernel arguments. */
  readonly image: readonly StructuredPatchHunk[];
  readonly files: readonly FileChange[];
  /** Paths of those that the user placed: files, units, hooks, overlays. */
  readonly placed: readonly string[];
  /** Whether `coldstart update` reaches the node, before and after. */
  readonly updatesItself: boolean;
}

const NOTHING: NodeState = { image: null, snapshot: [] };

/** One entry for each node of either side, sorted by name. */
export function compareClusters(before: ClusterState, after: ClusterState): NodeChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.map((node) => compareNode(node, before.get(node), after.get(node)));
}

function compareNode(node: string, before: NodeState | undefined, after: NodeState | undefined): NodeChange {
  const files = diffSnapshots((before ?? NOTHING).snapshot, (after ?? NOTHING).snapshot);
  const isPlaced = (path: string): boolean => [before, after].some((state) => state?.placed?.has(path) === true);
  const placed = files.map(({ path }) => path).filter(isPlaced);
  const updatesItself = [before, after].every((state) => state?.snapshot.some(({ path }) => path === UPDATE_CONFIG));
  if (before === undefined) return { node, kind: 'added', image: [], files, placed, updatesItself };
  if (after === undefined) return { node, kind: 'removed', image: [], files, placed, updatesItself };
  const image = before.image === null || after.image === null ? [] : imageHunks(before.image, after.image);
  const kind = files.length + image.length === 0 ? 'unchanged' : 'changed';
  return { node, kind, image, files, placed, updatesItself };
}

function imageHunks(before: ImagePlan, after: ImagePlan): StructuredPatchHunk[] {
  // An output folder of an earlier version does not say how Debian was packed.
  const hasDebian = before.debian !== undefined && after.debian !== undefined;
  const [was, is] = [before, after].map((image) => imageFacts(image, hasDebian));
  return structuredPatch('', '', was ?? '', is ?? '', undefined, undefined, { context: 0 }).hunks;
}

/** The facts of an image other than its files, one per line, for a comparison by lines. */
function imageFacts(image: ImagePlan, withDebian: boolean): string {
  const facts = [
    `boot role ${image.bootRole}`,
    ...image.roles.map((role) => `role ${role}`),
    ...image.formats.map((format) => `format ${format}`),
    `install to disk ${image.install ? 'yes' : 'no'}`,
    ...image.kernelArgs.map((arg) => `kernel argument ${arg}`),
    ...(withDebian ? (image.debian ?? []) : []).map((fact) => `Debian ${fact}`),
    ...image.packages.names.map((name) => `package ${name}`),
  ];
  return facts.map((fact) => `${fact}\n`).join('');
}

/** The state after a build of the project. */
export function stateOf({ plan }: Project, drafts: Drafts): ClusterState {
  const images = new Map(plan.nodes.map((image) => [image.node, image]));
  return new Map(
    [...drafts].map(([node, tree]) => {
      const image = images.get(node) ?? null;
      return [
        node,
        { image, snapshot: snapshotOf(tree), ...(image === null ? {} : { placed: placedIn(plan, image) }) },
      ];
    }),
  );
}

const PLACED = /^(files|units|hooks)\[/;

/** Paths of the entries that the user placed on a node. */
export function placedIn(plan: Plan, image: ImagePlan): ReadonlySet<string> {
  const entries = [...image.files, ...(plan.shared[image.shared] ?? [])];
  const isPlaced = ({ origin: { kind, source } }: (typeof entries)[number]): boolean =>
    kind === 'user-overlay' || (kind === 'setting' && PLACED.test(source));
  return new Set(entries.filter(isPlaced).map(({ path }) => path));
}

/** Keeps only the named nodes; a name may be missing on one side. */
export function onlyNodes(state: ClusterState, names: readonly string[] | undefined): ClusterState {
  return names === undefined ? state : new Map([...state].filter(([name]) => names.includes(name)));
}

/**
 * Plans a rollout: which nodes change, why, and in which order. Pure. The truth is in the reports of the nodes, so a plan after an
 * interruption holds only what is left.
 */
import { minorsBetween } from '../../config/kubernetes/releases.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import type { Precondition } from '../../pki/issue/rotation-releases.ts';
import { changedFiles, type Comparison } from './comparison.ts';
import { illness, runsImage } from './report.ts';
import type { Seen } from './state.ts';

/**
 * Nodes that need no restart come first. Of the others, masters do, as API servers must not be older than kubelets; then one storage
 * node at a time; then the rest.
 */
export type Group = 'live' | 'master' | 'storage' | 'worker';

/** A node of the definition. */
export interface PlannedNode {
  readonly name: string;
  readonly isMaster: boolean;
  /** Of the Kubernetes cluster. */
  readonly isMember: boolean;
  /** Whether it runs daemons of Ceph. */
  readonly isStorage: boolean;
  readonly hasStateDisk: boolean;
}

export interface Wanted {
  /** Id of the image. */
  readonly image: string;
  readonly release: number;
  readonly kubernetes: string | null;
}

/** What brings a change to a node. With `live`, the running system takes the changed files; the next start runs the new slot. */
type Way = 'live' | 'restart';

export interface Change {
  readonly node: string;
  readonly group: Group;
  readonly way: Way;
  /** E.g. `release 3 → 5`. */
  readonly why: readonly string[];
  readonly wanted: Wanted;
}

interface Obstacle {
  readonly node: string;
  readonly reason: string;
  readonly todo: string;
}

export interface Plan {
  /** In the order of the rollout. */
  readonly changes: readonly Change[];
  /** Nodes that run what is wanted. */
  readonly current: readonly string[];
  /** Nodes that an update cannot reach; the others are updated all the same. */
  readonly impossible: readonly Obstacle[];
  /** Why the rollout must not begin. */
  readonly refusals: readonly string[];
  /** Whether the version of Kubernetes changes by a minor version. */
  readonly isMinor: boolean;
}

export interface PlanRequest {
  /** All nodes of the definition, in its order. */
  readonly nodes: readonly PlannedNode[];
  /** Names of those to update; all by default. */
  readonly chosen: readonly string[] | undefined;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly seen: ReadonlyMap<string, Seen>;
  /** Of the steps of rotations that the wanted images have. */
  readonly preconditions: readonly Precondition[];
  /** Files and layers that differ, by node, where they are known. */
  readonly differences: ReadonlyMap<string, readonly string[]>;
  /** What nodes say about their new images. Those that were not asked, or do not know the question, are restarted. */
  readonly comparisons: ReadonlyMap<string, Comparison>;
  /** Whether an unhealthy cluster and an older release are accepted. */
  readonly force: boolean;
}

const ORDER: readonly Group[] = ['live', 'master', 'storage', 'worker'];

export function planRollout(request: PlanRequest): Plan {
  const chosen = request.nodes.filter(({ name }) => request.chosen?.includes(name) ?? true);
  const verdicts = chosen.map((node) => judge(node, request));
  const changes = verdicts
    .flatMap((verdict) => (verdict.kind === 'change' ? [verdict.change] : []))
    .toSorted((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group));
  const impossible = verdicts.flatMap((verdict) => (verdict.kind === 'impossible' ? [verdict.obstacle] : []));
  const current = verdicts.flatMap((verdict) => (verdict.kind === 'current' ? [verdict.node] : []));
  const refusals =
    changes.length === 0
      ? []
      : [...skew(changes, request), ...(request.force ? [] : [...unready(request), ...troubles(chosen, request)])];
  return { changes, current, impossible, refusals, isMinor: changes.some((change) => minors(change, request) !== 0) };
}

type Verdict =
  | { readonly kind: 'current'; readonly node: string }
  | { readonly kind: 'impossible'; readonly obstacle: Obstacle }
  | { readonly kind: 'change'; readonly change: Change };

function judge(node: PlannedNode, request: PlanRequest): Verdict {
  const { name } = node;
  const { wanted, seen } = request;
  const obstacle = (reason: string, todo: string): Verdict => ({
    kind: 'impossible',
    obstacle: { node: name, reason, todo },
  });
  const goal = wanted.get(name);
  const { report = null, problem = null } = seen.get(name) ?? {};
  if (goal === undefined) return obstacle('it has no update bundle', needsFormat(node));
  if (report === null)
    return obstacle(problem ?? 'it was not asked', 'when it answers again, call `coldstart update` again');
  const { update } = report;
  if (update === null) return obstacle('its image is too old for updates', 'start it once from its present image');
  // A node that tries the wanted image has still to become good, and to be released.
  if (runsImage(update, goal.image)) return { kind: 'current', node: name };
  if (update.state === 'medium') {
    return update.image === goal.image
      ? { kind: 'current', node: name }
      : obstacle(
          'it runs from a medium, not from its state disk',
          'write the new image on its medium and restart it; or set `image.install`',
        );
  }
  return { kind: 'change', change: changeOf(node, update, goal, request) };
}

function changeOf(node: PlannedNode, update: Update, wanted: Wanted, request: PlanRequest): Change {
  const comparison = request.comparisons.get(node.name);
  const why = reasons(update, wanted);
  // What did not become good by a start is tried by a start.
  if (comparison?.live === true && (update.state === 'good' || update.state === 'pending')) {
    return { node: node.name, group: 'live', way: 'live', why: [...why, ...changedFiles(comparison)], wanted };
  }
  const differences = request.differences.get(node.name) ?? [];
  return { node: node.name, group: groupOf(node), way: 'restart', why: [...why, ...differences], wanted };
}

const needsFormat = ({ hasStateDisk }: PlannedNode): string =>
  hasStateDisk
    ? 'set `image.install`, or add `update` to `image.formats`'
    : 'it has no state disk: start it from its new image';

type Update = NonNullable<NonNullable<Seen['report']>['update']>;

function reasons(update: Update, wanted: Wanted): string[] {
  const { release, kubernetes, state, reason } = update;
  return [
    ...(state === 'trying' ? ['it is trying an update'] : []),
    ...(state === 'returned' ? [`its last update did not become good: ${reason ?? 'it does not say why'}`] : []),
    ...(release === wanted.release ? ['packages or artifacts'] : [`release ${release ?? '?'} → ${wanted.release}`]),
    ...(kubernetes === wanted.kubernetes
      ? []
      : [`Kubernetes ${kubernetes ?? 'none'} → ${wanted.kubernetes ?? 'none'}`]),
  ];
}

function groupOf({ isMaster, isStorage }: PlannedNode): Group {
  if (isMaster) return 'master';
  return isStorage ? 'storage' : 'worker';
}

const runs = ({ seen }: PlanRequest, node: string): Update | null => seen.get(node)?.report?.update ?? null;

function minors({ node, wanted }: Change, request: PlanRequest): number {
  const from = runs(request, node)?.kubernetes ?? null;
  return from === null || wanted.kubernetes === null ? 0 : minorsBetween(from, wanted.kubernetes);
}

/** https://kubernetes.io/releases/version-skew-policy/ */
function skew(changes: readonly Change[], request: PlanRequest): string[] {
  const said = (change: Change): string =>
    `${change.node} runs Kubernetes ${runs(request, change.node)?.kubernetes ?? 'none'}, and the definition wants ${change.wanted.kubernetes ?? 'none'}`;
  const masters = changes.filter(({ group }) => group === 'master');
  const skipped = masters.find((change) => minors(change, request) > 1);
  const lowered = masters.find((change) => minors(change, request) < 0);
  const older = changes.find(({ node, wanted }) => (runs(request, node)?.release ?? 0) > wanted.release);
  return [
    ...(skipped === undefined ? [] : [`${said(skipped)}: API servers are updated one minor version at a time`]),
    ...(lowered === undefined || request.force
      ? []
      : [`${said(lowered)}: an older API server may not understand what etcd holds`]),
    ...(older === undefined || request.force
      ? []
      : [
          `${older.node} runs a newer release (${runs(request, older.node)?.release ?? '?'}) than the definition has (${older.wanted.release}): is the secrets store an old one?`,
        ]),
    ...ahead(changes, request),
  ];
}

/** A kubelet must not be newer than an API server: at the end of this rollout, too, when it leaves masters out. */
function ahead(changes: readonly Change[], request: PlanRequest): string[] {
  const after = (name: string): string | null =>
    changes.find(({ node }) => node === name)?.wanted.kubernetes ?? runs(request, name)?.kubernetes ?? null;
  const masters = request.nodes.filter(({ isMaster }) => isMaster).map(({ name }) => ({ name, version: after(name) }));
  return changes
    .flatMap(({ node, wanted: { kubernetes } }) => {
      const behind = masters.find(
        ({ version }) => version !== null && kubernetes !== null && minorsBetween(version, kubernetes) > 0,
      );
      return behind === undefined
        ? []
        : [
            `${node} would run Kubernetes ${kubernetes ?? ''}, and the API server of ${behind.name} ${behind.version ?? ''}: update the masters first`,
          ];
    })
    .slice(0, 1);
}

/** Steps of rotations that come too early: nodes of an earlier step do not trust those that get this one. */
function unready({ preconditions, nodes, seen }: PlanRequest): string[] {
  return preconditions.flatMap(({ id, step, before, releases }) => {
    const late = nodes.filter(({ name }) => {
      const runs = seen.get(name)?.report?.update?.release ?? null;
      return runs !== null && runs < (releases[name] ?? 0);
    });
    const [first] = late;
    if (first === undefined) return [];
    const others = late.length === 1 ? '' : ` and ${quantity(late.length - 1, 'further node')}`;
    const doing = late.length === 1 ? 'does' : 'do';
    return [
      `${first.name}${others} ${doing} not have the step \`${before}\` of the rotation of \`${id}\`, which must come before \`${step}\`: update with the secrets store as it was before \`${step}\``,
    ];
  });
}

/** What is wrong before anything begins: with the masters, and with the nodes to update. */
function troubles(chosen: readonly PlannedNode[], { nodes, seen }: PlanRequest): string[] {
  const asked = new Set([...nodes.filter(({ isMaster }) => isMaster), ...chosen]);
  return [...asked].flatMap(({ name }) => {
    const { report = null, problem = null } = seen.get(name) ?? {};
    const found = report === null ? (problem ?? 'it was not asked') : illness(report);
    // A node that tries an update becomes good, or returns, by itself.
    return found === null || report?.update?.state === 'trying' ? [] : [`${name}: ${found}`];
  });
}

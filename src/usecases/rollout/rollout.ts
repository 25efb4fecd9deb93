/**
 * Carries out a plan, while it has the lease of rollouts: masters and storage nodes one at a time, workers several at a time, and nothing more after the first failure. Pure
 * but for its `ClusterAccess`. A later rollout continues, because it asks the nodes what they run.
 */
import pMap from 'p-map';
import type { ClusterAccess } from './access.ts';
import type { Change, Group, Plan, PlannedNode } from './plan.ts';
import { LIMITS, updateNode, type Limits, type Outcome, type Phase } from './update-node.ts';

export interface RolloutRequest {
  readonly plan: Plan;
  readonly nodes: readonly PlannedNode[];
  /** How many workers are away at the same time. */
  readonly parallel: number;
  readonly drains: boolean;
  readonly limits?: Limits;
  readonly tell: (node: string, phase: Phase) => void;
  readonly ended: (outcome: Outcome) => void;
}

export interface Rollout {
  /** Of the nodes that were begun. */
  readonly outcomes: readonly Outcome[];
  /** Names of those that were not. */
  readonly left: readonly string[];
  /** What stopped it before any node; null otherwise. */
  readonly refusal: string | null;
}

/** Nodes that stay in service. */
const MOST_LIVE = 16;

const AT_A_TIME: Readonly<Record<Group, (parallel: number) => number>> = {
  live: () => MOST_LIVE,
  master: () => 1,
  storage: () => 1,
  worker: (parallel) => parallel,
};

export async function rollOut(request: RolloutRequest, access: ClusterAccess): Promise<Rollout> {
  const lease = await access.lock();
  try {
    const refusal = lease.state === 'held' ? await begin(request, access) : lease.reason;
    const outcomes = refusal === null ? await carryOut(request, access) : [];
    const begun = new Set(outcomes.map(({ node }) => node));
    const left = request.plan.changes.map(({ node }) => node).filter((node) => !begun.has(node));
    return { outcomes, left, refusal };
  } finally {
    if (lease.state !== 'taken') await access.unlock();
  }
}

/** What comes before the first node. */
async function begin({ plan: { changes } }: RolloutRequest, access: ClusterAccess): Promise<string | null> {
  const forgotten = await releaseForgotten(
    changes.filter(({ way }) => way === 'restart'),
    access,
  );
  if (forgotten !== null || changes.every(({ group }) => group !== 'master')) return forgotten;
  const refusal = await access.snapshot();
  return refusal === null ? null : `no snapshot of etcd could be made: ${refusal}`;
}

async function carryOut(request: RolloutRequest, access: ClusterAccess): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const stopped = (): boolean => access.interrupted() || outcomes.some(({ state }) => state !== 'done');
  for (const group of Object.keys(AT_A_TIME) as Group[]) {
    const own = request.plan.changes.filter((change) => change.group === group);
    const concurrency = AT_A_TIME[group](request.parallel);
    await pMap(
      own,
      async (change) => {
        if (stopped()) return;
        const outcome = await updateNode(nodeUpdate(request, change), access);
        outcomes.push(outcome);
        request.ended(outcome);
      },
      { concurrency },
    );
  }
  return outcomes;
}

/** An earlier rollout may have ended between a node's success and its release. */
async function releaseForgotten(changes: readonly Change[], access: ClusterAccess): Promise<string | null> {
  const marked = (await access.marked()).filter((name) => changes.every(({ node }) => node !== name));
  for (const node of marked) {
    const refusal = await access.release(node);
    if (refusal !== null) return `${node} is still out of service since an earlier update: ${refusal}`;
  }
  return null;
}

function nodeUpdate({ nodes, drains, limits = LIMITS, tell }: RolloutRequest, change: Change) {
  const node = nodes.find(({ name }) => name === change.node);
  if (node === undefined) throw new Error(`${change.node} was planned, but is no node`);
  return { change, node, drains, limits, tell: (phase: Phase) => void tell(change.node, phase) };
}

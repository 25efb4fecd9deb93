/**
 * Updates one node: write, make sure that the cluster can do without it, drain, restart, wait until it is good, release; or write, let
 * the running system take the files, wait until it is healthy. Whatever ends it early, the node is left whole: before the restart, all is taken back; after it, the node itself decides whether the update
 * is good. Pure but for its `ClusterAccess`.
 */
import type { ClusterAccess, Refusal } from './access.ts';
import type { Change, PlannedNode } from './plan.ts';
import { illness, runsImage, type NodeReport } from './report.ts';
import type { Seen } from './state.ts';

export type Phase = 'write' | 'take-live' | 'wait-for-cluster' | 'drain' | 'hold' | 'restart' | 'await' | 'release';

export interface Limits {
  /** Seconds until etcd and Ceph can do without the node. */
  readonly spare: number;
  /** Seconds until a node that was told to restart is away. */
  readonly leave: number;
  /** Seconds from the restart until the node is good. It returns to its former slot by itself before. */
  readonly back: number;
  /** Seconds between two looks. */
  readonly pause: number;
}

/** Long enough for a slow machine: its own limit for a try is shorter. */
export const LIMITS: Limits = { spare: 900, leave: 600, back: 3600, pause: 5 };

export type Outcome =
  | { readonly node: string; readonly state: 'done' }
  /** The node runs what it ran before, and takes part as before. */
  | { readonly node: string; readonly state: 'unchanged'; readonly reason: string }
  /** It is under way, or did not come back. */
  | { readonly node: string; readonly state: 'open'; readonly reason: string };

interface NodeUpdate {
  readonly change: Change;
  readonly node: PlannedNode;
  readonly drains: boolean;
  readonly limits: Limits;
  readonly tell: (phase: Phase, detail?: string) => void;
}

const INTERRUPTED = 'interrupted';

export async function updateNode(update: NodeUpdate, access: ClusterAccess): Promise<Outcome> {
  const name = update.node.name;
  const before = await settled(update, access);
  if (before?.update?.image === update.change.wanted.image) return finish(update, access, null);
  const refusal = await prepare(update, access);
  if (refusal !== null) return takeBack(update, access, refusal);
  if (update.change.way === 'live') return awaitLive(update, access);
  const lost = await locked(access);
  if (lost !== null) return takeBack(update, access, lost);
  update.tell('restart');
  const away = await access.restart(name);
  if (away !== null) return takeBack(update, access, away);
  return finish(update, access, before);
}

/** The report of the node, after it has decided about an update to another image that it tries. Null if it does not answer. */
async function settled({ change, node, limits, tell }: NodeUpdate, access: ClusterAccess): Promise<NodeReport | null> {
  const end = access.now() + limits.back;
  for (;;) {
    const { report } = await access.look(node.name);
    const isTrying = report?.update?.state === 'trying' && report.update.image !== change.wanted.image;
    if (!isTrying || access.now() >= end || access.interrupted()) return report;
    tell('await');
    await access.pause(limits.pause);
  }
}

/** All that can be taken back. */
async function prepare({ change, node, drains, limits, tell }: NodeUpdate, access: ClusterAccess): Promise<Refusal> {
  const leaves = change.way === 'restart';
  const steps: readonly [Phase, boolean, () => Promise<Refusal>][] = [
    ['write', true, () => access.write(node.name)],
    ['take-live', !leaves, () => access.takeLive(node.name)],
    ['wait-for-cluster', leaves, () => untilSpared(node.name, limits, access)],
    ['drain', leaves && node.isMember && drains, () => access.drain(node.name)],
    ['hold', leaves && node.isStorage, () => access.hold(node.name)],
    // Moving pods takes minutes, in which another member may have failed.
    ['wait-for-cluster', leaves, () => untilSpared(node.name, limits, access)],
  ];
  for (const [phase, applies, step] of steps) {
    if (!applies) continue;
    if (access.interrupted()) return INTERRUPTED;
    const lost = await locked(access);
    if (lost !== null) return access.interrupted() ? INTERRUPTED : lost;
    tell(phase);
    const refusal = await step();
    if (refusal !== null) return access.interrupted() ? INTERRUPTED : refusal;
  }
  return access.interrupted() ? INTERRUPTED : null;
}

/** Null while this rollout has the lease. */
async function locked(access: ClusterAccess): Promise<Refusal> {
  const lease = await access.lock();
  return lease.state === 'held' ? null : lease.reason;
}

async function untilSpared(node: string, limits: Limits, access: ClusterAccess): Promise<Refusal> {
  const end = access.now() + limits.spare;
  for (;;) {
    const refusal = await access.spare(node);
    if (refusal === null || access.now() >= end || access.interrupted()) return refusal;
    await access.pause(limits.pause);
  }
}

/** Before the restart: the node runs as before. */
async function takeBack({ node, tell }: NodeUpdate, access: ClusterAccess, reason: string): Promise<Outcome> {
  tell('release');
  // Another rollout has gone on from here, and also takes back what is left.
  const lease = await access.lock();
  if (lease.state === 'taken') return { node: node.name, state: 'open', reason: `${reason}; ${lease.reason}` };
  const left = [await access.giveUp(node.name), await access.release(node.name)].filter((refusal) => refusal !== null);
  if (left.length === 0) return { node: node.name, state: 'unchanged', reason };
  return { node: node.name, state: 'open', reason: `${reason}; then: ${left.join('; ')}` };
}

/** After a change without a restart: the node has taken part all along. */
async function awaitLive(update: NodeUpdate, access: ClusterAccess): Promise<Outcome> {
  const { node, limits, tell, change } = update;
  tell('await');
  const end = access.now() + limits.spare;
  for (;;) {
    const { report, problem } = await access.look(node.name);
    const ill = report === null ? (problem ?? 'it did not answer') : illness(report);
    const running = report?.update ?? null;
    if (ill === null && running !== null && runsImage(running, change.wanted.image))
      return { node: node.name, state: 'done' };
    // A restart that nobody has asked for tries the new slot.
    if (ill === null && running?.image === change.wanted.image) return finish(update, access, null);
    if (access.interrupted() || access.now() >= end) {
      const reason = ill ?? 'it does not say that its running system has taken the update';
      return { node: node.name, state: 'open', reason: access.interrupted() ? `${INTERRUPTED}: ${reason}` : reason };
    }
    await access.pause(limits.pause);
  }
}

/** After the restart. @param before the report from before it; null where the node runs the wanted image already */
async function finish(update: NodeUpdate, access: ClusterAccess, before: NodeReport | null): Promise<Outcome> {
  const { node, limits, tell, change } = update;
  const open = (reason: string): Outcome => ({ node: node.name, state: 'open', reason });
  tell('await');
  const began = access.now();
  const end = began + limits.back;
  for (;;) {
    const seen = await access.look(node.name);
    const verdict = judge(seen, change.wanted.image, before);
    if (verdict.state === 'good') return released(update, access);
    // It runs its former slot, and takes part again.
    if (verdict.state === 'returned') {
      const left = (await locked(access)) ?? (await access.release(node.name));
      return left === null
        ? { node: node.name, state: 'unchanged', reason: verdict.reason }
        : open(`${verdict.reason}; then: ${left}`);
    }
    if (verdict.state === 'still' && access.now() >= began + limits.leave)
      return takeBack(update, access, verdict.reason);
    if (verdict.state === 'failed') return open(verdict.reason);
    if (access.interrupted()) return open(`${INTERRUPTED} while it started: ${verdict.reason}`);
    if (access.now() >= end) return open(`it is not good after ${limits.back / 60} minutes: ${verdict.reason}`);
    await access.pause(limits.pause);
  }
}

type Verdict =
  { readonly state: 'good' } | { readonly state: 'still' | 'waiting' | 'returned' | 'failed'; readonly reason: string };

function judge({ report, problem, away }: Seen, wanted: string, before: NodeReport | null): Verdict {
  if (report === null) return { state: away ? 'waiting' : 'failed', reason: problem ?? 'it did not answer' };
  const { update } = report;
  const ill = illness(report);
  if (update === null) return { state: 'waiting', reason: 'its image does not tell what runs' };
  if (update.image === wanted) {
    if (update.state === 'good' && ill === null) return { state: 'good' };
    return { state: 'waiting', reason: ill ?? 'it has not decided yet that the update is good' };
  }
  if (before !== null && report.boot === before.boot) return { state: 'still', reason: 'it did not restart' };
  const why = update.reason ?? `it runs image ${update.image?.slice(0, 12) ?? 'unknown'} after the restart`;
  return ill === null
    ? { state: 'returned', reason: `it returned to its former slot: ${why}` }
    : { state: 'waiting', reason: `it returned to its former slot: ${why}; ${ill}` };
}

async function released({ node, tell, limits }: NodeUpdate, access: ClusterAccess): Promise<Outcome> {
  tell('release');
  const end = access.now() + limits.spare;
  for (;;) {
    const refusal = (await locked(access)) ?? (await access.release(node.name));
    if (refusal === null) return { node: node.name, state: 'done' };
    if (access.now() >= end || access.interrupted()) {
      return { node: node.name, state: 'open', reason: `it is good, but: ${refusal}` };
    }
    await access.pause(limits.pause);
  }
}

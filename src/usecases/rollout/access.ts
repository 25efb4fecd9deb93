/** What a rollout asks of a cluster. `cluster-access.ts` does it by SSH; tests have a simulated cluster. */
import type { Seen } from './state.ts';

/** Why it could not be done; null if it was done. */
export type Refusal = string | null;

/** What came of asking for the lease of rollouts. */
export type Lease =
  | { readonly state: 'held' }
  /** Another rollout has it. */
  | { readonly state: 'taken'; readonly reason: string }
  /** It could not be asked for. */
  | { readonly state: 'unknown'; readonly reason: string };

export interface ClusterAccess {
  /** Takes the lease of rollouts, of which there is one in the cluster, and keeps it; or makes sure that this rollout has it still. */
  lock(): Promise<Lease>;
  /** Gives the lease back. */
  unlock(): Promise<void>;
  /** What the node says of itself. */
  look(node: string): Promise<Seen>;
  /** Nodes that `drain` or `hold` of a rollout has marked, and no `release` since. */
  marked(): Promise<readonly string[]>;
  /** Takes a snapshot of etcd. */
  snapshot(): Promise<Refusal>;
  /** Writes the update into the slot that does not run. */
  write(node: string): Promise<Refusal>;
  /** Lets the running system take the files of the update that waits for its try. If it is refused, the system is as before. */
  takeLive(node: string): Promise<Refusal>;
  /** Gives up an update that waits for its try, and what the running system has taken of it. */
  giveUp(node: string): Promise<Refusal>;
  /** Whether etcd and Ceph can do without the node for a while. */
  spare(node: string): Promise<Refusal>;
  /** Takes the node out of Kubernetes' scheduling and moves its pods away. */
  drain(node: string): Promise<Refusal>;
  /** Keeps Ceph from copying the data of a node that is away for a while. */
  hold(node: string): Promise<Refusal>;
  /** Ends what `hold` and `drain` of a rollout did; may be repeated. */
  release(node: string): Promise<Refusal>;
  /** Restarts the node into the slot that waits for its try. */
  restart(node: string): Promise<Refusal>;
  /** Seconds since any time. */
  now(): number;
  /** @param seconds ends early when the user interrupts */
  pause(seconds: number): Promise<void>;
  /** Whether the user has interrupted. */
  interrupted(): boolean;
}

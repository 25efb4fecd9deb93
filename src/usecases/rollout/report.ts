/** What a node tells of itself: the output of `cluster-report.sh`. Pure. */
import * as z from 'zod';

/**
 * `medium`: it runs from a medium, without a slot. `trying`: this start tries an update, and the node is not good yet. `pending`: the
 * next start tries an update. `returned`: the last try did not become good.
 */
const updateState = z.enum(['medium', 'good', 'trying', 'pending', 'returned']);

const update = z.object({
  image: z.string().nullable(),
  slot: z.enum(['A', 'B']).nullable(),
  release: z.number().nullable(),
  kubernetes: z.string().nullable(),
  state: updateState,
  pending: z.object({ slot: z.enum(['A', 'B']), release: z.number() }).nullable(),
  /** Why the last try did not become good. */
  reason: z.string().nullable(),
  /** Id of the image whose files the running system has taken without a restart; nodes with older images do not tell. */
  live: z.string().nullable().default(null),
});

const check = z.object({
  name: z.string(),
  healthy: z.boolean(),
  reason: z.string().nullable(),
  /** It failed already before the update that is being tried. */
  known: z.boolean().optional(),
});

const turn = z.object({
  /** Which node updates itself, in ISO 8601: since when, and until when it has the lease of rollouts. */
  fetching: z.object({ node: z.string(), release: z.number(), since: z.string(), until: z.string() }).nullable(),
  /** On which node an update has failed that it fetched; other nodes wait. */
  failed: z.object({ node: z.string(), release: z.number(), reason: z.string() }).nullable(),
});

const report = z.object({
  node: z.string(),
  cluster: z.string(),
  /** Differs between two starts of the machine. */
  boot: z.string(),
  /** Null if the scripts of the node's image do not answer. */
  update: update.nullable(),
  health: z.object({ healthy: z.boolean(), checks: z.array(check) }).nullable(),
  /** The certificate that ends first. */
  certificate: z.object({ file: z.string(), ends: z.string() }).nullable(),
  /** What a master knows of nodes that fetch their updates; null, or none from older images, on others. */
  turn: turn.nullish(),
  /** What the node works with, although somebody should look at it; nodes with older images do not tell. */
  warnings: z.array(z.object({ step: z.string(), cause: z.string(), message: z.string() })).default([]),
});

export type NodeReport = z.output<typeof report>;
export type Turn = z.output<typeof turn>;
export type UpdateState = z.output<typeof updateState>;

/** Null for anything that is no report. */
export function parseReport(text: string): NodeReport | null {
  try {
    return report.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Whether the running system has all of the image: it has started from it, or taken it without a restart. */
export const runsImage = ({ image, state, live }: NonNullable<NodeReport['update']>, wanted: string): boolean =>
  (image === wanted && state === 'good') || (live === wanted && state === 'pending');

/** The checks that count against a node, as one line; null for a healthy one. */
export function illness({ health }: NodeReport): string | null {
  if (health === null) return 'it does not tell its health';
  if (health.healthy) return null;
  const failed = health.checks.filter(({ healthy, known }) => !healthy && known !== true);
  return failed.map(({ name, reason }) => (reason === null ? name : `${name}: ${reason}`)).join('; ') || 'not healthy';
}

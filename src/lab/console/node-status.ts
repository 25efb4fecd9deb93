/** Describes in a few words what a node of a lab is doing, and decides whether to wait for it any longer. Pure. */
import { outcomeOf, type NodeView } from './console-text.ts';
import type { NodeStatus } from '../supervisor/protocol.ts';

/** E.g. `booting`, `login prompt, disk: failed (foreign-disk)`. */
export function doingText(node: NodeStatus): string {
  if (node.problem !== null) return `QEMU ended: ${node.problem.split('\n').at(-1) ?? ''}`;
  if (node.power === 'off') return 'powered off';
  return node.power === 'paused' ? 'paused' : viewText(node.view);
}

const SETTLED: ReadonlySet<string> = new Set(['done', 'skipped']);

function viewText(view: NodeView): string {
  const { stage, state, entries } = view;
  const last = entries.findLast((entry) => !SETTLED.has(entry.state)) ?? entries.at(-1);
  const ledger = last && `${last.step}: ${last.state}${last.cause === '' ? '' : ` (${last.cause})`}`;
  const stages = { silent: 'switched on', booting: 'booting', login: 'login prompt' };
  return [state ?? stages[stage], ...(ledger === undefined ? [] : [ledger])].join(', ');
}

export type Settled = 'formed' | 'not-available' | 'stopped';

/**
 * How waiting for a node ended; null while it goes on. A failed step does not end the wait, because the node tries again or
 * the user helps. A machine that is off ends it.
 */
export function settled({ power, view }: NodeStatus): Settled | null {
  if (power === 'off') return 'stopped';
  const outcome = outcomeOf(view);
  return outcome === 'formed' || outcome === 'not-available' ? outcome : null;
}

/** The plan and the course of a rollout as text. Pure. */
import { quantity } from '../../diagnostics/quantity.ts';
import type { Plan } from '../../usecases/rollout/plan.ts';
import type { Rollout } from '../../usecases/rollout/rollout.ts';
import type { Outcome, Phase } from '../../usecases/rollout/update-node.ts';

const GROUPS = {
  live: 'without a restart',
  master: 'masters, one at a time',
  storage: 'storage, one node at a time',
  worker: 'workers',
} as const;

/** @param parallel how many workers are away at the same time */
export function planText({ changes, current, impossible, refusals, isMinor }: Plan, parallel: number): string {
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((group) => {
    const own = changes.filter((change) => change.group === group);
    const title = group === 'worker' && parallel > 1 ? `${GROUPS.worker}, ${parallel} at a time` : GROUPS[group];
    return own.length === 0
      ? []
      : [`${title}:\n`, ...own.map(({ node, way, why }) => `  ${node}: ${way}; ${why.join(', ')}\n`)];
  });
  const obstacles = impossible.map(({ node, reason, todo }) => `  ${node}: ${reason}; ${todo}\n`);
  return [
    ...groups,
    ...(isMinor ? ['Kubernetes changes by a minor version; etcd is saved first.\n'] : []),
    ...(obstacles.length === 0 ? [] : ['cannot be updated:\n', ...obstacles]),
    ...(current.length === 0 ? [] : [`${quantity(current.length, 'node')} up to date.\n`]),
    ...(refusals.length === 0 ? [] : ['The rollout does not begin:\n', ...refusals.map((reason) => `  ${reason}\n`)]),
  ].join('');
}

const PHASES: Readonly<Record<Phase, string>> = {
  write: 'write the update',
  'take-live': 'take the changed files',
  'wait-for-cluster': 'see whether the cluster can do without it',
  drain: 'move its pods away',
  hold: 'tell Ceph that it will be back',
  restart: 'restart',
  await: 'wait until it is good',
  release: 'take it into service',
};

/** @param seconds since the beginning */
export function phaseText(node: string, phase: Phase, seconds: number): string {
  return `[${seconds.toFixed(1).padStart(7)}s] ${node}: ${PHASES[phase]}\n`;
}

export function outcomeText(outcome: Outcome, seconds: number): string {
  const time = `[${seconds.toFixed(1).padStart(7)}s]`;
  if (outcome.state === 'done') return `${time} ${outcome.node}: done\n`;
  const state = outcome.state === 'unchanged' ? 'runs what it ran before' : 'is not in order';
  return `${time} ${outcome.node}: ${state}: ${outcome.reason}\n`;
}

/** The end of the command: what is done, what is not, and how to go on. */
export function endText({ outcomes, left, refusal }: Rollout, interrupted: boolean): string {
  const done = outcomes.filter(({ state }) => state === 'done').map(({ node }) => node);
  const stopped = outcomes.flatMap((one) => (one.state === 'done' ? [] : [one]));
  if (stopped.length + left.length === 0 && refusal === null) return `${quantity(done.length, 'node')} updated.\n`;
  const names = (title: string, nodes: readonly string[]): string[] =>
    nodes.length === 0 ? [] : [`${title}: ${nodes.join(', ')}\n`];
  return [
    interrupted ? 'Interrupted.\n' : 'The rollout has stopped.\n',
    ...(refusal === null ? [] : [`${refusal}\n`]),
    ...names('updated', done),
    ...stopped.map(
      (one) => `${one.state === 'unchanged' ? 'not updated' : 'not in order'}: ${one.node}: ${one.reason}\n`,
    ),
    ...names('not begun', left),
    'To go on: `coldstart status` shows the nodes; `coldstart update` continues with those that are left.\n',
  ].join('');
}

/** The state of each node of a cluster, asked by SSH. */
import pMap from 'p-map';
import type { Node } from '../../config/cluster.ts';
import { parseComparison, type Comparison } from './comparison.ts';
import { parseReport, type NodeReport } from './report.ts';
import type { Ssh } from './ssh/ssh.ts';

/** A node as it was seen, or why it was not. */
export interface Seen {
  readonly node: string;
  readonly report: NodeReport | null;
  /** Null with a report. */
  readonly problem: string | null;
  /** Whether the node did not answer, as during a restart. */
  readonly away: boolean;
}

/** Connections at a time. */
const PARALLEL = 16;
/** Seconds; the node's own questions are limited to 120 each. */
const ANSWER = 280;

/** In the order of the nodes. @throws the signal's reason when aborted */
export function lookAtNodes(nodes: readonly Node[], cluster: string, ssh: Ssh, signal: AbortSignal): Promise<Seen[]> {
  return pMap(nodes, (node) => lookAt(node, cluster, ssh, signal), { concurrency: PARALLEL });
}

/** @throws the signal's reason when aborted */
export async function lookAt(
  node: Node,
  cluster: string,
  ssh: Ssh,
  signal: AbortSignal,
  timeout = ANSWER,
): Promise<Seen> {
  const unseen = (problem: string, away = false): Seen => ({ node: node.name, report: null, problem, away });
  const answer = await ssh.run(node, { words: ['/usr/local/bin/cluster-report.sh'], timeout, signal });
  if (answer.problem !== null) return unseen(answer.problem.message, answer.problem.away);
  const report = parseReport(answer.stdout);
  if (report === null) return unseen(`it gives no report: ${answer.lines.at(-1) ?? 'its image is too old for this'}`);
  if (report.node !== node.name || report.cluster !== cluster) {
    return unseen(`it says that it is ${report.node} of cluster ${report.cluster}`);
  }
  return { node: node.name, report, problem: null, away: false };
}

/**
 * What the nodes say about their new images, by name; without those that do not answer it.
 * @param images descriptions of them, see `comparison.ts`
 * @throws the signal's reason when aborted
 */
export async function compareWithNodes(
  images: ReadonlyMap<Node, string>,
  ssh: Ssh,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Comparison>> {
  const answers = await pMap(
    images,
    async ([node, image]) => {
      const words = ['/usr/local/bin/cluster-update.sh', '--compare'];
      const answer = await ssh.run(node, { words, stdin: Buffer.from(image), timeout: ANSWER, signal });
      const said = answer.problem === null ? parseComparison(answer.stdout) : null;
      return said === null ? [] : [[node.name, said] as const];
    },
    { concurrency: PARALLEL },
  );
  return new Map(answers.flat());
}

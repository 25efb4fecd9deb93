/** Mistakes on the command line (mistakes in the definition are diagnostics): exit code 2. */
import type { Cluster, Node } from '../config/cluster.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { inShard, type Shard } from './shard.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The nodes that `--node` names, in the cluster's order; all nodes if it is not given. With a shard, its part of these nodes.
 * @throws UsageError for a name that no node has
 */
export function selectNodes(cluster: Cluster, names: readonly string[] | undefined, shard?: Shard): readonly Node[] {
  const nodes = namedNodes(cluster, names);
  return shard === undefined ? nodes : inShard(nodes, shard);
}

function namedNodes(cluster: Cluster, names: readonly string[] | undefined): readonly Node[] {
  if (names === undefined) return cluster.nodes;
  const known = cluster.nodes.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, known);
    const hint = near === undefined ? `its nodes are ${known.join(', ')}` : `did you mean \`${near}\`?`;
    throw new UsageError(`\`${unknown}\` is not a node of cluster \`${cluster.name}\`.`, hint);
  }
  return cluster.nodes.filter(({ name }) => names.includes(name));
}

/** Mistakes in how a command is called that commander cannot know of: exit code 2, as for every mistake in the input. */
import type { Cluster, Node } from '../config/cluster.ts';
import { suggest } from '../diagnostics/suggest.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The nodes that `--node` names, in the cluster's order; all without it.
 * @throws UsageError for a name that no node has
 */
export function selectNodes(cluster: Cluster, names: readonly string[] | undefined): readonly Node[] {
  if (names === undefined) return cluster.nodes;
  const known = cluster.nodes.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, known);
    const hint = near === undefined ? `its nodes are ${known.join(', ')}` : `did you mean \`${near}\`?`;
    throw new UsageError(`\`${unknown}\` is no node of cluster \`${cluster.name}\`.`, hint);
  }
  return cluster.nodes.filter(({ name }) => names.includes(name));
}

/**
 * Seconds since 1970 that an image's files carry: https://reproducible-builds.org/specs/source-date-epoch/
 * @throws UsageError for anything but a whole number
 */
export function epochFrom(value: string | undefined, fallback: number): number {
  if (value === undefined || value === '') return fallback;
  if (/^\d{1,10}$/.test(value)) return Number(value);
  throw new UsageError(`SOURCE_DATE_EPOCH is \`${value}\`, but has to be a whole number of seconds since 1970.`);
}

/**
 * The definition as the user wrote it, all files together: schema-checked, nodes joined from `cluster.yaml` and
 * `nodes/<name>.yaml`, every setting still tied to its place. Faulty parts are reported and left out.
 */
import type * as z from 'zod';
import type { Report } from '../diagnostics/report.ts';
import type { Source } from '../diagnostics/source.ts';
import { reportIssue, valueAt } from './issues.ts';
import { type SaidNode, joinNodes } from './join.ts';
import { type Places, createPlaces } from './places.ts';
import { salvage } from './salvage.ts';
import { type WrittenCluster, cluster, clusterFile } from './schema/cluster.ts';
import { type WrittenNode, node, nodeFile } from './schema/node.ts';
import type { ReadText } from './yaml.ts';

export interface Definition {
  readonly cluster: WrittenCluster;
  /** In the order of `nodes` in `cluster.yaml`, each name once. */
  readonly nodes: readonly WrittenNode[];
  /** All files below `nodes/`. */
  readonly files: readonly string[];
  readonly places: Places;
  /** False when parts were left out: what is missing or counted then says nothing. */
  readonly complete: boolean;
}

/** Checks and joins the files; undefined when too little is sound to go on. */
export function define(clusterText: ReadText, nodeTexts: readonly ReadText[], report: Report): Definition | undefined {
  const { source, data } = clusterText;
  const soundCluster = check(clusterText, clusterFile, report);
  const soundNodes = nodeTexts.map((text) => check(text, nodeFile, report));
  const described = nodeTexts.flatMap((text) => describedNode(text, report));
  const written = salvage(cluster, valueAt(data, ['cluster']));
  if (!source || !written) return undefined;
  const listed = listedNodes(source, data);
  const files = nodeTexts.map(({ file }) => file);
  const joined = joinNodes({ listed, described, cluster: source, files }, report);
  return {
    cluster: written,
    nodes: joined.map((entry) => entry.written),
    files,
    places: createPlaces(source, [...described, ...firstOfName(listed)]),
    complete: soundCluster && soundNodes.every(Boolean),
  };
}

function check({ source, data }: ReadText, schema: z.ZodType, report: Report): boolean {
  if (!source || data === undefined) return false;
  const parsed = schema.safeParse(data);
  for (const issue of parsed.error?.issues ?? []) reportIssue({ source, schema, data }, issue, report);
  return parsed.success;
}

function listedNodes(source: Source, data: unknown): readonly SaidNode[] {
  const entries = valueAt(data, ['nodes']);
  return (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, index) => {
    const written = salvage(node, entry);
    return written ? [{ name: written.name, source, index, written }] : [];
  });
}

function describedNode({ source, data }: ReadText, report: Report): readonly SaidNode[] {
  const written = salvage(node, valueAt(data, ['node']));
  if (!source || !written) return [];
  const { file } = source;
  if (file !== `nodes/${written.name}.yaml`) {
    report.add('node/file-name', { file, node: written.name }, { at: source.locate(['node', 'name']).at });
  }
  return [{ name: written.name, source, index: undefined, written }];
}

const firstOfName = (listed: readonly SaidNode[]): readonly SaidNode[] =>
  listed.filter(({ name }, index) => listed.findIndex((other) => other.name === name) === index);

/**
 * The definition as the user wrote it, from all files: checked against the schema, nodes joined from `cluster.yaml` and
 * `nodes/<name>.yaml`, every setting with its place. Faulty parts are reported and replaced by supposed values
 * (`suppose.ts`), so that the rules can check the rest.
 */
import type * as z from 'zod';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { type Path, parsePath, startsWith } from '../../diagnostics/path.ts';
import { type Report, createReport } from '../../diagnostics/report.ts';
import { reportIssues } from './issues.ts';
import { reportLiteralNumbers } from '../yaml/literal-numbers.ts';
import { joinNodes } from './join.ts';
import { type Places, createPlaces } from './places.ts';
import { type WrittenCluster, clusterFile } from '../schema/cluster.ts';
import { type WrittenNode, nodeFile } from '../schema/node.ts';
import { VARIANTS } from './suppose.ts';
import { type View, viewOf } from './view.ts';
import type { ReadText } from '../yaml/yaml.ts';

/** The settings of a definition, faults replaced by one set of supposed values. */
interface World {
  readonly cluster: WrittenCluster;
  /** In the order of `nodes` in `cluster.yaml`, each name once. */
  readonly nodes: readonly WrittenNode[];
}

export interface Definition {
  /** One world for a sound definition; otherwise several, each with other values in the place of the faults. */
  readonly worlds: readonly [World, ...World[]];
  /** All files below `nodes/`. */
  readonly files: readonly string[];
  readonly places: Places;
  /** Whether a diagnostic is about a fault that has already been reported. */
  readonly isSaid: (diagnostic: Diagnostic) => boolean;
  /** Whether it is unknown if the user meant to write a setting. */
  readonly isOpen: (path: Path | string) => boolean;
}

/** Checks and joins the files; undefined if too little of them is sound. */
export function define(clusterText: ReadText, nodeTexts: readonly ReadText[], report: Report): Definition | undefined {
  const checkedCluster = check(clusterText, clusterFile, report);
  const checkedNodes = nodeTexts.map((text) => check(text, nodeFile, report));
  const first = viewOf(checkedCluster, checkedNodes, 0, report);
  if (!first) return undefined;
  const { faults, source, described, listed } = first;
  const files = nodeTexts.map(({ file }) => file);
  const isFaulty = ({ file, path }: Location): boolean =>
    faults.some((fault) => fault.file === file && startsWith(parsePath(path), fault.path));
  const isSaid = ({ at, related = [] }: Diagnostic): boolean =>
    [at, ...related.map((other) => other.at)].some((place) => place !== undefined && isFaulty(place));
  const joining = createReport();
  const others = (faults.length === 0 ? [] : VARIANTS.slice(1)).flatMap((variant) => {
    return viewOf(checkedCluster, checkedNodes, variant, createReport()) ?? [];
  });
  const worldOf = (view: View, to: Report): World => ({
    cluster: view.cluster,
    nodes: joinNodes({ ...view, cluster: source, files }, to).map(({ written }) => written),
  });
  const worlds = [worldOf(first, joining), ...others.map((view) => worldOf(view, createReport()))] as const;
  report.addAll(joining.diagnostics().filter((found) => !isSaid(found)));
  const open = faults.flatMap((fault) => fault.settings);
  return {
    worlds,
    files,
    places: createPlaces(source, [...described, ...listed]),
    isSaid,
    isOpen: (path) => open.some((setting) => startsWith(typeof path === 'string' ? parsePath(path) : path, setting)),
  };
}

/** Checks a text. `faults` of the result contains the reported faults that the schema does not find. */
function check(text: ReadText, schema: z.ZodType, report: Report): ReadText {
  const { source, data, faults = [] } = text;
  if (!source || data === undefined) return text;
  const checked = { source, schema, data };
  reportIssues(checked, report);
  return { ...text, faults: [...faults, ...reportLiteralNumbers(checked, report)] };
}

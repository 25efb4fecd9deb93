/** Each file of a definition on its own: its settings of the cluster and of nodes, with supposed values for faults. */
import { type Path, startsWith } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import { type Source, createSource } from '../../diagnostics/source.ts';
import type { SaidNode } from './join.ts';
import { type WrittenCluster, clusterFile } from '../schema/cluster.ts';
import { keysOf } from '../schema/inspect.ts';
import { node, nodeFile, type WrittenNode } from '../schema/node.ts';
import { type Fault, suppose } from './suppose.ts';
import type { ReadText } from '../yaml/yaml.ts';

export interface View {
  /** The source of `cluster.yaml`. */
  readonly source: Source;
  readonly cluster: WrittenCluster;
  readonly listed: readonly SaidNode[];
  readonly described: readonly SaidNode[];
  readonly faults: readonly PlacedFault[];
}

interface PlacedFault extends Fault {
  readonly file: string;
  /** The open settings as paths of the joined definition, with nodes by name. */
  readonly settings: readonly Path[];
}

/** Undefined if `cluster.yaml` as a whole is faulty. */
export function viewOf(
  text: ReadText,
  nodeTexts: readonly ReadText[],
  variant: number,
  report: Report,
): View | undefined {
  const { source, data } = text;
  const supposed = source && data !== undefined && suppose(clusterFile, data, variant, text.faults);
  if (!source || !supposed) return undefined;
  const listing = listedNodes(source, supposed.value.nodes, supposed.faults, variant, report);
  const names = listing.listed.map(({ name }) => name);
  const files = nodeTexts.map(({ file }) => file);
  const described = nodeTexts.map((one) => describedNode(one, { names, files }, variant, report));
  return {
    source,
    cluster: supposed.value.cluster,
    listed: listing.listed,
    described: described.map(({ said }) => said),
    faults: [...listing.faults, ...described.flatMap(({ faults }) => faults)],
  };
}

/** The nodes of `cluster.yaml`. A node with a faulty or repeated name gets a unique name. */
function listedNodes(
  source: Source,
  nodes: readonly WrittenNode[],
  found: readonly Fault[],
  variant: number,
  report: Report,
): { readonly listed: readonly SaidNode[]; readonly faults: readonly PlacedFault[] } {
  const faults = [...found];
  const nameAt = (index: number): Path => ['nodes', index, 'name'];
  const isNamed = (index: number): boolean => !isOpen(nameAt(index), found);
  const firsts = new Map<string, number>();
  const listed = nodes.map((written, index) => {
    const first = firsts.get(written.name) ?? index;
    if (isNamed(index)) firsts.set(written.name, first);
    if (isNamed(index) && first === index) return { name: written.name, isNamed: true, source, index, written };
    if (isNamed(index)) {
      const related = [{ message: 'first here', at: source.locate(nameAt(first)).at }];
      report.add('node/duplicate-name', { node: written.name }, { at: source.locate(nameAt(index)).at, related });
      // It is unknown whether the entry is a node.
      faults.push({ path: nameAt(index), open: [nameAt(index), ['nodes', index, 'roles']] });
    }
    const name = `supposed-${String(index)}-${String(variant)}`;
    const roles = isNamed(index) && variant === 0 ? undefined : written.roles;
    return { name, isNamed: false, source, index, written: { ...written, name, roles } };
  });
  const settingOf = ([root = '', index = 0, ...rest]: Path): Path =>
    root === 'nodes' && typeof index === 'number' ? [root, listed[index]?.name ?? '', ...rest] : [root, index, ...rest];
  return { listed, faults: faults.map((fault) => place(fault, source.file, settingOf)) };
}

interface Known {
  /** The names of the nodes in `cluster.yaml`. */
  readonly names: readonly string[];
  /** All files below `nodes/`. */
  readonly files: readonly string[];
}

/** The node of a file below `nodes`. If the file is unreadable, its name still gives the node's name. */
function describedNode(text: ReadText, known: Known, variant: number, report: Report) {
  const { file, source = createSource(file, ''), data } = text;
  const stem = stemOf(file);
  const read = data === undefined ? undefined : suppose(nodeFile, data, variant, text.faults);
  const unread = suppose(nodeFile, { node: { name: stem } }, variant, [UNREADABLE]);
  const { value, faults } = read ?? unread ?? { value: { node: { name: stem } }, faults: [UNREADABLE] };
  const isNamed = read !== undefined && !isOpen(['node', 'name'], faults);
  const isMisnamed = isNamed && value.node.name !== stem;
  if (isMisnamed) {
    report.add('node/file-name', { file, node: value.node.name }, { at: source.locate(['node', 'name']).at });
  }
  const name = isMisnamed && isMeant(value.node.name, stem, known) ? value.node.name : stem;
  const all = isMisnamed ? [...faults, { path: ['node', 'name'], open: [] }] : faults;
  const settingOf = ([, ...rest]: Path): Path => ['nodes', name, ...rest];
  return {
    said: { name, isNamed: true, source, index: undefined, written: { ...value.node, name } },
    faults: all.map((fault) => place(fault, file, settingOf)),
  };
}

const UNREADABLE: Fault = {
  path: [],
  open: (keysOf(node, {}) ?? []).filter((key) => key !== 'name').map((key) => ['node', key]),
};

/** Whether the name in a file is used instead of the file's name: no node has the file's name, and the node has no other file. */
const isMeant = (name: string, stem: string, { names, files }: Known): boolean =>
  names.includes(name) && !names.includes(stem) && !files.some((file) => stemOf(file) === name);

/** The node's name in the name of a file below `nodes`. */
export const stemOf = (file: string): string => file.replace(/^nodes\//, '').replace(/\.ya?ml(\.txt)?$/i, '');

const isOpen = (path: Path, faults: readonly Fault[]): boolean =>
  faults.some(({ open }) => open.some((setting) => startsWith(path, setting)));

const place = (fault: Fault, file: string, settingOf: (path: Path) => Path): PlacedFault => ({
  ...fault,
  file,
  settings: fault.open.map(settingOf),
});

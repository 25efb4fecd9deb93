/** A comparison as people read it: what changes in sentences, how far it reaches, and in which files. Nodes with the same changes share a row. Pure. */
import type { FileChange } from '../../render/tree/diff.ts';
import type { NodeChange } from './comparison.ts';
import { effectOf, EFFECTS, type Effect } from './effect.ts';
import { verbOf } from './file-sentences.ts';
import { nodeSentences } from './node-sentences.ts';
import { keyOf, type Sentence } from './sentence.ts';
import { settingChanges } from './setting-changes.ts';

export interface Review {
  /** How many nodes were compared. */
  readonly compared: number;
  /** Names of the nodes whose images have to be built. */
  readonly built: readonly string[];
  /** What is true of each node of several that change; said once. */
  readonly common: readonly Sentence[];
  /** The gravest effect first. */
  readonly rows: readonly ReviewRow[];
  /** Names of nodes by effect, the gravest first; only effects that occur. */
  readonly reach: ReadonlyMap<Effect, readonly string[]>;
  /** Of nodes that stay, sorted by path. */
  readonly files: readonly ReviewFile[];
}

export interface ReviewRow {
  readonly effect: Effect;
  readonly nodes: readonly string[];
  /** Besides the common ones; may be empty. */
  readonly sentences: readonly Sentence[];
}

interface ReviewFile {
  /** With `‹node›` in place of the name, where it is a file of each of several nodes. */
  readonly path: string;
  readonly verb: ReturnType<typeof verbOf>;
  readonly nodes: readonly string[];
  /** On the first of the nodes. */
  readonly file: FileChange;
}

export function reviewOf(changes: readonly NodeChange[]): Review {
  const effects = changes.map((change) => [change.node, effectOf(change, settingChanges(change))] as const);
  const effectBy = new Map(effects);
  const changed = changes.filter(({ kind }) => kind !== 'unchanged');
  const said = changed.map((change) => ({ change, sentences: nodeSentences(change) }));
  const common = commonOf(said.filter(({ change }) => change.kind === 'changed').map(({ sentences }) => sentences));
  const rows = new Map<string, { effect: Effect; nodes: string[]; sentences: readonly Sentence[] }>();
  for (const { change, sentences } of said) {
    const effect = effectBy.get(change.node) ?? 'none';
    const own = sentences.filter((sentence) => !common.has(keyOf(sentence)));
    const key = JSON.stringify([effect, own]);
    const row = rows.get(key) ?? { effect, nodes: [], sentences: own };
    row.nodes.push(change.node);
    rows.set(key, row);
  }
  const reach = EFFECTS.map(
    (effect) => [effect, effects.filter(([, one]) => one === effect).map(([name]) => name)] as const,
  );
  return {
    compared: changes.length,
    built: changed.filter(({ kind }) => kind !== 'removed').map(({ node }) => node),
    common: [...common.values()],
    rows: [...rows.values()].sort((a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect)),
    reach: new Map(reach.filter(([, names]) => names.length > 0)),
    files: filesOf(changed),
  };
}

/** What is said of each of several nodes. By key. */
function commonOf(all: readonly (readonly Sentence[])[]): ReadonlyMap<string, Sentence> {
  const [first = [], ...others] = all;
  if (others.length === 0) return new Map();
  const keys = others.map((sentences) => new Set(sentences.map(keyOf)));
  return new Map(first.map((one) => [keyOf(one), one] as const).filter(([key]) => keys.every((set) => set.has(key))));
}

/** New and removed nodes have only new and removed files. */
function filesOf(changed: readonly NodeChange[]): readonly ReviewFile[] {
  const found = new Map<string, { general: string; file: FileChange; nodes: string[] }>();
  for (const { node, kind, files } of changed) {
    if (kind !== 'changed') continue;
    for (const file of files) {
      const general = file.path.replaceAll(`/${node}.`, '/‹node›.');
      const key = `${general} ${verbOf(file)}`;
      const one = found.get(key) ?? { general, file, nodes: [] };
      one.nodes.push(node);
      found.set(key, one);
    }
  }
  return [...found.values()]
    .map(({ general, file, nodes }) => {
      return { path: nodes.length === 1 ? file.path : general, verb: verbOf(file), nodes, file };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

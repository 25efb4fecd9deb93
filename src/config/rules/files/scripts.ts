/** Faults that keep a node from running a script (a hook or a file): its first line, its interpreter, its line ends. */
import type { Cluster, Node } from '../../cluster.ts';
import { CRLF_HINT, isShell, programOf, readShebang } from '../../content/shebang.ts';
import { type Entry, type ExtraKey, entries, textOf } from '../entries.ts';
import { lacks, whyNoInterpreter } from './programs.ts';
import { type Facts, nodesByName } from '../rule.ts';

interface ScriptFault {
  readonly kind: 'unreadable' | 'missing' | 'carriage-returns';
  readonly line: number;
  /** The end of "… cannot be run: ". */
  readonly reason: string;
  /** The missing interpreter, for kind `missing`. */
  readonly interpreter: string;
  readonly hint: string | undefined;
}

/** The first fault of a script on a node. */
export function scriptFault(node: Node, text: string, facts: Facts): ScriptFault | undefined {
  const none = { line: 1, interpreter: '', hint: undefined };
  const first = readShebang(text);
  if (first.fault !== undefined) return { ...none, kind: 'unreadable', reason: first.fault, hint: first.hint };
  const program = programOf(first.interpreter, first.argument);
  if (program.fault !== undefined) return { ...none, kind: 'unreadable', reason: program.fault, hint: program.hint };
  const reason = whyNoInterpreter(node, first.interpreter, facts);
  if (reason !== undefined) return { ...none, kind: 'unreadable', reason };
  const interpreter = [program.name, first.interpreter].find((one) => lacks(node, one, facts));
  if (interpreter !== undefined) {
    return { ...none, kind: 'missing', reason: `the node does not have \`${interpreter}\``, interpreter };
  }
  const line = text.split('\n').findIndex((one) => one.endsWith('\r')) + 1;
  if (line === 0 || !isShell(program.name)) return undefined;
  return {
    ...none,
    kind: 'carriage-returns',
    line,
    reason: `its line ${String(line)} ends with CR LF`,
    hint: CRLF_HINT,
  };
}

interface Extra {
  readonly node: Node;
  readonly entry: Entry;
  readonly text: string;
}

/** Every entry of a list whose text is known, with each node that gets it. */
export function extrasOfNodes(cluster: Cluster, facts: Facts, key: ExtraKey): readonly Extra[] {
  return facts.nodes.flatMap((written) => {
    const node = nodesByName(cluster).get(written.name);
    if (node === undefined) return [];
    return [...entries(facts, key), ...entries(facts, key, written)].flatMap((entry) => {
      const text = textOf(entry, facts);
      return text === undefined ? [] : [{ node, entry, text }];
    });
  });
}

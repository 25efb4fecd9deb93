/** Rules about what hooks say: a hook can be run, and its interpreter is there. */
import { CRLF_HINT, isShell, programOf, readShebang } from '../shebang.ts';
import { type Entry, entries, lineOf, textOf } from './entries.ts';
import { lacks } from './programs.ts';
import type { Facts, Rule } from './rule.ts';
import type { Node } from '../cluster.ts';
import type { Report } from '../../diagnostics/report.ts';

const runnableHooks: Rule = {
  name: 'a hook can be run',
  check: (cluster, facts, report) => {
    for (const written of facts.nodes) {
      const node = cluster.nodes.find(({ name }) => name === written.name);
      if (node === undefined) continue;
      for (const entry of [...entries(facts, 'hooks'), ...entries(facts, 'hooks', written)]) {
        const text = textOf(entry, facts);
        if (text !== undefined) checkHook({ node, entry, text }, facts, report);
      }
    }
  },
};

interface HookOf {
  readonly node: Node;
  readonly entry: Entry;
  readonly text: string;
}

function checkHook({ node, entry, text }: HookOf, facts: Facts, report: Report): void {
  const { name } = entry;
  const place = lineOf(entry, 1, facts);
  const first = readShebang(text);
  if (first.fault !== undefined) {
    return report.add('hook/no-interpreter', { name, reason: first.fault }, { ...place, hint: first.hint });
  }
  const program = programOf(first.interpreter, first.argument);
  if (program.fault !== undefined) {
    return report.add('hook/no-interpreter', { name, reason: program.fault }, { ...place, hint: program.hint });
  }
  if ([first.interpreter, program.name].some((one) => lacks(node, one, facts))) {
    report.add('hook/missing-interpreter', { name, interpreter: program.name }, place);
  }
  const line = text.split('\n').findIndex((one) => one.endsWith('\r')) + 1;
  if (line > 0 && isShell(program.name)) {
    report.add('hook/carriage-returns', { name, line }, { ...lineOf(entry, line, facts), hint: CRLF_HINT });
  }
}

export const hookRules: readonly Rule[] = [runnableHooks];

/** Rules about the content of hooks: a hook can be run, and its interpreter exists. */
import { lineOf } from '../entries.ts';
import type { Rule } from '../rule.ts';
import { extrasOfNodes, scriptFault } from './scripts.ts';

const runnableHooks: Rule = {
  name: 'a hook can be run',
  check: (cluster, facts, report) => {
    for (const { node, entry, text } of extrasOfNodes(cluster, facts, 'hooks')) {
      const fault = scriptFault(node, text, facts);
      if (fault === undefined) continue;
      const { name } = entry;
      const { kind, line, reason, interpreter, hint } = fault;
      const place = { ...lineOf(entry, line, facts), hint };
      if (kind === 'unreadable') report.add('hook/no-interpreter', { name, reason }, place);
      else if (kind === 'missing') report.add('hook/missing-interpreter', { name, interpreter }, place);
      else report.add('hook/carriage-returns', { name, line }, place);
    }
  },
};

export const hookRules: readonly Rule[] = [runnableHooks];

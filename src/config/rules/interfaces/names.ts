/** Rules about the names of interfaces. */
import { isNicName, ownerOfName } from '../../network/cluster-devices.ts';
import { placed } from './interfaces.ts';
import { type Rule, repeats } from '../rule.ts';

const uniqueNames: Rule = {
  name: "a node's interfaces have names of their own",
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const { again, first } of repeats(placed(node, facts), ({ one }) => one.name)) {
        const related = [{ message: 'first here', at: first.at('name') }];
        const values = { node: node.name, name: again.one.name };
        report.add('interface/duplicate-name', values, { at: again.at('name'), related });
      }
    }
  },
};

const freeNames: Rule = {
  name: "no interface is called like the kernel's or the cluster's own devices",
  check: (cluster, facts, report) => {
    for (const { node, one, at } of cluster.nodes.flatMap((own) => placed(own, facts))) {
      const owner = ownerOfName(one.name, one.type);
      const values = { name: one.name, node: node.name };
      if (owner !== undefined) report.add('interface/reserved-name', { ...values, owner }, { at: at('name') });
      else if (one.type !== 'ethernet' && isNicName(one.name)) {
        report.add('interface/nic-name', values, { at: at('name') });
      }
    }
  },
};

export const interfaceNameRules: readonly Rule[] = [uniqueNames, freeNames];

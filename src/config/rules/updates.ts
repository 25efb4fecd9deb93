/** Rules about updates that nodes fetch by themselves. */
import { fetchesUpdates, updatesItself, whyNotByItself } from '../fetching.ts';
import { takesUpdates } from '../formats.ts';
import { isMaster } from '../roles.ts';
import { asListed, quoted, type Rule } from './rule.ts';

const fetchable: Rule = {
  name: 'nodes that fetch updates can take them, and have a master that lets one node at a time restart',
  check: (cluster, facts, report) => {
    if (cluster.update === null) return;
    const at = facts.key('cluster.update');
    if (!takesUpdates(cluster)) return report.add('update/not-taken', {}, { at });
    if (!cluster.nodes.some(isMaster)) return report.add('update/no-master', {}, { at });
    const able = asListed(cluster, facts).filter((node) => updatesItself(cluster, node));
    const others = able.filter((node) => !fetchesUpdates(cluster, node));
    if (others.length === 0) return;
    const isMissingKey = others.some((node) => whyNotByItself(cluster, node) === 'no administrator');
    report.add(
      isMissingKey ? 'update/ceph-cannot-be-asked' : 'update/outside-of-kubernetes',
      { nodes: quoted(others.map(({ name }) => name)) },
      { at },
    );
  },
};

export const updateRules: readonly Rule[] = [fetchable];

/** Rules about masters and workers: there is one first master, and the number of masters fits a quorum. */
import type { Cluster } from '../../cluster.ts';
import { isCephNode, isMaster, isMember, withRole } from '../../roles.ts';
import type { Rule } from '../rule.ts';
import { repeats } from '../rule.ts';

/** Whether the cluster has Ceph nodes only, without Kubernetes. */
const isStorageAlone = ({ nodes }: Cluster): boolean =>
  nodes.some(isCephNode) && nodes.every((node) => !isMember(node));

const someMaster: Rule = {
  name: 'a cluster has a master',
  check: (cluster, facts, report) => {
    if (withRole(cluster.nodes, 'master').length === 0 && !isStorageAlone(cluster))
      report.add('cluster/no-master', {}, { at: facts.key(['nodes']) });
  },
};

const oddMasters: Rule = {
  name: 'the number of masters is odd',
  check: (cluster, facts, report) => {
    const count = withRole(cluster.nodes, 'master').length;
    if (count === 0 || count % 2 === 1) return;
    report.add('cluster/even-masters', { count, fewer: count - 1 }, { at: facts.key(['nodes']) });
  },
};

const fewMasters: Rule = {
  name: 'there are no more masters than etcd recommends',
  check: (cluster, facts, report) => {
    const count = withRole(cluster.nodes, 'master').length;
    const majority = Math.floor(count / 2) + 1;
    if (count > 7) report.add('cluster/many-masters', { count, majority }, { at: facts.key(['nodes']) });
  },
};

const oneFirstMaster: Rule = {
  name: 'at most one master says that it is the first',
  check: (_, facts, report) => {
    const claiming = facts.nodes.filter((node) => node.first_master === true);
    const at = (name: string) => facts.at(['nodes', name, 'first_master']);
    for (const { again, first } of repeats(claiming, () => true)) {
      const related = [{ message: 'first here', at: at(first.name) }];
      report.add(
        'cluster/several-first-masters',
        { node: again.name, other: first.name },
        { at: at(again.name), related },
      );
    }
    for (const node of claiming.filter(({ roles }) => roles && !isMaster({ roles }))) {
      report.add('cluster/first-master-no-master', { node: node.name }, { at: at(node.name) });
    }
  },
};

const firstMasterByNumber: Rule = {
  name: 'the first master by text is the first by number',
  check: (_, facts, report) => {
    const masters = withRole(facts.nodes, 'master');
    if (masters.some((node) => node.first_master !== undefined)) return;
    const byText = masters.map(({ name }) => name).sort();
    const byNumber = byText.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const [node, other] = [byText[0], byNumber[0]];
    if (node === undefined || other === undefined || node === other) return;
    const longest = Math.max(...masters.map(({ name }) => /\d+$/.exec(name)?.[0].length ?? 0));
    const padded = other.replace(/\d+$/, (digits) => digits.padStart(longest, '0'));
    report.add('cluster/first-master-order', { node, other, padded }, { at: facts.at(['nodes', node, 'name']) });
  },
};

const someWorker: Rule = {
  name: 'a cluster has a worker',
  check: (cluster, facts, report) => {
    if (withRole(cluster.nodes, 'worker').length === 0 && !isStorageAlone(cluster))
      report.add('cluster/no-worker', {}, { at: facts.key(['nodes']) });
  },
};

const someRole: Rule = {
  name: 'every node has a role and an address',
  check: (_, facts, report) => {
    for (const { name, roles, ip } of facts.nodes) {
      const at = facts.at(['nodes', name, 'name']);
      if (roles === undefined) report.add('node/no-roles', { node: name }, { at });
      if (ip === undefined) report.add('node/no-ip', { node: name }, { at });
    }
  },
};

export const masterRules: readonly Rule[] = [
  someMaster,
  oddMasters,
  fewMasters,
  oneFirstMaster,
  firstMasterByNumber,
  someWorker,
  someRole,
];

/** Rules about Ceph: every role has a node, one node is an admin node, and daemons have addresses in their networks. */
import { suggest } from '../../../diagnostics/suggest.ts';
import { clusterAddress, familyOf, holdsAdminKey, monitors, publicAddress, usedNetworks } from '../../ceph.ts';
import type { Ceph, Node } from '../../cluster.ts';
import { hasRole, isCephNode, withRole, type Role } from '../../roles.ts';
import { contains, ipOf, overlaps, rangeOf } from '../../network/net.ts';
import { type Rule, quoted } from '../rule.ts';

const configuredForSomeone: Rule = {
  name: 'Ceph is configured when a node has a Ceph role',
  check: (cluster, facts, report) => {
    if (cluster.ceph === null && facts.has('cluster.ceph'))
      report.add('ceph/unused', {}, { at: facts.key('cluster.ceph') });
  },
};

const needed: readonly (readonly [role: Role, consequence: string])[] = [
  ['ceph-mon', 'no cluster can form'],
  ['ceph-mgr', 'placement groups stay unknown'],
  ['ceph-osd', 'Ceph cannot store data'],
];

const allRoles: Rule = {
  name: 'Ceph has monitors, managers and OSDs',
  check: (cluster, facts, report) => {
    if (cluster.ceph === null) return;
    for (const [role, consequence] of needed.filter(([role]) => withRole(cluster.nodes, role).length === 0)) {
      report.add('ceph/missing-role', { role, consequence }, { at: facts.key('nodes') });
    }
    const count = withRole(cluster.nodes, 'ceph-mon').length;
    if (count > 0 && count % 2 === 0)
      report.add('ceph/even-monitors', { count, fewer: count - 1 }, { at: facts.key('nodes') });
  },
};

const adminNodesExist: Rule = {
  name: 'admin nodes are nodes',
  check: (cluster, facts, report) => {
    const known = cluster.nodes.map(({ name }) => name);
    (facts.cluster.ceph.admin_nodes ?? []).forEach((name, index) => {
      if (cluster.ceph === null || known.includes(name)) return;
      const near = suggest(name, known);
      const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
      const at = facts.at(`cluster.ceph.admin_nodes[${index}]`);
      report.add('ceph/unknown-admin-node', { name, known: quoted(known) }, { at, hint });
    });
  },
};

const adminNodesCanWork: Rule = {
  name: 'admin nodes have the commands of Ceph, and one of them is a monitor',
  check: (cluster, facts, report) => {
    const { ceph } = cluster;
    if (ceph === null) return;
    const written = facts.cluster.ceph.admin_nodes ?? [];
    const admins = cluster.nodes.filter((node) => holdsAdminKey(cluster, node));
    for (const { name } of admins.filter((node) => !isCephNode(node))) {
      const at = facts.at(`cluster.ceph.admin_nodes[${written.indexOf(name)}]`);
      report.add('ceph/admin-not-ceph', { name, known: namesOf(cluster.nodes.filter(isCephNode)) }, { at });
    }
    const known = namesOf(monitors(cluster));
    // A name of no node may mean a monitor.
    const isUnsure = written.some((name) => !cluster.nodes.some((node) => node.name === name));
    if (known === '' || isUnsure || admins.some((node) => hasRole(node, 'ceph-mon'))) return;
    report.add('ceph/admin-without-monitor', { known }, { at: facts.at('cluster.ceph.admin_nodes') });
  },
};

const namesOf = (nodes: readonly Node[]): string => quoted(nodes.map(({ name }) => name));

const mib = 1024 ** 2;

/** The minimum of Ceph (src/common/options/global.yaml.in). For a lower value, Ceph uses its default. */
const leastMemory = 896 * mib;

const memoryIsEnough: Rule = {
  name: 'an OSD has the memory that it needs',
  check: ({ ceph }, facts, report) => {
    const target = ceph?.osdMemoryTarget ?? leastMemory;
    if (target >= leastMemory) return;
    const values = { target: `${(target / mib).toFixed(0)} MiB` };
    report.add('ceph/memory-target', values, { at: facts.at('cluster.ceph.osd_memory_target') });
  },
};

const oneFamily: Rule = {
  name: 'both networks of Ceph have addresses of one family',
  check: ({ ceph }, facts, report) => {
    const [first] = ceph?.publicCidrs ?? [];
    if (ceph === null || first === undefined || usedNetworks(ceph).clusterCidrs.length > 0) return;
    const values = { family: `IPv${familyOf(ceph)}`, first: quoted([first]) };
    report.add('ceph/mixed-families', values, { at: facts.at('cluster.ceph.cluster_cidr') });
  },
};

const daemonsInNetworks: Rule = {
  name: 'nodes with Ceph roles have addresses in its networks',
  check: (cluster, facts, report) => {
    const { ceph } = cluster;
    if (ceph === null) return;
    const nodes = cluster.nodes.filter(({ interfaces }) => interfaces.length > 0);
    for (const node of nodes) {
      for (const { setting, cidrs, role, address } of networksOf(ceph, node)) {
        if (role === undefined || address !== null || cidrs.length === 0 || isAbandoned(ceph, setting, nodes)) continue;
        const path = facts.has(`cluster.ceph.${setting}`) ? `cluster.ceph.${setting}` : 'cluster.networking.node_cidr';
        // Other rules report an address outside of the node network.
        if (!facts.has(path) || (path !== `cluster.ceph.${setting}` && !isInside(node))) continue;
        const values = { node: node.name, role, setting: path.replace(/.*\./, ''), networks: quoted(cidrs) };
        const related = [{ message: 'the network', at: facts.at(path) }];
        report.add('ceph/address-missing', values, { at: facts.at(['nodes', node.name, 'name']), related });
      }
    }
  },
};

const inhabitedNetworks: Rule = {
  name: 'a network of Ceph contains addresses of nodes',
  check: ({ ceph, nodes, networking }, facts, report) => {
    if (ceph === null) return;
    const insides = [...networking.podCidrs, ...networking.serviceCidrs].map(rangeOf);
    for (const setting of ['public_cidr', 'cluster_cidr'] as const) {
      const path = `cluster.ceph.${setting}`;
      const cidrs = cidrsOf(ceph, setting);
      // `network/overlap` reports a network of pods or services.
      const isSaid = cidrs.some((cidr) => insides.some((inside) => overlaps(inside, rangeOf(cidr))));
      if (!facts.has(path) || isSaid || !isAbandoned(ceph, setting, nodes)) continue;
      report.add('ceph/no-node-inside', { setting, networks: quoted(cidrs) }, { at: facts.at(path) });
    }
  },
};

type Setting = 'public_cidr' | 'cluster_cidr';

const cidrsOf = (ceph: Ceph, setting: Setting): readonly string[] =>
  setting === 'public_cidr' ? usedNetworks(ceph).publicCidrs : usedNetworks(ceph).clusterCidrs;

/** Whether several nodes need an address in a network of Ceph and none has one, so the network is probably wrong. */
function isAbandoned(ceph: Ceph, setting: Setting, nodes: readonly Node[]): boolean {
  const needing = nodes
    .filter(({ interfaces }) => interfaces.length > 0)
    .flatMap((node) => networksOf(ceph, node))
    .filter((one) => one.setting === setting && one.role !== undefined && one.cidrs.length > 0);
  return needing.length > 1 && needing.every(({ address }) => address === null);
}

const isInside = ({ ips, nodeCidrs }: Node): boolean =>
  ips.some((ip) => nodeCidrs.some((cidr) => contains(rangeOf(cidr), ipOf(ip))));

/** The networks of a node's daemons, each with a role that needs it: all use the public network, OSDs also the cluster network. */
function networksOf(ceph: Ceph, node: Node) {
  const { publicCidrs, clusterCidrs } = usedNetworks(ceph);
  const roles = node.roles.filter((role) => role.startsWith('ceph-'));
  const replication = roles.find((role) => role === 'ceph-osd');
  return [
    { setting: 'public_cidr', cidrs: publicCidrs, role: roles[0], address: publicAddress(ceph, node) },
    { setting: 'cluster_cidr', cidrs: clusterCidrs, role: replication, address: clusterAddress(ceph, node) },
  ] as const;
}

export const cephRules: readonly Rule[] = [
  configuredForSomeone,
  allRoles,
  adminNodesExist,
  adminNodesCanWork,
  memoryIsEnough,
  oneFamily,
  inhabitedNetworks,
  daemonsInNetworks,
];

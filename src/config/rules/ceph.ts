/** Rules about Ceph: all roles are there, copies can be placed, daemons are in their networks. */
import type { Ceph, Cluster, Role } from '../cluster.ts';
import { contains, networkOf, rangeOf } from '../net.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { type Rule, quoted, repeats } from './rule.ts';

const withRole = ({ nodes }: Cluster, role: Role) => nodes.filter(({ roles }) => roles.includes(role));

const configuredForSomeone: Rule = {
  name: 'Ceph is configured when a node has a Ceph role',
  needsAll: true,
  check: (cluster, facts, report) => {
    if (cluster.ceph === null && facts.has('cluster.ceph'))
      report.add('ceph/unused', {}, { at: facts.key('cluster.ceph') });
  },
};

const needed: readonly (readonly [role: Role, consequence: string])[] = [
  ['ceph-mon', 'no cluster can form'],
  ['ceph-mgr', 'placement groups stay unknown'],
  ['ceph-osd', 'nothing can be stored'],
];

const allRoles: Rule = {
  name: 'Ceph has monitors, managers and OSDs',
  needsAll: true,
  check: (cluster, facts, report) => {
    if (cluster.ceph === null) return;
    for (const [role, consequence] of needed.filter(([role]) => withRole(cluster, role).length === 0)) {
      report.add('ceph/missing-role', { role, consequence }, { at: facts.key('nodes') });
    }
    const count = withRole(cluster, 'ceph-mon').length;
    if (count > 0 && count % 2 === 0)
      report.add('ceph/even-monitors', { count, fewer: count - 1 }, { at: facts.key('nodes') });
  },
};

const replicasFit: Rule = {
  name: 'copies can be placed in failure domains of their own',
  needsAll: true,
  check: (cluster, facts, report) => {
    const { ceph } = cluster;
    const osds = withRole(cluster, 'ceph-osd');
    if (ceph === null || osds.length === 0) return;
    const isHost = ceph.failureDomain === 'host';
    const hosts = isHost ? osds.length : osds.reduce((sum, { osdDisks }) => sum + osdDisks.length, 0);
    const domain = isHost ? 'hosts' : 'disks';
    const wanted = [
      { path: 'cluster.ceph.replicas', replicas: ceph.replicas },
      ...ceph.pools.map((pool, index) => ({
        path: `cluster.ceph.pools[${index}].replicas`,
        replicas: pool.replicas ?? 0,
      })),
    ];
    for (const { path, replicas } of wanted.filter((one) => one.replicas > hosts)) {
      report.add('ceph/too-many-replicas', { replicas, hosts, domain }, { at: facts.at(path) });
    }
  },
};

const minReplicasFit: Rule = {
  name: 'writing needs no more copies than are made, and more than one',
  check: ({ ceph }, facts, report) => {
    if (ceph === null) return;
    const { replicas, minReplicas: min } = ceph;
    const [at, minAt] = [facts.at('cluster.ceph.replicas'), facts.at('cluster.ceph.min_replicas')];
    if (min > replicas) report.add('ceph/min-replicas', { min, replicas }, { at: minAt });
    if (replicas === 1) report.add('ceph/no-redundancy', {}, { at });
    if (replicas > 1 && min === 1 && facts.has('cluster.ceph.min_replicas')) {
      report.add('ceph/min-replicas-one', { better: Math.max(2, replicas - 1) }, { at: minAt });
    }
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

const uniquePools: Rule = {
  name: 'pools have names of their own',
  check: (_, facts, report) => {
    const pools = (facts.cluster.ceph.pools ?? []).map(({ name }, index) => ({
      name,
      at: facts.at(`cluster.ceph.pools[${index}].name`),
    }));
    for (const { again, first } of repeats(pools, ({ name }) => name)) {
      const related = [{ message: 'first here', at: first.at }];
      report.add('ceph/duplicate-pool', { name: again.name }, { at: again.at, related });
    }
  },
};

const daemonsInNetworks: Rule = {
  name: 'nodes with Ceph roles have addresses in its networks',
  check: (cluster, facts, report) => {
    const { ceph } = cluster;
    if (ceph === null) return;
    for (const { name, roles, interfaces } of cluster.nodes) {
      if (interfaces.length === 0) continue;
      for (const { setting, cidrs, role } of networksOf(ceph, roles)) {
        if (role === undefined || !facts.has(`cluster.ceph.${setting}`)) continue;
        const ranges = cidrs.map(rangeOf);
        const addresses = interfaces.flatMap((one) => one.addresses.map(rangeOf));
        if (addresses.some((address) => ranges.some((range) => contains(range, address)))) continue;
        const values = { node: name, role, setting, networks: quoted(ranges.map(networkOf)) };
        const related = [{ message: 'the network', at: facts.at(`cluster.ceph.${setting}`) }];
        report.add('ceph/address-missing', values, { at: facts.at(['nodes', name, 'name']), related });
      }
    }
  },
};

/** The networks of a node's daemons, with a role that needs each: all speak on the public one, OSDs on the other too. */
function networksOf(ceph: Ceph, roles: readonly Role[]) {
  return [
    { setting: 'public_cidr', cidrs: ceph.publicCidrs, role: roles.find((role) => role.startsWith('ceph-')) },
    { setting: 'cluster_cidr', cidrs: ceph.clusterCidrs, role: roles.find((role) => role === 'ceph-osd') },
  ];
}

export const cephRules: readonly Rule[] = [
  configuredForSomeone,
  allRoles,
  replicasFit,
  minReplicasFit,
  adminNodesExist,
  uniquePools,
  daemonsInNetworks,
];

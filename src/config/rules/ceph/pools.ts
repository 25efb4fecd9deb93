/** Rules about the pools of Ceph: there are enough hosts or OSDs for the replicas, and names and purposes are valid. */
import { isPoolOfCeph, osdHosts, RESERVED_POOLS } from '../../ceph.ts';
import type { DiskSelector } from '../../cluster.ts';
import { type Rule, repeats } from '../rule.ts';

const namesOneDisk = ({ byId, wwn, serial, path }: DiskSelector): boolean =>
  [byId, wwn, serial, path].some((name) => name !== null);

const replicasFit: Rule = {
  name: 'copies can be placed in failure domains of their own',
  check: (cluster, facts, report) => {
    const { ceph } = cluster;
    const osds = osdHosts(cluster);
    if (ceph === null || osds.length === 0) return;
    const isHost = ceph.failureDomain === 'host';
    const hosts = isHost ? osds.length : osds.reduce((sum, { osdDisks }) => sum + osdDisks.length, 0);
    // A selector by size or kind can match any number of disks.
    if (!isHost && !osds.every(({ osdDisks }) => osdDisks.every(namesOneDisk))) return;
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
  name: 'writing needs more than one copy, and fewer copies than are made',
  check: ({ ceph }, facts, report) => {
    if (ceph === null) return;
    const { replicas, minReplicas: min } = ceph;
    const [at, minAt] = [facts.at('cluster.ceph.replicas'), facts.at('cluster.ceph.min_replicas')];
    if (min > replicas) report.add('ceph/min-replicas', { min, replicas }, { at: minAt });
    // With two copies, the only other choice is one, which risks data.
    if (min === replicas && replicas > 2) report.add('ceph/min-replicas-all', { min }, { at: minAt });
    if (replicas === 1) report.add('ceph/no-redundancy', {}, { at });
    ceph.pools.forEach((pool, index) => {
      if (pool.replicas !== 1 || replicas === 1) return;
      report.add('ceph/no-redundancy', {}, { at: facts.at(`cluster.ceph.pools[${index}].replicas`) });
    });
    if (replicas > 1 && min === 1 && facts.has('cluster.ceph.min_replicas')) {
      report.add('ceph/min-replicas-one', { better: Math.max(2, replicas - 1) }, { at: minAt });
    }
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

const poolsServeSomething: Rule = {
  name: 'pools for files belong to a file system, and its own pools to nothing else',
  check: (_, facts, report) => {
    const { cephfs, pools = [] } = facts.cluster.ceph;
    pools.forEach(({ name, application }, index) => {
      const at = facts.at(`cluster.ceph.pools[${index}].name`);
      if (application === 'cephfs' && !cephfs) report.add('ceph/cephfs-disabled', { name }, { at });
      if (isPoolOfCeph(name)) report.add('ceph/pool-of-ceph', { name }, { at });
      if (application === 'rbd' && cephfs && RESERVED_POOLS.includes(name)) {
        report.add('ceph/reserved-pool', { name }, { at });
      }
    });
  },
};

export const cephPoolRules: readonly Rule[] = [replicasFit, minReplicasFit, uniquePools, poolsServeSomething];

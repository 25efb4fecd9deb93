/** View of the pools of Ceph. */
import { sizesOf } from '../../config/ceph.ts';
import type { Cluster } from '../../config/cluster.ts';

export function poolsView({ ceph }: Cluster) {
  const pools = ceph === null ? [] : ceph.pools.map((pool) => ({ ...pool, ...sizesOf(ceph, pool) }));
  return { rows: pools.map(({ name, application, size, minSize }) => ({ name, application, size, minSize })) };
}

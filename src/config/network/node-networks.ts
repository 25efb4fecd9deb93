/** The networks of the nodes: the cluster's, and those of nodes that have one of their own, e.g. in another rack. */
import type { Cidr, Cluster, Node } from '../cluster.ts';
import { memo } from '../memo.ts';

/** Each node network once, as written; the cluster's first. */
export const nodeNetworks = memo(({ networking, nodes }: Cluster): readonly Cidr[] => [
  ...new Set([...networking.nodeCidrs, ...nodes.flatMap(({ nodeCidrs }) => nodeCidrs)]),
]);

/** For each network that is not the cluster's, the first node in it. */
export const firstOfEachNetwork = memo((cluster: Cluster): readonly Node[] => {
  const further = nodeNetworks(cluster).slice(cluster.networking.nodeCidrs.length);
  return cluster.nodes.filter(({ nodeCidrs }, index, all) =>
    nodeCidrs.some((cidr) => further.includes(cidr) && all.findIndex((one) => one.nodeCidrs.includes(cidr)) === index),
  );
});

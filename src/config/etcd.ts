/** Where the members of etcd are: at the master's `ip`, or at its address in the network of etcd. */
import type { Address, Cidr, Cluster, Node } from './cluster.ts';
import { contains, formatIp, ipOf, rangeOf } from './network/net.ts';

/** The address at which the etcd of a master listens, and at which the others look for it. `check` makes sure that there is one. */
export function etcdAddress({ kubernetes }: Pick<Cluster, 'kubernetes'>, node: Node): Address {
  const { cidr } = kubernetes.etcd;
  const [own = ''] = node.ips;
  return cidr === null ? own : (addressesIn(node, cidr)[0] ?? own);
}

/** Whether the etcd of the master is elsewhere than its API server. */
export const isEtcdApart = (cluster: Cluster, node: Node): boolean =>
  etcdAddress(cluster, node) !== (node.ips[0] ?? '');

/** The addresses of a node in a network: static ones, and those that are reserved for it. */
export function addressesIn({ interfaces }: Node, cidr: Cidr): readonly Address[] {
  const range = rangeOf(cidr);
  const all = interfaces.flatMap(({ addresses, leased }) => [...addresses.map(rangeOf), ...leased.map(ipOf)]);
  return [...new Set(all.filter((one) => contains(range, one)).map(formatIp))];
}

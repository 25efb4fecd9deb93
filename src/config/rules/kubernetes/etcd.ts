/** Rules about the network of etcd: the members know each other by their addresses, so each master has exactly one there. */
import type { Cluster, Node } from '../../cluster.ts';
import { addressesIn } from '../../etcd.ts';
import { overlaps, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import { isMaster } from '../../roles.ts';
import { type Rule, quoted } from '../rule.ts';

const SETTING = 'cluster.kubernetes.etcd.cidr';

/** Other rules refuse such a network. */
function isRefused({ networking: { podCidrs, serviceCidrs } }: Cluster, cidr: string): boolean {
  const range = rangeOf(cidr);
  const isInside = [...podCidrs, ...serviceCidrs].some((one) => overlaps(rangeOf(one), range));
  return isInside || specialNetwork(range, 'own')?.severity === 'error';
}

/** An interface that may get an address of this family at the start, which no image can name. */
function unknownInterface({ interfaces }: Node, cidr: string): string | undefined {
  const { family } = rangeOf(cidr);
  return interfaces.find((one) => (family === 4 ? one.dhcp4 : one.autoconf6) && one.leased.length === 0)?.name;
}

const oneAddress: Rule = {
  name: 'each master has one address in the network of etcd',
  check: (cluster, facts, report) => {
    const { cidr } = cluster.kubernetes.etcd;
    if (cidr === null || isRefused(cluster, cidr)) return;
    const masters = cluster.nodes.filter((node) => isMaster(node) && node.interfaces.length > 0);
    const found = masters.map((node) => ({ node, addresses: addressesIn(node, cidr) }));
    if (masters.length > 1 && found.every(({ addresses }) => addresses.length === 0)) {
      report.add('kubernetes/etcd-network-empty', { cidr }, { at: facts.at(SETTING) });
      return;
    }
    for (const { node, addresses } of found.filter((one) => one.addresses.length !== 1)) {
      const place = {
        at: facts.at(['nodes', node.name, 'name']),
        related: [{ message: 'the network', at: facts.at(SETTING) }],
      };
      if (addresses.length > 1) {
        report.add('kubernetes/etcd-addresses', { node: node.name, addresses: quoted(addresses), cidr }, place);
        continue;
      }
      const name = unknownInterface(node, cidr);
      const hint =
        name === undefined
          ? undefined
          : `if this is the network of its interface \`${name}\`, write a static address: the other masters must know it before the start, so it cannot come by DHCP`;
      report.add('kubernetes/etcd-address-missing', { node: node.name, cidr }, { ...place, hint });
    }
  },
};

export const etcdRules: readonly Rule[] = [oneAddress];

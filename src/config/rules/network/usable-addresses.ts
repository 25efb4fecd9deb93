/** Rules about all addresses in settings: a machine can have the address. */
import type { Cluster } from '../../cluster.ts';
import { contains, type IpRange, ipOf, isReservedIn, networkOf, rangeOf } from '../../network/net.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { type AddressUse, type SpecialAddress, specialNetwork, specialUse } from '../../network/special-addresses.ts';
import type { Rule } from '../rule.ts';
import { settingOf, type WrittenAddress, writtenAddresses } from './written-addresses.ts';

const ipIn = ({ text }: WrittenAddress) => ipOf(text.split('/')[0] ?? '');

const speaksAgainst = (one: WrittenAddress): SpecialAddress | undefined =>
  one.form === 'network' ? specialNetwork(rangeOf(one.text), one.use) : specialUse(ipIn(one), one.use);

const ordinaryAddresses: Rule = {
  name: 'an address is none that the Internet keeps for something else',
  check: (_, facts, report) => {
    const all = writtenAddresses(facts).map((one) => ({ one, special: speaksAgainst(one) }));
    const networks = all.filter(({ one, special }) => special && one.form === 'network' && one.use === 'own');
    // Addresses in a reported network follow from it and are not reported again.
    const isConsequence = (one: WrittenAddress): boolean =>
      one.form !== 'network' && networks.some((network) => contains(rangeOf(network.one.text), ipIn(one)));
    const doubted = new Set<string>();
    for (const { one, special } of all) {
      if (!special || isConsequence(one) || doubted.has(special.range)) continue;
      const { kind, range, severity } = special;
      const at = facts.at(one.path);
      const values = { address: one.text.split('/')[0] ?? '', cidr: one.text, setting: settingOf(one), kind, range };
      if (severity === 'warning') {
        doubted.add(range);
        report.add('network/address-doubtful', { ...values, address: one.text }, { at });
      } else if (one.form === 'network') {
        const hint = one.use === 'destination' ? 'remove the route' : undefined;
        report.add('network/special-range', values, { at, hint });
      } else report.add('network/address-special', values, { at });
    }
  },
};

/** The networks that are on a link: the node networks and the networks of interfaces' addresses. */
function knownNetworks(cluster: Cluster): readonly IpRange[] {
  const own = cluster.nodes.flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses));
  return [...new Set([...nodeNetworks(cluster), ...own.map((cidr) => networkOf(rangeOf(cidr)))])].map(rangeOf);
}

/** The first address of an IPv6 network is the address of its routers (RFC 4291, section 2.6.1), so it can be a next hop. */
const isRouters = (one: WrittenAddress, range: IpRange): boolean => one.use === 'hop' && range.family === 6;

const notTheEnds: Rule = {
  name: 'an address is neither the first nor the last of its network',
  check: (cluster, facts, report) => {
    const known = knownNetworks(cluster);
    const ips = new Set(cluster.nodes.flatMap((node) => node.ips));
    for (const one of writtenAddresses(facts)) {
      // The node's own address is checked at its `ip`, not at the interface.
      if (one.form === 'network' || (one.form === 'interface' && ips.has(one.text.split('/')[0] ?? ''))) continue;
      const ip = ipIn(one);
      const ranges = one.form === 'interface' ? [rangeOf(one.text)] : known;
      const range = ranges.find((each) => contains(each, ip) && isReservedIn(each, ip) && !isRouters(one, each));
      if (!range || speaksAgainst(one)?.severity === 'error') continue;
      const values = {
        address: one.text.split('/')[0] ?? '',
        kind: isReservedIn(range, ip) ?? '',
        network: networkOf(range),
      };
      report.add('network/address-reserved', values, { at: facts.at(one.path) });
    }
  },
};

/** Whether another rule refuses the address because it is special. */
export const isSpecial = (address: string, use: AddressUse = 'own'): boolean =>
  specialUse(ipOf(address), use)?.severity === 'error';

export const usableAddressRules: readonly Rule[] = [ordinaryAddresses, notTheEnds];

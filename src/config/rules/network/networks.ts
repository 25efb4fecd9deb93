/** Rules about the networks of the cluster: they are valid, one per family, and disjoint. */
import type { Cluster } from '../../cluster.ts';
import { type IpRange, ipOf, networkOf, overlaps, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';
import { settingOf, writtenAddresses } from './written-addresses.ts';

interface NamedNetwork {
  readonly setting: string;
  readonly index: number;
  readonly cidr: string;
  readonly range: IpRange;
}

/** It selects an address of each master, so it may be a part of other networks of nodes, or hold them. */
const ETCD = 'cluster.kubernetes.etcd.cidr';

/** The networks of the definition with the settings that name them. */
function networks(cluster: Cluster, facts: Facts): readonly NamedNetwork[] {
  const { nodeCidrs, podCidrs, serviceCidrs } = cluster.networking;
  const named: readonly (readonly [string, readonly string[]])[] = [
    ['cluster.networking.node_cidr', nodeCidrs],
    ['cluster.networking.pod_cidr', podCidrs],
    ['cluster.networking.service_cidr', serviceCidrs],
    ['cluster.ceph.public_cidr', cluster.ceph?.publicCidrs ?? []],
    ['cluster.ceph.cluster_cidr', cluster.ceph?.clusterCidrs ?? []],
    ...facts.nodes.flatMap((node) => {
      const own = node.network?.node_cidr;
      return own === undefined ? [] : [[`nodes[${node.name}].network.node_cidr`, own] as const];
    }),
    [ETCD, cluster.kubernetes.etcd.cidr === null ? [] : [cluster.kubernetes.etcd.cidr]],
  ];
  return named.flatMap(([setting, cidrs]) =>
    cidrs.map((cidr, index) => ({ setting, index, cidr, range: rangeOf(cidr) })),
  );
}

const place = (facts: Facts, { setting, index }: NamedNetwork) =>
  facts.at(setting === ETCD ? ETCD : `${setting}[${index}]`);

const noHostBits: Rule = {
  name: 'a network is written without host bits',
  check: (cluster, facts, report) => {
    for (const network of networks(cluster, facts)) {
      const { range, cidr, setting } = network;
      if (range.value === range.network || !facts.has(setting)) continue;
      report.add('network/host-bits', { cidr, network: networkOf(range) }, { at: place(facts, network) });
    }
    for (const { text, path } of writtenAddresses(facts).filter(({ use }) => use === 'destination')) {
      const range = rangeOf(text);
      if (range.value === range.network) continue;
      report.add('network/host-bits', { cidr: text, network: networkOf(range) }, { at: facts.at(path) });
    }
  },
};

const onePerFamily: Rule = {
  name: 'a setting holds one network, gateway or address per family',
  check: (cluster, facts, report) => {
    // Ceph takes a list of networks, for daemons in several racks.
    const own = networks(cluster, facts).filter(({ setting }) => !setting.startsWith('cluster.ceph'));
    const written = own.map((network) => ({ ...network, family: network.range.family }));
    const single = writtenAddresses(facts).filter(({ path }) => ['ip', 'gateway'].includes(String(path.at(-2))));
    const addresses = single.map((one) => ({ setting: settingOf(one), family: ipOf(one.text).family }));
    for (const { again } of repeats([...written, ...addresses], ({ setting, family }) => `${setting} ${family}`)) {
      const { setting, family } = again;
      report.add('network/duplicate-family', { setting, family }, { at: facts.key(setting) });
    }
  },
};

const noneMeansNone: Rule = {
  name: 'the gateway `none` stands alone',
  check: (_, facts, report) => {
    const said = (path: string, gateways: readonly string[] | undefined): void => {
      if (!gateways?.includes('none') || gateways.length === 1) return;
      report.add('network/gateway-none', { setting: path }, { at: facts.key(path) });
    };
    said('cluster.networking.gateway', facts.cluster.networking.gateway);
    for (const { name, network } of facts.nodes) {
      said(`nodes[${name}].network.gateway`, network?.gateway);
      network?.interfaces?.forEach(({ gateway }, i) =>
        said(`nodes[${name}].network.interfaces[${i}].gateway`, gateway),
      );
    }
  },
};

/** Ceph's networks may be equal to the node network or to each other, and etcd's selects among all these; other networks are disjoint. */
function mayCoincide(a: NamedNetwork, b: NamedNetwork): boolean {
  const isInside = ({ setting }: NamedNetwork): boolean =>
    setting.endsWith('pod_cidr') || setting.endsWith('service_cidr');
  if (isInside(a) || isInside(b) || a.setting === b.setting) return false;
  return a.range.prefix === b.range.prefix || [a, b].some(({ setting }) => setting === ETCD);
}

const disjoint: Rule = {
  name: 'networks are disjoint',
  check: (cluster, facts, report) => {
    const all = onceEach(networks(cluster, facts)).filter((network, index, list) => {
      const isCephDefault = network.setting.startsWith('cluster.ceph') && !facts.has(network.setting);
      return !isCephDefault && list.indexOf(network) === index;
    });
    // Another rule refuses networks with special addresses.
    const isOrdinary = ({ range }: NamedNetwork): boolean => specialNetwork(range, 'own')?.severity !== 'error';
    const wide = [...all, ...otherSubnets(cluster, facts, all)].filter(isOrdinary);
    const told = new Set<NamedNetwork>();
    wide.forEach((later, index) => {
      const earlier = wide
        .slice(0, index)
        .find((other) => overlaps(other.range, later.range) && !mayCoincide(other, later));
      // A subnet of an interface inside of a reported network is not reported.
      if (!earlier || (told.has(earlier) && !all.includes(later))) return;
      told.add(earlier).add(later);
      // A default has no place in the definition, so the diagnostic points to the other setting.
      const [one, other] = facts.has(later.setting) ? [later, earlier] : [earlier, later];
      const values = { setting: one.setting, cidr: one.cidr, other: other.setting, othercidr: other.cidr };
      const related = facts.has(other.setting) ? [{ message: 'the other', at: place(facts, other) }] : [];
      report.add('network/overlap', values, { at: place(facts, one), related });
    });
  },
};

/** Without the networks that several nodes repeat. */
function onceEach(all: readonly NamedNetwork[]): readonly NamedNetwork[] {
  const isOfNode = ({ setting }: NamedNetwork): boolean => setting.startsWith('nodes[');
  const first = new Map(all.filter(isOfNode).toReversed().map((one) => [networkOf(one.range), one])); // prettier-ignore
  return all.filter((one) => !isOfNode(one) || first.get(networkOf(one.range)) === one);
}

/** Networks that appear only in addresses of interfaces, e.g. a storage VLAN. Nodes share them, so each is listed once. */
function otherSubnets(cluster: Cluster, facts: Facts, known: readonly NamedNetwork[]): readonly NamedNetwork[] {
  // The interface of a node without listed interfaces is derived from its `ip`.
  const listing = cluster.nodes.filter(({ name }) => facts.has(['nodes', name, 'network', 'interfaces']));
  const found = listing.flatMap(({ name, interfaces }) =>
    interfaces.flatMap(({ addresses }, i) =>
      addresses.map((cidr, index): NamedNetwork => {
        const setting = `nodes[${name}].network.interfaces[${i}].addresses`;
        return { setting, index, cidr, range: rangeOf(networkOf(rangeOf(cidr))) };
      }),
    ),
  );
  const isKnown = ({ range }: NamedNetwork): boolean =>
    known.some((network) => overlaps(network.range, range) && !/(pod|service|etcd)[_.]cidr$/.test(network.setting));
  const fresh = found.filter((network) => !isKnown(network));
  return fresh.filter((network, index) => {
    return fresh.findIndex(({ range }) => overlaps(range, network.range)) === index;
  });
}

export const networkRules: readonly Rule[] = [noHostBits, onePerFamily, noneMeansNone, disjoint];

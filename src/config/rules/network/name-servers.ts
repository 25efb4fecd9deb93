/** Rules about name servers and time servers: they are outside of the cluster, and the resolver uses all of them. */
import type { Cluster, Node } from '../../cluster.ts';
import { hasNameServer } from '../../network/name-servers.ts';
import { ipOf, parseIp } from '../../network/net.ts';
import { clusterNetworkOf, relatedTo, wholeRange } from './cluster-networks.ts';
import { oncePerPlace, originOf } from '../inherited.ts';
import { listedNames } from '../names.ts';
import { ownAddresses } from './node-addresses.ts';
import { speaks } from '../../network/on-link.ts';
import { type Facts, nodesOf, quoted, repeats, type Rule, writtenByName } from '../rule.ts';
import { keyOf, settingOf, writtenAddresses } from './written-addresses.ts';
import { hasRole, isMaster, isMember } from '../../roles.ts';

const notInTheCluster: Rule = {
  name: 'no server that nodes ask is in the pod or service network',
  check: (cluster, facts, report) => {
    for (const { text, path } of writtenAddresses(facts).filter(({ use, by }) => use === 'server' || by === 'node')) {
      const network = clusterNetworkOf(cluster, wholeRange(text));
      if (!network) continue;
      const values = { address: text, cidr: network.cidr, of: network.of };
      report.add('network/server-in-cluster', values, { at: facts.at(path), related: relatedTo(network, facts) });
    }
  },
};

/** Whether the node serves time: masters and monitors do, if there are other nodes (docs/decisions/0013). */
const tellsTime = ({ nodes }: Cluster, { roles }: Node): boolean =>
  nodes.length > 1 && (isMaster({ roles }) || hasRole({ roles }, 'ceph-mon'));

const notItself: Rule = {
  name: 'no node asks itself',
  check: (cluster, facts, report) => {
    const written = writtenAddresses(facts);
    // If a node has the address of the gateway, its own address is wrong; another rule reports it.
    const gateways = new Set(written.filter((one) => keyOf(one) === 'gateway').map(({ text }) => text));
    const asked = written.filter((one) => one.use === 'server' || keyOf(one) === 'mirror');
    for (const one of asked.filter(({ text }) => !gateways.has(text))) {
      const { text, path } = one;
      // Settings of the cluster apply to every node, also to the node with this address.
      const node = nodesOf(cluster, path).find((each) => ownAddresses(each).includes(text));
      if (!node) continue;
      const values = { address: text, node: node.name };
      if (keyOf(one) === 'dns') report.add('network/dns-is-node', values, { at: facts.at(path) });
      else if (keyOf(one) === 'mirror') {
        // A storage node downloads no programs of Kubernetes.
        if (isMember(node)) report.add('network/mirror-is-node', values, { at: facts.at(path) });
      } else if (path[0] !== 'cluster' || !tellsTime(cluster, node))
        report.add('network/ntp-is-node', values, { at: facts.at(path) });
    }
  },
};

/** `MAXNS` of resolv.conf(5), and `MaxDNSNameservers` of Kubernetes (pkg/apis/core/validation/validation.go). */
const serverLimit = 3;
/** `MaxDNSSearchPaths` and `MaxDNSSearchListChars` of the same file. Kubernetes adds three domains, first `NAMESPACE.svc.DOMAIN`. */
const [searchLimit, searchCharacters] = [32, 2048];

const notTooMany: Rule = {
  name: 'name servers and search domains are as many as are used',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      const place = (key: 'dns' | 'search_domains', index: number) => facts.at(originOf(facts, node.name, index, key));
      const servers = node.interfaces.map(({ dns }) => dns);
      const count = new Set(servers.flat()).size;
      const last = servers.findLastIndex((dns) => dns.length > 0);
      if (count > serverLimit) {
        once.add(
          'network/many-name-servers',
          { node: node.name, count, limit: serverLimit },
          { at: place('dns', last) },
        );
      }
      const domains = [...new Set(node.interfaces.flatMap(({ searchDomains }) => searchDomains))];
      const { limit, characters } = roomInPods(cluster, node);
      const length = domains.join(' ').length;
      if (domains.length <= limit && length <= characters) continue;
      const values = { node: node.name, count: domains.length, length, limit, characters };
      const at = place(
        'search_domains',
        node.interfaces.findLastIndex(({ searchDomains }) => searchDomains.length > 0),
      );
      once.add('network/many-search-domains', values, { at });
    }
  },
};

/** The number of search domains, and of their characters, that a node may have so that its pods get all of them. */
function roomInPods({ networking: { clusterDomain } }: Cluster, { bootRole }: Node) {
  if (bootRole === 'storage') return { limit: Infinity, characters: Infinity };
  const own = ['default.svc.', 'svc.', ''].map((prefix) => `${prefix}${clusterDomain} `);
  return { limit: searchLimit - own.length, characters: searchCharacters - own.join('').length };
}

const servedFamilies: Rule = {
  name: 'a name server is of a family that some node has',
  check: (cluster, facts, report) => {
    for (const { text, path } of writtenAddresses(facts).filter((one) => keyOf(one) === 'dns')) {
      const { family } = ipOf(text);
      const takers = nodesOf(cluster, path).flatMap(({ interfaces }) =>
        interfaces.filter(({ dns }) => dns.includes(text)),
      );
      // If no interface uses it, all interfaces have name servers of their own.
      if (takers.length === 0 || takers.some((one) => speaks(one, family))) continue;
      report.add('network/name-server-family', { address: text, family }, { at: facts.at(path) });
    }
  },
};

const listedOnce: Rule = {
  name: 'a server, search domain or neighbour of a bond is listed once',
  check: (_, facts, report) => {
    const servers = writtenAddresses(facts).filter((one) => /^dns$|_target$/.test(keyOf(one)));
    const names = listedNames(facts).map(({ name, path }) => ({ text: name, path }));
    for (const { again, first } of repeats([...servers, ...names], (one) => `${settingOf(one)} ${one.text}`)) {
      const related = [{ message: 'first here', at: facts.at(first.path) }];
      report.add(
        'network/repeated-entry',
        { entry: again.text, setting: settingOf(again) },
        { at: facts.at(again.path), related },
      );
    }
  },
};

/**
 * Whether the definition has no name server for the node: not at the node, its interfaces or (unless an interface overrides it)
 * the cluster. Other rules report a name server that is never asked: `network/name-server-family`, or a node without an address.
 */
function isUntold({ name }: Node, { cluster, nodes }: Facts): boolean {
  const network = writtenByName(nodes).get(name)?.network;
  const own = (network?.interfaces ?? []).flatMap(({ dns }) => (dns ? [dns] : []));
  const told = own.length > 0 ? own.flat() : (network?.dns ?? cluster.networking.dns);
  return told.length === 0;
}

const someNameServer: Rule = {
  name: 'nodes that look up names have a name server',
  check: (cluster, facts, report) => {
    const names = namesToLookUp(cluster);
    const without = cluster.nodes.filter((node) => !hasNameServer(node) && isUntold(node, facts));
    const isNobody = without.length === cluster.nodes.length;
    // In a closed network whose nodes look up no names, no name server is needed.
    if (without.length === 0 || (isNobody && names.length === 0)) return;
    const values = {
      nodes: isNobody ? 'any node' : `node ${quoted(without.map(({ name }) => name))}`,
      names: names.length === 0 ? 'any name' : quoted(names),
    };
    report.add('network/no-dns', values, { at: facts.key('cluster.networking') });
  },
};

function namesToLookUp({
  kubernetes,
  networking,
  bootstrap,
  controlPlane,
  nodes,
  ...cluster
}: Cluster): readonly string[] {
  const urls = [
    ...(kubernetes.delivery === 'first-boot' ? [kubernetes.mirror ?? 'https://dl.k8s.io'] : []),
    ...(bootstrap.external === null ? [] : [bootstrap.external.url]),
    ...(cluster.update === null ? [] : [cluster.update.url]),
    ...(controlPlane.etcdSnapshots.store === null ? [] : [controlPlane.etcdSnapshots.store.url]),
    ...cluster.registries.flatMap(({ mirrors }) => mirrors.map(({ url }) => url)),
    ...[networking.proxy?.http, networking.proxy?.https].flatMap((url) => url ?? []),
  ];
  const hosts = [...urls.map((url) => new URL(url).hostname), ...nodes.flatMap(({ ntp }) => ntp)];
  const isInHosts = (host: string): boolean =>
    nodes.every((node) => node.hosts.some(({ hostnames }) => hostnames.some((name) => name.toLowerCase() === host)));
  return [...new Set(hosts)].filter((host) => !parseIp(host.replace(/^\[|\]$/g, '')) && !isInHosts(host));
}

export const nameServerRules: readonly Rule[] = [
  notInTheCluster,
  notItself,
  notTooMany,
  servedFamilies,
  listedOnce,
  someNameServer,
];

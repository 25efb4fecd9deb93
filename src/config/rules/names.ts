/** Rules about host names and DNS names: not too long, not the machine itself, not inside of Kubernetes' own domain. */
import type { Path } from '../../diagnostics/path.ts';
import type { Cluster } from '../cluster.ts';
import { contains, parseIp, rangeOf } from '../network/net.ts';
import { hostnamePlace, namesOf } from './identity.ts';
import type { Facts, Rule } from './rule.ts';
import { hostIn, writtenUrls } from './network/written-urls.ts';

/** `__NEW_UTS_LEN` of the kernel's `linux/utsname.h`; sethostname(2). */
const hostnameLimit = 64;

const shortHostnames: Rule = {
  name: 'a host name is not longer than the kernel takes',
  check: (cluster, facts, report) => {
    const long = cluster.nodes.filter(({ hostname }) => hostname.length > hostnameLimit);
    const [first] = long;
    if (first === undefined) return;
    const { name: node, hostname } = first;
    const values = { node, hostname, length: hostname.length, limit: hostnameLimit };
    const [domain, own] = [facts.at('cluster.domain'), hostnamePlace(facts, node)];
    // If several names are too long, their common domain is the cause.
    const [at, other] = long.length > 1 ? [domain, own] : [own, domain];
    const message = long.length > 1 ? 'the name' : 'the domain';
    report.add('node/long-hostname', values, { at, related: [{ message, at: other }] });
  },
};

/** Loopback names in our /etc/hosts and in Red Hat's. These and their subdomains are the machine itself (RFC 6761, section 6.3). */
const ownNames = /(^|\.)localhost[46]?(\.localdomain[46]?)?$|^ip6-(localhost|loopback|allnodes|allrouters)$/;

/** Whether a name is resolved without a name server: by /etc/hosts or by nss-myhostname(8). */
export const isLocalhost = (name: string): boolean => ownNames.test(name.toLowerCase().replace(/\.$/, ''));

const loopback = [rangeOf('127.0.0.0/8'), rangeOf('::1/128')];

/** Whether a host, as `hostIn` returns it, means the machine itself. */
export function isItself(host: string): boolean {
  const ip = parseIp(host);
  return ip ? loopback.some((range) => contains(range, ip)) : isLocalhost(host);
}

interface Said {
  readonly name: string;
  readonly what: string;
  readonly path: Path;
}

/** Names in the definition that must resolve to the same address on every machine. */
function sharedNames({ cluster }: Facts): readonly Said[] {
  const { domain, control_plane, networking, kubernetes, bootstrap } = cluster;
  const hostOf = (url: string | undefined) => (url === undefined ? undefined : hostIn(url));
  // With embedded programs, the build machine downloads, not the nodes.
  const nodesMirror = kubernetes.delivery === 'first-boot' ? hostOf(kubernetes.mirror) : undefined;
  const single: readonly (readonly [Path, string, string | undefined])[] = [
    [['cluster', 'domain'], 'the domain of the nodes', domain],
    [['cluster', 'control_plane', 'endpoint'], 'where others reach the API servers', control_plane.endpoint],
    [['cluster', 'networking', 'cluster_domain'], 'the domain of the services', networking.cluster_domain],
    [['cluster', 'kubernetes', 'mirror'], 'where nodes download from', nodesMirror],
    [
      ['cluster', 'control_plane', 'etcd_snapshots', 'store', 'url'],
      'where masters copy snapshots to',
      hostOf(control_plane.etcd_snapshots.store?.url),
    ],
    [['cluster', 'bootstrap', 'external', 'url'], 'where nodes get their tokens', hostOf(bootstrap.external?.url)],
  ];
  return single.flatMap(([path, what, name]) => (name === undefined ? [] : [{ path, what, name }]));
}

/** The entries of settings that are lists of names (some also take addresses). */
export function listedNames({ cluster: { networking }, nodes }: Facts): readonly Said[] {
  const list = (path: Path, what: string, names: readonly string[] = []): readonly Said[] =>
    names.map((name, index) => ({ name, what, path: [...path, index] }));
  const of = (
    path: Path,
    said: { readonly ntp?: readonly string[] | undefined; readonly search_domains?: readonly string[] | undefined },
  ) => [
    ...list([...path, 'ntp'], 'a time server', said.ntp),
    ...list([...path, 'search_domains'], 'a search domain', said.search_domains),
  ];
  return [
    ...of(['cluster', 'networking'], networking),
    ...nodes.flatMap(({ name, network = {} }) => [
      ...of(['nodes', name, 'network'], network),
      ...(network.interfaces ?? []).flatMap((one, i) => of(['nodes', name, 'network', 'interfaces', i], one)),
    ]),
  ];
}

const notLocalhost: Rule = {
  name: 'no name means the machine itself',
  check: (cluster, facts, report) => {
    // Another rule checks addresses in the lists.
    const said = [
      ...sharedNames(facts).filter(({ name }) => isItself(name)),
      ...listedNames(facts).filter(({ name }) => isLocalhost(name)),
    ];
    for (const { name, what, path } of said) {
      report.add('network/localhost', { name, what }, { at: facts.at(path) });
    }
    const isOfDomain = cluster.domain !== null && isLocalhost(cluster.domain);
    for (const node of cluster.nodes) {
      const name = namesOf(node).find(isLocalhost);
      const isDerived = isOfDomain && !facts.has(['nodes', node.name, 'hostname']) && !isLocalhost(node.name);
      if (name === undefined || isDerived) continue;
      report.add(
        'network/localhost',
        { name, what: `a name of node \`${node.name}\`` },
        { at: hostnamePlace(facts, node.name) },
      );
    }
  },
};

const isBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** The service domain that contains a name: the cluster domain, or `svc`, which pods complete by their search domains. */
export const clusterDomainOf = (name: string, { networking }: Cluster): string | undefined =>
  [networking.clusterDomain, 'svc'].find((domain) => isBelow(name, domain));

function relatedDomain(domain: string, { cluster, has, at }: Facts) {
  const setting = 'cluster.networking.cluster_domain';
  const isWritten = domain === cluster.networking.cluster_domain && has(setting);
  return isWritten ? [{ message: 'the domain of the services', at: at(setting) }] : [];
}

/** The domain of the nodes, and the names of machines outside of it. */
function outsideNames(cluster: Cluster, facts: Facts): readonly Omit<Said, 'what'>[] {
  const { domain } = cluster;
  const { endpoint } = cluster.controlPlane;
  const own = cluster.nodes.filter(({ name }) => facts.has(['nodes', name, 'hostname']));
  const further = [
    ...(endpoint === null ? [] : [{ name: endpoint, path: ['cluster', 'control_plane', 'endpoint'] }]),
    ...own.map(({ name, hostname }) => ({ name: hostname.toLowerCase(), path: ['nodes', name, 'hostname'] })),
  ];
  if (domain === null) return further;
  return [{ name: domain, path: ['cluster', 'domain'] }, ...further.filter(({ name }) => !isBelow(name, domain))];
}

const domainsApart: Rule = {
  name: 'names of machines are not looked up in the domain of the services, nor by multicast',
  check: (cluster, facts, report) => {
    for (const { name, path } of outsideNames(cluster, facts)) {
      const at = facts.at(path);
      const clusterdomain = clusterDomainOf(name, cluster);
      if (clusterdomain !== undefined) {
        const related = relatedDomain(clusterdomain, facts);
        report.add('network/domain-in-cluster-domain', { name, clusterdomain }, { at, related });
      } else if (isBelow(name, 'local')) report.add('network/local-domain', { name }, { at });
    }
  },
};

const endpointIsNoNode: Rule = {
  name: 'the endpoint name is no node',
  check: (cluster, facts, report) => {
    const { endpoint } = cluster.controlPlane;
    if (endpoint === null || isLocalhost(endpoint)) return;
    const node = cluster.nodes.find((one) => namesOf(one).includes(endpoint));
    if (!node) return;
    const related = [{ message: 'the node', at: hostnamePlace(facts, node.name) }];
    const at = facts.at('cluster.control_plane.endpoint');
    report.add('network/endpoint-is-node', { name: endpoint, node: node.name }, { at, related });
  },
};

const endpointIsNoService: Rule = {
  name: "the endpoint name is not the one of the API's service",
  check: (cluster, facts, report) => {
    const { endpoint } = cluster.controlPlane;
    if (endpoint !== 'kubernetes' && endpoint !== 'kubernetes.default') return;
    report.add('network/endpoint-is-service', { name: endpoint }, { at: facts.at('cluster.control_plane.endpoint') });
  },
};

/** Does not check the `host` of a registry: it may be in the cluster domain, because nodes ask the mirrors. */
const nodesFindServers: Rule = {
  name: 'nodes ask no servers by names that only pods find',
  check: (cluster, facts, report) => {
    const urls = writtenUrls(facts).filter(({ by, path }) => by !== 'builder' && path.at(-1) !== 'host');
    const servers = listedNames(facts).filter(({ path }) => path.at(-2) === 'ntp');
    for (const { name, path } of [...urls.map(({ host, path }) => ({ name: host, path })), ...servers]) {
      const clusterdomain = clusterDomainOf(name, cluster);
      if (clusterdomain === undefined) continue;
      const related = relatedDomain(clusterdomain, facts);
      report.add('network/server-of-cluster-domain', { name, clusterdomain }, { at: facts.at(path), related });
    }
  },
};

export const nameRules: readonly Rule[] = [
  shortHostnames,
  notLocalhost,
  domainsApart,
  endpointIsNoNode,
  endpointIsNoService,
  nodesFindServers,
];

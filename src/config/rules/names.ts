/** Rules about names that machines are looked up by: not too long, not the machine itself, not inside of Kubernetes' own domain. */
import type { Path } from '../../diagnostics/path.ts';
import type { Cluster } from '../cluster.ts';
import { contains, parseIp, rangeOf } from '../net.ts';
import { hostnamePlace, namesOf } from './identity.ts';
import type { Facts, Rule } from './rule.ts';
import { hostIn } from './written-urls.ts';

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
    // Several have the domain in common.
    const [at, other] = long.length > 1 ? [domain, own] : [own, domain];
    const message = long.length > 1 ? 'the name' : 'the domain';
    report.add('node/long-hostname', values, { at, related: [{ message, at: other }] });
  },
};

/** What our /etc/hosts says of the loopback, and Red Hat's; these and what lies below are the machine itself (RFC 6761, section 6.3). */
const ownNames = /(^|\.)localhost[46]?(\.localdomain[46]?)?$|^ip6-(localhost|loopback|allnodes|allrouters)$/;

/** Whether a name is answered without asking anybody: by /etc/hosts, or by nss-myhostname(8). */
export const isLocalhost = (name: string): boolean => ownNames.test(name.toLowerCase().replace(/\.$/, ''));

const loopback = [rangeOf('127.0.0.0/8'), rangeOf('::1/128')];

/** Whether a host, as `hostIn` reads it, is the machine that asks. */
export function isItself(host: string): boolean {
  const ip = parseIp(host);
  return ip ? loopback.some((range) => contains(range, ip)) : isLocalhost(host);
}

interface Said {
  readonly name: string;
  readonly what: string;
  readonly path: Path;
}

/** Names of the definition that have to mean the same on every machine. */
function sharedNames({ cluster }: Facts): readonly Said[] {
  const { domain, control_plane, networking, kubernetes, bootstrap } = cluster;
  const hostOf = (url: string | undefined) => (url === undefined ? undefined : hostIn(url));
  // Embedded programs are fetched by the build machine.
  const nodesMirror = kubernetes.delivery === 'first-boot' ? hostOf(kubernetes.mirror) : undefined;
  const single: readonly (readonly [Path, string, string | undefined])[] = [
    [['cluster', 'domain'], 'the domain of the nodes', domain],
    [['cluster', 'control_plane', 'endpoint'], 'where others reach the API servers', control_plane.endpoint],
    [['cluster', 'networking', 'cluster_domain'], 'the domain of the services', networking.cluster_domain],
    [['cluster', 'kubernetes', 'mirror'], 'where nodes download from', nodesMirror],
    [['cluster', 'bootstrap', 'external', 'url'], 'where nodes get their tokens', hostOf(bootstrap.external?.url)],
  ];
  return single.flatMap(([path, what, name]) => (name === undefined ? [] : [{ path, what, name }]));
}

/** The lists of names, and of the addresses among them. */
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
    // Addresses in the lists are another rule's matter.
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

/** The nodes' domain, and the names of machines that do not come from it. */
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
    const { clusterDomain } = cluster.networking;
    const setting = 'cluster.networking.cluster_domain';
    const related = facts.has(setting) ? [{ message: 'the domain of the services', at: facts.at(setting) }] : [];
    for (const { name, path } of outsideNames(cluster, facts)) {
      const at = facts.at(path);
      if (isBelow(name, clusterDomain)) {
        report.add('network/domain-in-cluster-domain', { name, clusterdomain: clusterDomain }, { at, related });
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
    const related = [{ message: 'the node', at: facts.at(['nodes', node.name, 'name']) }];
    const at = facts.at('cluster.control_plane.endpoint');
    report.add('network/endpoint-is-node', { name: endpoint, node: node.name }, { at, related });
  },
};

export const nameRules: readonly Rule[] = [shortHostnames, notLocalhost, domainsApart, endpointIsNoNode];

/** Rules about container registries: containerd uses every entry, and passwords are not sent unencrypted. */
import type { Path } from '../../../diagnostics/path.ts';
import { parseIp } from '../../network/net.ts';
import { hostOfUrl, serverOf } from '../../network/registry-hosts.ts';
import type { WrittenRegistry } from '../../schema/registry.ts';
import { clusterNetworkOf, relatedTo, wholeRange } from './cluster-networks.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';
import { hostIn } from './written-urls.ts';

interface Placed {
  readonly path: Path;
  readonly registries: readonly WrittenRegistry[];
}

/** The registries of the cluster and those of each node. */
const written = ({ cluster, nodes }: Facts): readonly Placed[] => [
  { path: ['cluster', 'registries'], registries: cluster.registries },
  ...nodes.map(({ name, registries = [] }) => ({ path: ['nodes', name, 'registries'], registries })),
];

const entries = (facts: Facts) =>
  written(facts).flatMap(({ path, registries }) =>
    registries.map((registry, index) => ({ registry, path: [...path, index] })),
  );

const mirrors = (facts: Facts) =>
  entries(facts).flatMap(({ registry, path }) =>
    registry.mirrors.map((mirror, index) => ({ ...mirror, path: [...path, 'mirrors', index] })),
  );

const uniqueRegistries: Rule = {
  name: 'a registry is configured once',
  check: (_, facts, report) => {
    for (const { path, registries } of written(facts)) {
      const hosts = registries.map(({ host }, index) => ({ host, at: facts.at([...path, index, 'host']) }));
      for (const { again, first } of repeats(hosts, ({ host }) => host)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('registry/duplicate', { host: again.host }, { at: again.at, related });
      }
    }
  },
};

const uniqueMirrors: Rule = {
  name: 'a mirror of a registry is listed once',
  check: (_, facts, report) => {
    for (const { registry, path } of entries(facts)) {
      const urls = registry.mirrors.map(({ url }, m) => ({ url, at: facts.at([...path, 'mirrors', m, 'url']) }));
      for (const { again, first } of repeats(urls, ({ url }) => url)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('registry/mirror-repeated', { url: again.url, host: registry.host }, { at: again.at, related });
      }
    }
  },
};

const saysSomething: Rule = {
  name: 'an entry has mirrors, or credentials that containerd would look for',
  check: (_, facts, report) => {
    for (const { registry, path } of entries(facts)) {
      const { host, auth } = registry;
      if (registry.mirrors.length === 0 && !auth)
        report.add('registry/says-nothing', { host }, { at: facts.at([...path, 'host']) });
      if (auth && serverOf(host) === null)
        report.add('registry/auth-for-all', {}, { at: facts.key([...path, 'auth']) });
    }
  },
};

const passwordsStayCovered: Rule = {
  name: 'credentials are not sent over plain http',
  check: (_, facts, report) => {
    // containerd looks up credentials by the host that it asks, not by the registry in the image's name.
    const hosts = new Map(
      entries(facts).flatMap(({ registry: { host, auth } }) => (auth ? [[serverOf(host), host]] : [])),
    );
    for (const { url, path } of mirrors(facts)) {
      const host = hosts.get(hostOfUrl(url));
      if (!url.startsWith('http:') || typeof host !== 'string') continue;
      report.add('registry/password-in-clear', { host, url }, { at: facts.at([...path, 'url']) });
    }
  },
};

const certificatesUsed: Rule = {
  name: 'a CA certificate is used',
  check: (_, facts, report) => {
    for (const { url, ca_file, skip_verify, path } of mirrors(facts)) {
      const isPlain = url.startsWith('http:');
      const at = (key: string) => facts.at([...path, key]);
      if (isPlain && ca_file !== undefined)
        report.add('registry/tls-unused', { name: 'ca_file' }, { at: at('ca_file') });
      if (isPlain && skip_verify) report.add('registry/tls-unused', { name: 'skip_verify' }, { at: at('skip_verify') });
      if (!isPlain && ca_file !== undefined && skip_verify)
        report.add('registry/verify-contradiction', {}, { at: at('skip_verify') });
    }
  },
};

/** Nodes may reach a registry inside the cluster by its service address, but only for the images of this registry. */
const outsideOfCluster: Rule = {
  name: 'a mirror is not in the pod or service network',
  check: (cluster, facts, report) => {
    const places = entries(facts).map(({ registry: { host, mirrors: own }, path }) => ({
      host: { address: hostIn(`https://${host}`), path: [...path, 'host'] },
      mirrors: own.map(({ url }, index) => ({ address: hostIn(url), path: [...path, 'mirrors', index, 'url'] })),
    }));
    const asked = places.flatMap(({ host, mirrors: own }) => own.map((one) => ({ ...one, of: host.address })));
    const said = new Set<string>();
    for (const { address, path, of } of [...asked, ...places.map(({ host }) => ({ ...host, of: host.address }))]) {
      const network = parseIp(address) && clusterNetworkOf(cluster, wholeRange(address));
      if (!network || said.has(address) || (network.of === 'services' && of === address)) continue;
      said.add(address);
      const values = { address, cidr: network.cidr, of: network.of };
      report.add('registry/in-cluster', values, { at: facts.at(path), related: relatedTo(network, facts) });
    }
  },
};

export const registryRules: readonly Rule[] = [
  uniqueRegistries,
  uniqueMirrors,
  saysSomething,
  passwordsStayCovered,
  certificatesUsed,
  outsideOfCluster,
];

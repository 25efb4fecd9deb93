/** Rules about entries for /etc/hosts: they take no name that coldstart or Kubernetes gives to something else. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cluster } from '../../cluster.ts';
import type { WrittenHost } from '../../schema/network.ts';
import { namesOf } from '../identity.ts';
import { clusterDomainOf, isLocalhost } from '../names.ts';
import type { Facts, Rule } from '../rule.ts';

interface Entry extends WrittenHost {
  readonly path: Path;
}

const entries = ({ cluster, nodes }: Facts): readonly Entry[] =>
  [
    { group: ['cluster', 'networking'], hosts: cluster.networking.hosts },
    ...nodes.map(({ name, network }) => ({ group: ['nodes', name, 'network'], hosts: network?.hosts ?? [] })),
  ].flatMap(({ group, hosts }) => hosts.map((one, index) => ({ ...one, path: [...group, 'hosts', index] })));

/** Whose name it is, and its addresses; undefined for a free name. */
function ownerOf(
  name: string,
  cluster: Cluster,
): { readonly owner: string; readonly ips: readonly string[] } | undefined {
  const { endpoint, virtualIp } = cluster.controlPlane;
  const node = cluster.nodes.find((each) => namesOf(each).includes(name));
  if (node) return { owner: `node \`${node.name}\``, ips: node.ips };
  if (name === endpoint && virtualIp !== null) return { owner: 'the virtual address', ips: [virtualIp] };
  if (isLocalhost(name)) return { owner: 'the machine itself', ips: [] };
  return clusterDomainOf(name, cluster) === undefined ? undefined : { owner: 'a service of Kubernetes', ips: [] };
}

const freeHostnames: Rule = {
  name: 'an entry for hosts takes no name of a node or a service',
  check: (cluster, facts, report) => {
    for (const { ip, hostnames, path } of entries(facts)) {
      hostnames.forEach((name, index) => {
        const found = ownerOf(name.toLowerCase(), cluster);
        if (found === undefined || found.ips.includes(ip)) return;
        report.add(
          'network/hosts-taken',
          { name, ip, owner: found.owner },
          { at: facts.at([...path, 'hostnames', index]) },
        );
      });
    }
  },
};

export const hostRules: readonly Rule[] = [freeHostnames];

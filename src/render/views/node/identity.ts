/** Views of a node's identity and of the nodes it knows: hostname, hosts, node.env, issue. */
import type { Node } from '../../../config/cluster.ts';
import { etcdAddress, isEtcdApart } from '../../../config/etcd.ts';
import { firstMaster, mastersKnownTo, nodesKnownTo } from '../../../config/first-guess.ts';
import { iscsiInitiatorId, machineId, nvmeHostId } from '../../plan/ids.ts';
import { isMaster, isMember } from '../../../config/roles.ts';
import { namesOf, type Subject } from '../subject.ts';

export const hostnameView = ({ node }: Subject) => ({ hostname: node.hostname });

export const nodeIdentityView = ({ node }: Subject) => ({ name: node.name });

export const machineIdView = ({ cluster, node }: Subject) => ({ id: machineId(cluster.name, node.name) });

export const nvmeHostView = ({ cluster, node }: Subject) => ({ uuid: nvmeHostId(cluster.name, node.name) });

export const iscsiInitiatorView = ({ cluster, node }: Subject) => ({ id: iscsiInitiatorId(cluster.name, node.name) });

/** The names of other nodes follow from the running cluster. The virtual address belongs to no node, so it has its own line; without a name for it there is no line. */
export function hostsView({ cluster, node: self }: Subject) {
  const { endpoint, virtualIp } = cluster.controlPlane;
  const nodes = nodesKnownTo(cluster, self).flatMap((node) =>
    node.ips.map((address) => ({ address, names: namesOf(node) })),
  );
  const virtual = endpoint !== null && virtualIp !== null ? [{ address: virtualIp, names: [endpoint] }] : [];
  const further = self.hosts.map(({ ip, hostnames }) => ({ address: ip, names: hostnames }));
  return { hosts: [...nodes, ...virtual, ...further] };
}

export const issueView = ({ cluster, node }: Subject) => ({
  cluster: cluster.name,
  node: node.name,
  hostname: node.hostname,
  roles: node.roles.join(', '),
  addresses: node.ips.join(', '),
});

export const hasMatches = ({ node }: Subject): boolean => nicsOf(node).some(({ match }) => match !== null);

const nicsOf = ({ interfaces }: Node) => interfaces.filter((one) => one.type === 'ethernet');

/** A row for each NIC of an interface; `-` means no condition. */
export const nicsView = ({ node }: Subject) => ({
  rows: nicsOf(node).map(({ name, mac, match }) => [
    ...[name, match?.name ?? '-', match?.driver ?? '-', match?.path ?? '-', mac ?? match?.mac ?? '-'],
  ]),
});

/** Lists are joined by blanks: all items are names, addresses, MACs or roles, which contain none. */
export function nodeEnvView({ cluster, node }: Subject) {
  const first = firstMaster(cluster);
  const masters = mastersKnownTo(cluster, node);
  const { endpoint, virtualIp, port } = cluster.controlPlane;
  const firstIp = first?.ips[0] ?? '';
  return {
    clusterName: cluster.name,
    nodeName: node.name,
    nodeHostname: node.hostname,
    nodeIp: node.ips[0] ?? '',
    nodeIps: node.ips.join(' '),
    leasedIps: node.interfaces.flatMap(({ leased }) => leased).join(' '),
    nodeMacs: node.macs.join(' '),
    nodeRoles: node.roles.join(' '),
    bootRole: node.bootRole,
    firstMaster: first?.name ?? '',
    firstMasterIp: firstIp,
    masterNames: masters.map((master) => master.name).join(' '),
    masterIps: masters.map((master) => master.ips[0] ?? '').join(' '),
    // Only masters look for etcd.
    etcd:
      isMaster(node) && masters.some((master) => isEtcdApart(cluster, master))
        ? { ip: etcdAddress(cluster, node), ips: masters.map((master) => etcdAddress(cluster, master)).join(' ') }
        : null,
    apiPort: String(port),
    apiEndpoint: virtualIp ?? endpoint ?? firstIp,
    // A further version of Kubernetes does not change storage nodes.
    kubernetesVersion: isMember(node) ? cluster.kubernetes.version : '',
    kubernetesDelivery: isMember(node) ? cluster.kubernetes.delivery : '',
    podCidrs: cluster.networking.podCidrs.join(' '),
    serviceCidrs: cluster.networking.serviceCidrs.join(' '),
    clusterDomain: cluster.networking.clusterDomain,
    tokenDistribution: cluster.bootstrap.tokenDistribution,
    // Seconds. Only masters let nodes in.
    tokenTtl: isMaster(node) ? String(cluster.bootstrap.tokenTtl) : '',
  };
}

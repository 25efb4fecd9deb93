/**
 * Common parts of the views of the control plane and of its members: the members, and the addresses and names that
 * follow from the definition.
 */
import type { Address, Cidr, Cluster, Node } from '../../../config/cluster.ts';
import { hasNameServer } from '../../../config/network/name-servers.ts';
import { formatIp, rangeOf } from '../../../config/network/net.ts';
import { hasRole, isMember, isMaster } from '../../../config/roles.ts';
import { isIpv6, type Subject } from '../subject.ts';

export const isForMaster = ({ node }: Subject): boolean => isMaster(node);
export const isForMember = ({ node }: Subject): boolean => isMember(node);
/** Whether the nodes themselves route packets between pods. */
export const routesPods = ({ networking }: Cluster): boolean => networking.cni === 'routed';

export const isCalico = ({ networking }: Cluster): boolean => networking.cni === 'calico';
/** Where Calico, and nearly every network of a user, puts its plugin. With these, containerd looks for all plugins there. */
export const OWN_PLUGINS = 'opt/cni/bin';

export const members = ({ nodes }: Cluster): Node[] => nodes.filter(isMember);

/** The address that other nodes use; every node has one. */
export const addressOf = (node: Node): Address => node.ips[0] ?? '';

/** An address as it is written before a port. */
export const hostOf = (address: Address): string => (isIpv6(address) ? `[${address}]` : address);

/**
 * The URL of a master's own API server. It listens only on the node's address, because the load balancer uses the same
 * port on the loopback and the virtual address.
 */
export const apiUrl = ({ cluster, node }: Subject): string =>
  `https://${hostOf(addressOf(node))}:${String(cluster.controlPlane.port)}`;

/** The tenth address of each service network is the cluster's DNS, as with kubeadm. */
export const dnsAddresses = (cluster: Cluster): Address[] => cluster.networking.serviceCidrs.map(tenth);

function tenth(cidr: Cidr): Address {
  const { family, network } = rangeOf(cidr);
  return formatIp({ family, value: network + 10n });
}

/** A master without the role worker takes no ordinary pods, as with kubeadm; a user's taint with the same key wins. */
export function taintsOf(node: Node): Node['taints'] {
  const key = 'node-role.kubernetes.io/control-plane';
  const isMasterOnly = isMaster(node) && !hasRole(node, 'worker');
  if (!isMasterOnly || node.taints.some((taint) => taint.key === key)) return node.taints;
  return [{ key, value: '', effect: 'NoSchedule' }, ...node.taints];
}

/** The label of a node without a name server, where CoreDNS would not start. */
export const NO_NAME_SERVER = 'coldstart/no-name-server';

/** The labels of the definition, one for each role in Kubernetes, and {@link NO_NAME_SERVER}. */
export function labelsOf(node: Node): Readonly<Record<string, string>> {
  const roles = [...(isMaster(node) ? ['control-plane'] : []), ...(hasRole(node, 'worker') ? ['worker'] : [])];
  const own = [
    ...roles.map((role) => `node-role.kubernetes.io/${role}`),
    ...(hasNameServer(node) ? [] : [NO_NAME_SERVER]),
  ];
  return { ...Object.fromEntries(own.map((label) => [label, ''])), ...node.labels };
}

/** Each label with its line `key=value`, sorted. */
export const labelLines = (labels: Readonly<Record<string, string>>): [key: string, line: string][] =>
  Object.entries(labels)
    .toSorted()
    .map(([key, value]) => [key, `${key}=${value}`]);

const KUBELET_LABELS = new Set([
  ...['kubernetes.io/hostname', 'kubernetes.io/os', 'kubernetes.io/arch', 'node.kubernetes.io/instance-type'],
  ...[
    'topology.kubernetes.io/zone',
    'topology.kubernetes.io/region',
    'beta.kubernetes.io/os',
    'beta.kubernetes.io/arch',
  ],
  ...['failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region'],
  'beta.kubernetes.io/instance-type',
]);

/**
 * Whether the API server lets no kubelet set this label on its own Node (kubernetes:
 * staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go, plugin/pkg/admission/noderestriction).
 */
export function isRestricted(key: string): boolean {
  const [domain = ''] = key.includes('/') ? key.split('/') : [];
  const isKubernetes = /(^|\.)(kubernetes|k8s)\.io$/.test(domain);
  return isKubernetes && !KUBELET_LABELS.has(key) && !/(^|\.)(kubelet|node)\.kubernetes\.io$/.test(domain);
}

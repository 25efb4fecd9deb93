/** One node as the page shows it. Pure. */
import type { Interface, Node } from '../../config/cluster.ts';
import { isMember } from '../../config/roles.ts';
import type { ReportFacts } from '../../usecases/report.ts';
import { nodeAttachments } from '../networks.ts';
import { bytes, diskText } from '../rows.ts';
import { printable } from './text.ts';

const TASKS: Readonly<Record<Node['bootRole'], string>> = {
  'master-first': 'begins the cluster, unless it finds one at another master',
  'master-additional': 'joins etcd and starts its own API server',
  worker: 'joins through a master, and runs pods',
  storage: 'runs daemons of Ceph, outside of Kubernetes',
};

export function nodeView(node: Node, { plan, manifest, current }: ReportFacts) {
  const image = plan.nodes.find((one) => one.node === node.name);
  const record = manifest?.nodes[node.name];
  return {
    id: `node-${node.name}`,
    name: node.name,
    hostname: node.hostname,
    roles: node.roles.join(', '),
    task: TASKS[node.bootRole],
    addresses: nodeAttachments(node).map(
      ({ address, network, interface: name }) => `${address} in ${network} (${name})`,
    ),
    macs: node.macs,
    stateDisk: node.stateDisk === null ? null : printable(diskText(node.stateDisk)),
    osdDisks: node.osdDisks.map((disk) => printable(diskText(disk))),
    interfaces: node.interfaces.map(interfaceView),
    labels: isMember(node) ? Object.entries(node.labels).map(([key, value]) => `${key}=${value}`) : [],
    taints: node.taints.map(({ key, value, effect }) => printable(`${key}=${value ?? ''}:${effect}`)),
    kernelArgs: (image?.kernelArgs ?? []).map(printable),
    packages: image?.packages.names.length ?? 0,
    ownPackages: node.packages.join(', '),
    formats: (image?.formats ?? []).join(', '),
    installs: image?.install === true && node.stateDisk !== null,
    images: (record?.artifacts ?? []).map(({ path, size, sha256 }) => ({ path, size: bytes(size), sha256 })),
    imageId: record?.id ?? null,
    isCurrent: current.has(node.name),
  };
}

function interfaceView(of: Interface) {
  const ports = 'ports' in of ? of.ports.join(' + ') : 'parent' in of ? of.parent : '';
  const about = {
    ethernet: () => ('mac' in of ? (of.mac ?? 'found by its match') : ''),
    vlan: () => ('id' in of ? `VLAN ${String(of.id)} on ${ports}` : ''),
    bond: () => ('mode' in of ? `${of.mode} of ${ports}` : ''),
    bridge: () => `of ${ports}`,
  }[of.type]();
  const dynamic = [...(of.dhcp4 ? ['DHCP'] : []), ...(of.autoconf6 ? ['router advertisements'] : [])];
  return {
    ...{ name: of.name, type: of.type === 'ethernet' ? 'network card' : of.type === 'vlan' ? 'VLAN' : of.type, about },
    addresses: [...of.addresses, ...dynamic].join(', '),
    gateways: of.gateways.join(', '),
    mtu: of.mtu === null ? '' : String(of.mtu),
  };
}

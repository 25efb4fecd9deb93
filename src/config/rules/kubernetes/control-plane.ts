/** Rules about access to the API servers (virtual address, port, endpoint name), and about the images. */
import type { Cluster } from '../../cluster.ts';
import { defaultJoinPort } from '../../join-port.ts';
import { servesJoinPort } from '../../fetching.ts';
import { networkOf } from '../../network/net.ts';
import { isMaster, isMember, ROLES, type PortRange } from '../../roles.ts';
import { isOutside, nodeRanges } from '../network/node-networks.ts';
import { type Rule, quoted } from '../rule.ts';
import { credentialForms } from './joining.ts';
import { isSpecial } from '../network/usable-addresses.ts';
import { keyOf, type WrittenAddress, writtenAddresses } from '../network/written-addresses.ts';

const virtualIpFree: Rule = {
  name: 'the virtual address is free and in a node network',
  check: (cluster, facts, report) => {
    const address = cluster.controlPlane.virtualIp;
    if (address === null) return;
    const at = facts.at('cluster.control_plane.virtual_ip');
    const other = writtenAddresses(facts).find(
      (one) => one.text.split('/')[0] === address && ownerOf(one) !== undefined,
    );
    if (other !== undefined) {
      const related = [{ message: 'here', at: facts.at(other.path) }];
      report.add('network/virtual-ip-taken', { address, owner: ownerOf(other) ?? '' }, { at, related });
      return; // The user has to choose another address, so its network does not matter.
    }
    const masters = new Set(cluster.nodes.filter(isMaster).flatMap(({ nodeCidrs }) => nodeCidrs));
    if (isSpecial(address) || !isOutside(cluster, address, [...masters])) return;
    const networks = quoted(nodeRanges(cluster, [...masters]).map(networkOf));
    report.add('network/virtual-ip-outside', { address, networks }, { at });
  },
};

/** The owner of the address, in words; undefined if it is not an address of a machine. */
function ownerOf(one: WrittenAddress): string | undefined {
  const key = keyOf(one);
  if (key === 'gateway') return 'the gateway';
  if (key === 'dns') return 'a name server';
  return one.use === 'own' && (key === 'ip' || key === 'addresses')
    ? `the address of node \`${String(one.path[1])}\``
    : undefined;
}

const virtualIpUseful: Rule = {
  name: 'a virtual address has masters to move between',
  check: (cluster, facts, report) => {
    const masters = cluster.nodes.filter(isMaster).length;
    if (cluster.controlPlane.virtualIp === null || masters > 1) return;
    report.add('network/virtual-ip-useless', {}, { at: facts.at('cluster.control_plane.virtual_ip') });
  },
};

/** kubernetes.io, "Ports and Protocols"; the rest are Debian's defaults. */
const usedPorts: readonly PortRange[] = [
  [22, 22, 'SSH'],
  [53, 53, 'name service'],
  [111, 111, 'rpcbind'],
  [123, 123, 'the time service'],
  [323, 323, 'the time service'],
  [2379, 2381, 'etcd'],
  [10_248, 10_250, 'the kubelet'],
  [10_256, 10_257, 'kube-proxy and the controller manager'],
  [10_259, 10_259, 'the scheduler'],
  [30_000, 32_767, 'node ports of services'],
];

/** Calico's "System requirements". */
const calicoPorts: readonly PortRange[] = [[179, 179, 'BGP']];

/** The ports that are in use on masters, without those that users choose. */
export function portsOfMasters({ networking, nodes }: Cluster): readonly PortRange[] {
  const roles = [...new Set(nodes.filter(isMaster).flatMap((node) => node.roles))];
  const own = roles.flatMap((role) => ROLES[role].ports);
  return [...usedPorts, ...own, ...(networking.cni === 'calico' ? calicoPorts : [])];
}

const portFree: Rule = {
  name: 'the ports of masters are not ones that the node uses',
  check: (cluster, facts, report) => {
    const { controlPlane, bootstrap } = cluster;
    const ports = portsOfMasters(cluster);
    const check = (setting: string, port: number, usual: number, used: readonly PortRange[]): void => {
      const [, , owner] = used.find(([from, to]) => port >= from && port <= to) ?? [];
      if (owner)
        report.add('network/port-taken', { port, owner, setting, usual }, { at: facts.at(`cluster.${setting}`) });
    };
    check('control_plane.port', controlPlane.port, 6443, ports);
    if (!servesJoinPort(cluster)) return;
    const api: PortRange = [controlPlane.port, controlPlane.port, 'the API server'];
    check('bootstrap.port', bootstrap.port, defaultJoinPort(controlPlane.port), [...ports, api]);
  },
};

const mirrorUsed: Rule = {
  name: 'a mirror for downloads is used',
  check: (cluster, facts, report) => {
    // Either the build or the nodes download programs from the mirror, depending on `delivery` (artifacts.ts).
    if (cluster.kubernetes.mirror === null || cluster.nodes.some(isMember)) return;
    report.add('kubernetes/mirror-unused', {}, { at: facts.at('cluster.kubernetes.mirror') });
  },
};

const storeFits: Rule = {
  name: 'masters have something to copy to the store of snapshots, and credentials for it',
  check: ({ controlPlane: { etcdSnapshots } }, facts, report) => {
    const { store, keep } = etcdSnapshots;
    if (store === null) return;
    const at = (key: string) => facts.at(`cluster.control_plane.etcd_snapshots.${key}`);
    if (keep === 0) report.add('kubernetes/snapshot-store-unused', {}, { at: at('keep') });
    const { fits, expected } = credentialForms.s3;
    if (store.credentials === null || fits(store.credentials)) return;
    const file = facts.cluster.control_plane.etcd_snapshots.store?.credentials_file ?? '';
    report.add('kubernetes/bad-store-credentials', { file, expected }, { at: at('store.credentials_file') });
  },
};

const formatsOnce: Rule = {
  name: 'each format is listed once',
  check: (_, facts, report) => {
    facts.cluster.image.formats.forEach((format, index, all) => {
      const at = facts.at(['cluster', 'image', 'formats', index]);
      if (all.indexOf(format) !== index) report.add('image/repeated-format', { format }, { at });
    });
  },
};

export const controlPlaneRules: readonly Rule[] = [
  virtualIpFree,
  virtualIpUseful,
  portFree,
  mirrorUsed,
  storeFits,
  formatsOnce,
];

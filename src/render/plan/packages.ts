/**
 * Decides which Debian packages a node's base layer holds: a set for every node, firmware unless it is left out, one
 * set for Kubernetes nodes, one for Debian's containerd, one for Ceph nodes, one for nodes that update themselves, one for XFS, and the packages in the node's own definition. Masters and workers
 * share a set (etcd included), so the usual cluster needs one base layer. A node without Ceph roles does not carry
 * Ceph.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { isCephNode, isMember } from '../../config/roles.ts';
import { updatesItself } from '../../config/fetching.ts';

type PackageSetName =
  'common' | 'firmware' | 'kubernetes' | 'containerd' | 'ceph' | 'ceph-dashboard' | 'update' | 'xfs' | 'inventory';

/** The package set of one base layer. */
export interface PackageSet {
  readonly sets: readonly PackageSetName[];
  /** Debian package names, sorted, each once. */
  readonly names: readonly string[];
}

const PACKAGES: Readonly<Record<PackageSetName, readonly string[]>> = {
  common: [
    ...['systemd', 'systemd-sysv', 'systemd-repart', 'udev', 'dbus', 'kmod', 'linux-image-amd64'],
    ...['live-boot', 'live-boot-initramfs-tools', 'zstd', 'e2fsprogs', 'dosfstools'],
    ...['grub-pc-bin', 'grub-efi-amd64-bin', 'grub-efi-amd64-signed', 'shim-signed', 'shim-helpers-amd64-signed'],
    'efibootmgr',
    ...['network-manager', 'iproute2', 'ethtool', 'nftables', 'iputils-ping', 'chrony', 'openssh-server', 'tzdata'],
    // login(1) is no longer essential in trixie, and without it a console takes names but never asks for a password.
    ...['login', 'passwd', 'libpam-systemd', 'sudo', 'jq', 'curl', 'ca-certificates', 'openssl'],
    ...['libnss-myhostname', 'procps', 'fdisk', 'less', 'nano'],
  ],
  // docs/decisions/0015-firmware-is-in-the-image.md lists the omitted firmware, and the reasons.
  firmware: [
    ...[
      'amd64-microcode',
      'intel-microcode',
      'firmware-bnx2',
      'firmware-bnx2x',
      'firmware-cavium',
      'firmware-intel-misc',
    ],
    ...['firmware-misc-nonfree', 'firmware-myricom', 'firmware-netxen', 'firmware-qlogic', 'firmware-realtek'],
  ],
  kubernetes: [
    ...['containernetworking-plugins', 'conntrack', 'iptables', 'ipset', 'socat'],
    ...['etcd-server', 'etcd-client', 'haproxy', 'keepalived'],
  ],
  containerd: ['containerd', 'runc'],
  ceph: ['ceph-common', 'ceph-mds', 'ceph-mgr', 'ceph-mon', 'ceph-osd', 'ceph-volume', 'lvm2'],
  'ceph-dashboard': ['ceph-mgr-dashboard'],
  update: ['rauc', 'rauc-service'],
  xfs: ['xfsprogs'],
  inventory: ['lldpd', 'qrencode'],
};

const hasXfs = ({ dataDisks }: Node): boolean =>
  dataDisks.some(({ partitions }) => partitions.some(({ filesystem }) => filesystem === 'xfs'));

/** Where the packages come from and how they are packed, for a comparison; without the passwords of sources. */
export function debianFacts({ image: { suite, mirrors, compressionLevel } }: Cluster): readonly string[] {
  const sources = mirrors.map((source) => `source ${source.replace(/\/\/[^/@\s]*@/g, '//')}`);
  return [`release ${suite}`, ...sources, `compression level ${String(compressionLevel)}`];
}

/** The packages of a node's base layer; nodes with equal `names` share one. */
export function packageSet(cluster: Cluster, node: Node): PackageSet {
  const sets: PackageSetName[] = ['common'];
  if (cluster.image.nonFreeFirmware) sets.push('firmware');
  if (isMember(node)) sets.push('kubernetes');
  if (isMember(node) && cluster.kubernetes.containerd.source === 'debian') sets.push('containerd');
  if (isCephNode(node)) sets.push('ceph');
  if (isCephNode(node) && cluster.ceph?.dashboard === true) sets.push('ceph-dashboard');
  if (updatesItself(cluster, node)) sets.push('update');
  if (hasXfs(node)) sets.push('xfs');
  const names = new Set([...sets.flatMap((set) => PACKAGES[set]), ...node.packages]);
  return { sets, names: [...names].toSorted() };
}

/** The packages of the image that takes inventories, sorted. @param hasFirmware cards without their firmware may be missing */
export function inventoryPackages(hasFirmware: boolean): readonly string[] {
  return [...PACKAGES.common, ...(hasFirmware ? PACKAGES.firmware : []), ...PACKAGES.inventory].toSorted();
}

/**
 * Mounts that users define with units and `/etc/fstab`, and rules about their mount points: no mount hides files of the image, and
 * none empties at each reboot what a node keeps.
 */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import { isCephNode, isMaster, isMember } from '../../roles.ts';
import { valuesOf } from '../../systemd/unit-file.ts';
import { placedFiles } from '../files/placed-files.ts';
import type { Facts, Rule } from '../rule.ts';
import { writtenUnits } from './written-units.ts';

const TABLE = '/etc/fstab';

interface Mount {
  readonly node: Node;
  /** The unit, or `/etc/fstab`. */
  readonly name: string;
  /** The mount point; undefined if the unit has no `Where=`, such as a drop-in file. */
  readonly where: string | undefined;
  /** The type of the file system; undefined if the kernel finds it out. */
  readonly type: string | undefined;
  /** The line of the mount point, counted from 1. */
  readonly line: number;
  readonly whereAt: Placement;
  readonly typeAt: Placement;
}

/** All mounts of users, node by node. Lines of `/etc/fstab` with `noauto` are included: mount(8) reads them later. */
export const mountsOf = (cluster: Cluster, facts: Facts): readonly Mount[] => mountsIn(cluster)(facts);

const mountsIn = memo((cluster: Cluster) => memo((facts: Facts) => allMounts(cluster, facts)));

function allMounts(cluster: Cluster, facts: Facts): readonly Mount[] {
  const units = writtenUnits(cluster, facts).flatMap(({ node, name, unit, place }): readonly Mount[] => {
    if (!name.endsWith('.mount')) return [];
    const [where, type] = ['Where', 'Type'].map((key) => valuesOf(unit, 'Mount', key).at(-1));
    const line = where?.line ?? 0;
    const [whereAt, typeAt] = [place(line), place(type?.line ?? 0)];
    return [{ node, name, where: where && plain(where.value), type: type?.value, line, whereAt, typeAt }];
  });
  const lines = placedFiles(cluster, facts).flatMap(({ path, text = '', nodes, place }) =>
    path === TABLE ? text.split('\n').flatMap((line, index) => ofLine(line, index + 1, nodes, place)) : [],
  );
  return [...units, ...lines];
}

function ofLine(
  text: string,
  line: number,
  nodes: readonly Node[],
  place: (line: number) => Placement,
): readonly Mount[] {
  const [, where, type] = /^\s*[^\s#]\S*\s+(\S+)\s+(\S+)/.exec(text) ?? [];
  if (where === undefined) return [];
  const at = place(line);
  return nodes.map((node) => ({ node, name: TABLE, where: plain(where), type, line, whereAt: at, typeAt: at }));
}

/** fstab(5): a blank is `\040`. */
const plain = (path: string): string =>
  path
    .replaceAll('\\040', ' ')
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1');

/**
 * Folders of the image that a node cannot do without: Debian's programs and settings (hier(7)) and the folders of our
 * templates below `/etc`.
 */
const HIDDEN = new RegExp(
  '^/((usr/)?(bin|sbin|lib|lib64)(/(systemd|modules|x86_64-linux-gnu)(/.*)?)?|usr|usr/(share|libexec|local|local/bin)|etc|' +
    'etc/(NetworkManager|ceph|chrony|cluster-config|cni|coldstart|containerd|dbus-1|default|etcd|haproxy|iscsi|keepalived|' +
    'kubernetes|modules-load.d|nvme|pam.d|profile.d|rauc|repart.d|security|ssh|ssl|sudoers.d|sysctl.d|systemd|sysusers.d|tmpfiles.d|udev)(/.*)?)$',
);

/** Whether a mount over the folder would hide files that a node needs. @param path absolute */
export const isHiddenBy = (path: string): boolean => HIDDEN.test(path);

/** An overlay shows the files below it, too. */
const SHOWS_FILES_BELOW = /^(fuse\.)?(overlay|overlayfs|unionfs)$/;

const noneHides: Rule = {
  name: 'a mount does not hide files that the node needs',
  check: (cluster, facts, report) => {
    for (const { name, where, type = '', whereAt } of mountsOf(cluster, facts)) {
      if (where === undefined || !isHiddenBy(where) || SHOWS_FILES_BELOW.test(type)) continue;
      report.add('unit/mount-hides', { name, path: where }, whereAt);
    }
  },
};

/** What a node keeps below `/var`, on its state disk. */
export const KEPT: readonly (readonly [folder: string, what: string, isKeptBy: (node: Node) => boolean])[] = [
  ['/var/lib/etcd', 'the data of etcd', isMaster],
  ['/var/lib/kubelet', 'the state of the kubelet', isMember],
  ['/var/lib/ceph', 'the data and keys of Ceph', isCephNode],
  ['/var/lib/coldstart', 'the host keys of SSH and the state of the node', () => true],
  ['/var/lib/cluster-state', 'the state of the node', () => true],
];

const IN_MEMORY = /^(tmpfs|ramfs)$/;

const noneEmpties: Rule = {
  name: 'a mount in memory does not take the place of what a node keeps',
  check: (cluster, facts, report) => {
    for (const { node, name, where, type = '', whereAt } of mountsOf(cluster, facts)) {
      if (where === undefined || !IN_MEMORY.test(type) || node.stateDisk === null || OWN_MOUNTS.includes(where))
        continue;
      const found = KEPT.find(([folder, , isKeptBy]) => `${folder}/`.startsWith(`${where}/`) && isKeptBy(node));
      if (found !== undefined) report.add('unit/mount-empties', { name, path: where, what: found[1] }, whereAt);
    }
  },
};

/** systemd-fstab-generator(8) writes to a folder with less precedence than `/etc/systemd/system` (systemd.unit(5)). */
const OWN_MOUNTS = ['/var'];

const tableAgainstUnits: Rule = {
  name: 'a line of fstab is not about a mount point of the node itself',
  check: (cluster, facts, report) => {
    for (const { node, name: path, where, line, whereAt } of mountsOf(cluster, facts)) {
      if (path !== TABLE || where === undefined || !OWN_MOUNTS.includes(where)) continue;
      if (node.stateDisk === null) continue;
      const reason = `\`var.mount\` already mounts \`${where}\`, from the state disk`;
      report.add('file/ignored-line', { path, reader: 'systemd', line, reason }, whereAt);
    }
  },
};

export const mountRules: readonly Rule[] = [noneHides, noneEmpties, tableAgainstUnits];

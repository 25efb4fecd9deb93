/** Normalises nodes: boot roles, host names, files, units and hooks. */
import type { Networking, Node } from '../cluster.ts';
import { isMaster, isMember, type BootRole, type Role } from '../roles.ts';
import type { DataDisk, DiskSelector, ExtraFile, ExtraUnit, Hook } from '../node.ts';
import { accessOf, type Access } from './access.ts';
import { normaliseInterfaces } from './interface.ts';
import type { WrittenDataDisk, WrittenDisk, WrittenFile, WrittenHook, WrittenUnit } from '../schema/extras.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import { kubelet } from '../schema/components.ts';
import { hostEntry } from '../schema/network.ts';
import { taint, type WrittenNode } from '../schema/node.ts';
import { normalised } from '../notation.ts';
import { dataDisk, diskSelector } from '../schema/extras.ts';
import { overlaid } from '../kubernetes/documents.ts';
import { argumentsOf } from '../machine/taken-kernel-args.ts';
import { canonicalKey } from '../machine/sysctl.ts';
import { textOf, type Texts } from '../files/text.ts';

/** The sources of the nodes' defaults. */
interface NodeInput {
  readonly cluster: WrittenCluster;
  readonly networking: Networking;
  readonly access: Access;
  /** Hosts that nodes reach without a proxy. */
  readonly direct: readonly string[];
  readonly texts: Texts;
}

/** The nodes, sorted by name in byte order. */
export function normaliseNodes(input: NodeInput, nodes: readonly WrittenNode[]): readonly Node[] {
  const first = firstMaster(nodes);
  return nodes.map((node) => normaliseNode(input, node, first)).toSorted((a, b) => byteOrder(a.name, b.name));
}

/** The master that initialises the cluster: the one with `first_master: true`, otherwise the first by name. */
function firstMaster(nodes: readonly WrittenNode[]): string | undefined {
  const masters = nodes.filter(isMaster);
  const chosen = masters.find((node) => node.first_master === true);
  return chosen?.name ?? masters.map(({ name }) => name).sort(byteOrder)[0];
}

function normaliseNode(input: NodeInput, written: WrittenNode, first: string | undefined): Node {
  const { cluster, networking } = input;
  const { name, ip = [], hardware = {}, network = {} } = written;
  const roles = [...new Set(written.roles ?? [])].sort(byteOrder);
  return {
    name,
    hostname: written.hostname ?? (cluster.domain === undefined ? name : `${name}.${cluster.domain}`),
    ips: ip,
    nodeCidrs: network.node_cidr ?? networking.nodeCidrs,
    roles,
    bootRole: bootRole(name, roles, first),
    macs: [...new Set(hardware.mac_addresses ?? [])],
    stateDisk: hardware.state_disk ? normaliseDisk(hardware.state_disk) : null,
    osdDisks: (hardware.osd_disks ?? []).map(normaliseDisk),
    dataDisks: (hardware.data_disks ?? []).map(normaliseDataDisk),
    interfaces: normaliseInterfaces(written, networking),
    labels: sortedRecord(written.labels ?? {}),
    annotations: sortedRecord(written.annotations ?? {}),
    taints: (written.taints ?? []).map((one) => normalised(taint, one)),
    kubelet: kubeletOf(cluster, written),
    ...accessOf(input.access, written, input.direct, input.texts),
    ntp: [...new Set([...networking.ntp, ...(network.ntp ?? [])])],
    hosts: [...cluster.networking.hosts, ...(network.hosts ?? [])].map((one) => normalised(hostEntry, one)),
    kernelArgs: argumentsOf(cluster.image.kernel_args, written.kernel_args ?? []),
    kernelModules: [...new Set([...(cluster.kernel_modules ?? []), ...(written.kernel_modules ?? [])])],
    sysctl: sortedRecord({ ...oneSpelling(cluster.sysctl), ...oneSpelling(written.sysctl) }),
    packages: [...new Set([...cluster.image.packages, ...(written.packages ?? [])])].sort(byteOrder),
    ...extrasOf(input, written),
  };
}

/** A node without settings of its own has the same values as the cluster. */
function kubeletOf({ kubernetes }: WrittenCluster, { kubelet: own }: WrittenNode): Node['kubelet'] {
  const common = normalised(kubelet, kubernetes.kubelet);
  if (own === undefined) return common;
  const config = own.config === undefined ? common.config : overlaid(common.config ?? {}, own.config);
  return { config, extraArgs: { ...common.extraArgs, ...own.extra_args } };
}

function extrasOf({ cluster, texts }: NodeInput, written: WrittenNode): Pick<Node, 'files' | 'units' | 'hooks'> {
  const holders = [
    { root: 'cluster', ...cluster },
    { root: `nodes[${written.name}]`, ...written },
  ];
  return {
    files: holders.flatMap(({ root, files }) => settled(files, `${root}.files`, (file) => normaliseFile(file, texts))),
    units: holders.flatMap(({ root, units }) => settled(units, `${root}.units`, (unit) => normaliseUnit(unit, texts))),
    hooks: holders.flatMap(({ root, hooks }) => settled(hooks, `${root}.hooks`, (hook) => normaliseHook(hook, texts))),
  };
}

/** Each entry of a list with the path of its setting. */
function settled<T, N>(list: readonly T[] = [], path: string, normalise: (entry: T) => N): (N & { setting: string })[] {
  return list.map((entry, index) => ({ ...normalise(entry), setting: `${path}[${String(index)}]` }));
}

function bootRole(name: string, roles: readonly Role[], first: string | undefined): BootRole {
  if (isMaster({ roles })) return name === first ? 'master-first' : 'master-additional';
  return isMember({ roles }) ? 'worker' : 'storage';
}

function normaliseDisk(disk: WrittenDisk): DiskSelector {
  return { ...normalised(diskSelector, disk), byId: disk.by_id?.replace(/^\/dev\/disk\/by-id\//, '') ?? null };
}

function normaliseDataDisk(written: WrittenDataDisk): DataDisk {
  return { ...normalised(dataDisk, written), disk: normaliseDisk(written.disk) };
}

function contentOf(
  { content, source }: { content?: string | undefined; source?: string | undefined },
  texts: Texts,
): string {
  return content ?? textOf(source, texts) ?? '';
}

function normaliseFile(file: WrittenFile, texts: Texts): Omit<ExtraFile, 'setting'> {
  const [uid = '0', gid = uid] = file.owner === 'root' ? [] : file.owner.split(':');
  const { path, mode, secret } = file;
  return { path, mode, uid: Number(uid), gid: Number(gid), content: contentOf(file, texts), secret };
}

function normaliseUnit(unit: WrittenUnit, texts: Texts): Omit<ExtraUnit, 'setting'> {
  return { name: unit.name, content: contentOf(unit, texts), enabled: unit.enabled };
}

function normaliseHook(hook: WrittenHook, texts: Texts): Omit<Hook, 'setting'> {
  return { name: hook.name, when: hook.when, content: contentOf(hook, texts) };
}

const oneSpelling = (sysctl: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(sysctl).map(([key, value]) => [canonicalKey(key), value]));

const sortedRecord = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => byteOrder(a, b)));

/** Names are ASCII, so code units are bytes. */
const byteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

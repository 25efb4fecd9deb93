/** From a draft to the files of a definition. */
import type { Report } from '../../diagnostics/report.ts';
import { namesOrNumber } from '../../diagnostics/quantity.ts';
import { cluster as clusterSchema } from '../../config/schema/cluster.ts';
import { schemaAt } from '../../config/schema/inspect.ts';
import { node as nodeSchema } from '../../config/schema/node.ts';
import { type Note, noteOf } from '../input/tree.ts';
import { type Draft, type NodeDraft, SHARED, type SharedSetting } from '../model.ts';
import { type Settled, settleNetworks } from '../network/settle.ts';
import { Leaf, type Out, OutList, OutMap, isEqual, oneOrList, plainOut } from './out.ts';
import { textOf } from './text.ts';
import { withoutDefaults } from './defaults.ts';

export interface Written {
  readonly cluster: string;
  /** By path relative to the folder of `cluster.yaml`. */
  readonly files: ReadonlyMap<string, string>;
}

/** How entries of a shared setting are written: as a map, or as a list. */
const AS_MAP: readonly SharedSetting[] = ['sysctl', 'proxy', 'kubelet.config', 'kubelet.extra_args'];

/**
 * @param head the comment at the head of `cluster.yaml`
 * @param heads the comments of the input that stand there
 */
export function writeDefinition(draft: Draft, head: string, heads: readonly Note[], report: Report): Written {
  const { cluster, nodes } = draft;
  const settled = settleNetworks(draft);
  putDomain(draft);
  putPodPrefixes(draft);
  reportUnknown(settled, report);
  putApiNames(draft);
  for (const setting of SHARED) putShared(setting, draft);
  const files = new Map(draft.files);
  const told = new Set([...heads, ...nodes.flatMap(({ from }) => from.tree.note ?? [])]);
  const around = [...new Set(nodes.flatMap(({ from }) => from.around))].filter((note) => !told.has(note));
  around.forEach((note) => told.add(note));
  const list = new OutList(nodes.map((node) => new OutMap({ name: new Leaf(node.name), ip: oneOrList(node.ips.map(({ value }) => ({ value, from: undefined }))), roles: rolesOf(node) })), undefined, noteOf(...around.map(({ text }) => text))?.text); // prettier-ignore
  const root = new OutMap({ cluster: withoutDefaults(cluster, clusterSchema), nodes: list });
  const text = textOf(root, head, told);
  for (const one of settled) files.set(`nodes/${one.node.name}.yaml`, nodeFile(one, told));
  return { cluster: text, files };
}

/** The domain of most host names becomes the cluster's, so that the others need no host name. */
function putDomain({ cluster, nodes }: Draft): void {
  const domains = nodes.flatMap(({ name, hostname }) =>
    hostname?.value.startsWith(`${name}.`) ? [hostname.value.slice(name.length + 1)] : [],
  );
  const [domain] = domains.toSorted(
    (a, b) => domains.filter((one) => one === b).length - domains.filter((one) => one === a).length,
  );
  if (domain === undefined || cluster.at(['domain']) || domains.length * 2 <= nodes.length) return;
  cluster.put(['domain'], new Leaf(domain));
  for (const node of nodes) {
    if (node.hostname === undefined) node.hostname = { value: node.name, from: undefined };
    else if (node.hostname.value === `${node.name}.${domain}`) node.hostname = undefined;
  }
}

/** `node_pod_prefix` has one length for each family of the pod network. */
function putPodPrefixes({ cluster, podPrefixes }: Draft): void {
  const networks = cluster.at(['networking', 'pod_cidr']);
  const families = [networks === undefined ? '' : plainOut(networks)].flat().map((one) => (String(one).includes(':') ? 6 : 4));
  for (const [family, { from }] of podPrefixes)
    if (!families.includes(family)) from?.skip('the pod network has no addresses of this family');
  const known = families.map((family) => podPrefixes.get(family));
  if (known.every((one) => one === undefined)) return;
  const lengths = families.map((family, index) => new Leaf(known[index]?.value ?? DEFAULT_PREFIX[family], known[index]?.from));
  cluster.put(['networking', 'node_pod_prefix'], lengths.length === 1 ? lengths[0] : new OutList(lengths));
} // prettier-ignore

/** coldstart's own lengths. */
const DEFAULT_PREFIX = { 4: 24, 6: 64 } as const;

const rolesOf = ({ isMaster, isWorker }: NodeDraft): OutList =>
  new OutList([...(isMaster ? [new Leaf('master')] : []), ...(isWorker ? [new Leaf('worker')] : [])]);

/** What all nodes say in the same way goes to the cluster, if it has the setting. */
function putShared(setting: SharedSetting, { cluster, nodes }: Draft): void {
  const path = setting.includes('.') ? ['kubernetes', ...setting.split('.')] : setting === 'proxy' ? ['networking', 'proxy'] : setting === 'packages' || setting === 'kernel_args' ? ['image', setting] : [setting]; // prettier-ignore
  const [first, ...others] = nodes.map(({ shared }) => shared.get(setting) ?? new Map<string, Out>());
  const common = [...(first ?? [])].filter(([name, value]) => others.every((other) => isEqual(other.get(name), value)));
  if (setting === 'proxy' && (common.length !== first?.size || others.some(({ size }) => size !== first.size))) return;
  cluster.put(path, group(setting, common));
  for (const { shared } of nodes) common.forEach(([name]) => shared.get(setting)?.delete(name));
  if (setting === 'containerd.config') loseOwnContainerd(nodes);
}

/** All nodes have one configuration of containerd. */
function loseOwnContainerd(nodes: readonly NodeDraft[]): void {
  for (const own of nodes.map(({ shared }) => shared.get('containerd.config'))) {
    for (const { from } of own?.values() ?? [])
      from?.lose(
        'all nodes have one configuration of containerd, and other nodes do not say this',
        'if it suits all nodes, write its fields into `cluster.kubernetes.containerd.config`',
      );
    own?.clear();
  }
}

function group(setting: SharedSetting, entries: readonly (readonly [string, Out])[]): Out | undefined {
  if (entries.length === 0) return undefined;
  if (setting === 'containerd.config') {
    const config = new OutMap();
    for (const [path, value] of entries) config.put(JSON.parse(path) as string[], value);
    return config;
  }
  return AS_MAP.includes(setting)
    ? new OutMap(Object.fromEntries(entries))
    : new OutList(entries.map(([, value]) => value));
}

function nodeFile({ node, network, macs, unknown }: Settled, told: Set<Note>): string {
  const hardware = new OutMap();
  hardware.put(
    ['mac_addresses'],
    macs.length === 0
      ? undefined
      : new OutList(macs.map(({ value, from }) => new Leaf(value.toLowerCase().replaceAll('-', ':'), from))),
  );
  hardware.put(['state_disk'], node.disk);
  if (node.dataDisks.length > 0) hardware.put(['data_disks'], new OutList(node.dataDisks));
  if (macs.length === 0 && (unknown.length > 0 || !network.entries.has('interfaces'))) hardware.note = `mac_addresses: the input does not say the MAC${unknown.length === 0 ? '' : ` of ${unknown.join(', ')}`}`; // prettier-ignore
  const out = new OutMap({ name: new Leaf(node.name) });
  out.put(['hostname'], node.hostname && new Leaf(node.hostname.value, node.hostname.from));
  const first = node.first;
  out.put(['first_master'], first && new Leaf(true, first.from));
  if (hardware.entries.size > 0) out.put(['hardware'], hardware);
  if (network.entries.size > 0) out.put(['network'], network);
  if (node.labels.size > 0) out.put(['labels'], new OutMap(Object.fromEntries(node.labels)));
  if (schemaAt(nodeSchema, ['annotations'], {}) && node.annotations.size > 0) out.put(['annotations'], new OutMap(Object.fromEntries(node.annotations))); // prettier-ignore
  if (node.taints.length > 0) out.put(['taints'], new OutList(node.taints));
  for (const [setting, entries] of node.shared) out.put(setting.split('.'), group(setting, [...entries]));
  const comment = [node.from.comments.before, node.from.comments.behind]
    .filter((text) => text !== undefined)
    .join('\n');
  return textOf(new OutMap({ node: withoutDefaults(out, nodeSchema) }), comment, told);
}

/** Names in the certificate of the API servers; without such a setting, they are reported. */
function putApiNames({ cluster, apiNames }: Draft): void {
  const path = ['control_plane', 'cert_sans'];
  const isKnown = schemaAt(clusterSchema, path, {}) !== undefined;
  if (isKnown && apiNames.length > 0)
    cluster.put(path, new OutList(apiNames.map(({ value, from }) => new Leaf(value, from))));
  if (!isKnown)
    apiNames.forEach(({ from }) =>
      from?.lose(
        'coldstart has no setting for further names in the certificate of the API servers',
        'make the name lead to the end point, and set it as `cluster.control_plane.endpoint` if the cluster has none',
      ),
    );
}

function reportUnknown(settled: readonly Settled[], report: Report): void {
  const without = settled.filter(
    ({ macs, unknown, network }) => unknown.length > 0 || (macs.length === 0 && !network.entries.has('interfaces')),
  );
  const [first] = without;
  if (first) {
    const names = namesOrNumber(without.map(({ node, unknown }) => (unknown.length === 0 ? node.name : `${node.name} (${unknown.join(', ')})`)), 'node'); // prettier-ignore
    report.add('import/unknown-mac', { names }, { at: first.node.from.at });
  }
}

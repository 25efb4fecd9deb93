/** onedr0p/cluster-template: `cluster.yaml` with `nodes.yaml`, or `cluster.toml` with both. */
import type { Field, Said } from '../input/field.ts';
import { parseCidr, formatIp } from '../../config/network/net.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName, share } from '../model.ts';
import { linkOf } from '../network/links.ts';
import { Leaf, OutMap, leaf, oneOrList } from '../write/out.ts';
import type { Definition, Folder, Format } from './format.ts';
import { readSchematicId } from './talos/schematics.ts';
import { putApiNames } from './talos/endpoint.ts';

const APPS = 'it is about programs in the cluster, which stay in your repository';

export const clusterTemplate: Format = {
  name: 'cluster-template',
  title: 'the cluster.yaml and nodes.yaml of cluster-template',
  joins: true,
  partners: true,
  nodesHint: 'import the folder that holds nodes.yaml, too',
  fits: (root) => isCluster(root) || isNodes(root),
  read,
};

const isCluster = (root: Field): boolean =>
  (root.get('node_cidr') !== undefined && root.get('cluster_api_addr') !== undefined) ||
  (root.get('network', 'node_cidr') !== undefined && root.get('kubernetes', 'api') !== undefined);

const isNodes = (root: Field): boolean => {
  const [first] = root.get('nodes')?.items() ?? [];
  return first?.get('address') !== undefined && first.get('controller') !== undefined;
};

/** Settings of both notations: with an underscore between the words, and in tables. */
const SETTINGS = {
  node_cidr: 'network.node_cidr',
  node_dns_servers: 'network.dns_servers',
  node_ntp_servers: 'network.ntp_servers',
  node_default_gateway: 'network.default_gateway',
  node_vlan_tag: 'network.vlan_tag',
  cluster_pod_cidr: 'kubernetes.pod_cidr',
  cluster_svc_cidr: 'kubernetes.svc_cidr',
  cluster_api_addr: 'kubernetes.api.addr',
  cluster_api_tls_sans: 'kubernetes.api.tls_sans',
  kubernetes_version: 'kubernetes.version',
} as const;

function read(definitions: readonly Definition[]): Draft {
  const draft = newDraft();
  const roots = definitions.map(({ root }) => root);
  const find = (key: keyof typeof SETTINGS): Field | undefined =>
    roots.map((root) => root.get(key) ?? root.get(...SETTINGS[key].split('.'))).find((field) => field !== undefined);
  const said = (key: keyof typeof SETTINGS): Said<string> | undefined => {
    const value = find(key)?.said();
    return value && value.value !== '' ? value : undefined;
  };
  for (const { root, folder } of definitions) {
    const nodes = [];
    for (const field of root.get('nodes')?.items() ?? []) nodes.push(readNode(field, draft, folder));
    readSchematicId(root.get('talos', 'schematic_id'), nodes, folder);
  }
  const version = find('kubernetes_version')?.said();
  if (version) draft.cluster.put(['kubernetes', 'version'], new Leaf(version.value.replace(/^v/, ''), version.from));
  putNetwork(draft, find, said);
  const { cluster } = draft;
  cluster.put(['name'], new Leaf('kubernetes', undefined, 'cluster-template gives every cluster this name'));
  const api = said('cluster_api_addr');
  if (api) cluster.put(['control_plane', 'virtual_ip'], leaf(api));
  putApiNames(find('cluster_api_tls_sans'), draft);
  cluster.put(
    ['networking', 'cni'],
    new Leaf('none', undefined, 'cluster-template installs Cilium, also in place of kube-proxy'),
  );
  cluster.put(['kubernetes', 'kube_proxy', 'enabled'], new Leaf(false));
  // Its helmfile installs CoreDNS, with the address that ours would have.
  cluster.put(['kubernetes', 'coredns', 'enabled'], new Leaf(false));
  api?.from?.assume(
    'The API servers are at 127.0.0.1:6443 on each node; the template has them at 127.0.0.1:7445 (KubePrism)',
    "write 6443 as `k8sServicePort` in Cilium's values",
  );
  for (const root of roots) dropApps(root);
  return draft;
}

/** The template's own defaults are written out, as coldstart's are others. */
function putNetwork(
  draft: Draft,
  find: (key: keyof typeof SETTINGS) => Field | undefined,
  said: (key: keyof typeof SETTINGS) => Said<string> | undefined,
): void {
  const { cluster } = draft;
  const cidr = said('node_cidr');
  if (cidr) draft.nodeNetworks.push(cidr);
  const range = cidr && parseCidr(cidr.value);
  const first = range && formatIp({ family: range.family, value: range.network + 1n });
  const gateway = said('node_default_gateway') ?? (first === undefined ? undefined : { value: first, from: undefined });
  const dns = list(find('node_dns_servers'), ['1.1.1.1', '1.0.0.1']);
  const ntp = list(find('node_ntp_servers'), ['162.159.200.1', '162.159.200.123']);
  cluster.put(
    ['networking', 'pod_cidr'],
    oneOrList([said('cluster_pod_cidr') ?? { value: '10.42.0.0/16', from: undefined }]),
  );
  cluster.put(
    ['networking', 'service_cidr'],
    oneOrList([said('cluster_svc_cidr') ?? { value: '10.43.0.0/16', from: undefined }]),
  );
  const tag = find('node_vlan_tag');
  const id = tag?.int();
  for (const node of draft.nodes) {
    node.network.dns.push(...dns);
    node.ntp.push(...ntp);
    const [link] = node.network.links;
    const [ip] = node.ips;
    if (!link || !ip) continue;
    const carrier = id === undefined ? link : linkOf(node.network, `${link.name}.${id}`, node.from);
    if (carrier !== link)
      Object.assign(carrier, {
        type: 'vlan',
        id: { value: id, from: tag },
        parent: { value: link.name, from: undefined },
      });
    carrier.addresses.push({ value: `${ip.value}/${range?.prefix ?? 24}`, from: undefined });
    if (gateway) carrier.gateways.push(gateway);
  }
}

function list(field: Field | undefined, otherwise: readonly string[]): readonly Said<string>[] {
  const said = field?.texts() ?? [];
  return said.length > 0 ? said : otherwise.map((value) => ({ value, from: undefined }));
}

function readNode(field: Field, draft: Draft, folder: Folder): NodeDraft {
  const name = field.get('name')?.text() ?? `node-${draft.nodes.length + 1}`;
  const node = newNode(plainName(name), field, field.get('controller')?.bool() === true);
  node.isWorker = true;
  const address = field.get('address')?.said();
  if (address) node.ips.push({ value: address.value.split('/')[0] ?? '', from: address.from });
  const mac = field.get('mac_addr')?.said();
  const link = linkOf(node.network, 'lan', field);
  if (mac) link.mac = { value: mac.value.toLowerCase(), from: mac.from };
  const mtu = field.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined) link.mtu = { value: bytes, from: mtu };
  const disk = field.get('disk');
  const path = disk?.text();
  if (disk && path !== undefined && path !== '') node.disk = diskOf(path, disk);
  for (const one of field.get('kernel_modules')?.texts() ?? [])
    share([node], 'kernel_modules', one.value, new Leaf(one.value, one.from));
  readSchematicId(field.get('schematic_id'), [node], folder);
  field.get('secureboot')?.skip('an image of coldstart boots with Secure Boot');
  const encrypted = field.get('encrypt_disk');
  if (encrypted?.bool() === true)
    encrypted.lose('coldstart does not encrypt the state disk', 'use a disk that encrypts itself');
  else encrypted?.skip('it is the default');
  draft.nodes.push(node);
  return node;
}

/** A path, or the serial number of a disk. */
function diskOf(text: string, from: Field): OutMap {
  const [, id] = /^\/dev\/disk\/by-id\/(.+)$/.exec(text) ?? [];
  if (id !== undefined) return new OutMap({ by_id: new Leaf(id, from) });
  return new OutMap(text.startsWith('/') ? { path: new Leaf(text, from) } : { serial: new Leaf(text, from) });
}

function dropApps(root: Field): void {
  for (const field of root.fields()) {
    if (/^(repository|cloudflare|cilium|gateways|domain|dns|ingress|cluster_gateway|cluster_dns)/.test(field.key))
      field.skip(APPS);
    if (/^talos(_version)?$/.test(field.key)) field.skip('coldstart builds its own image');
  }
  root.get('kubernetes', 'coredns_addr')?.skip(APPS);
}

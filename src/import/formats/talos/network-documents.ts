/** Network interfaces in Talos's newer configuration: a document for each (`pkg/machinery/config/types/network` of siderolabs/talos). */
import type { Field } from '../../input/field.ts';
import { readBondOptions } from '../../network/bond-options.ts';
import { type Link, addNew, addRoute, linkOf, setMetric } from '../../network/links.ts';
import type { NodeDraft } from '../../model.ts';

/** The settings of a bond that are none of its options, or that all links have. */
const OF_LINK = ['apiVersion', 'kind', 'name', 'links', 'bondMode', 'up', 'mtu', 'addresses', 'routes', 'hardwareAddr', 'multicast']; // prettier-ignore

type Reader = (root: Field, link: Link, node: NodeDraft) => void;

const READERS: Readonly<Record<string, Reader>> = {
  LinkConfig: readCommon,
  LinkAliasConfig: (root, link) => readSelector(root.get('selector', 'match'), link),
  VLANConfig: (root, link) => {
    const id = root.get('vlanID');
    Object.assign(link, { type: 'vlan', id: { value: id?.int() ?? 1, from: id }, parent: root.get('parent')?.said() });
    const mode = root.get('vlanMode');
    if (mode?.text() === '802.1q') mode.skip('it is the default');
    else mode?.lose('coldstart has VLANs of 802.1Q', 'look whether the node needs the other kind');
    readCommon(root, link);
  },
  BondConfig: (root, link) => {
    Object.assign(link, { type: 'bond', mode: root.get('bondMode')?.said() });
    addNew(link.ports, root.get('links')?.texts() ?? []);
    readBondOptions(root, link, OF_LINK);
    readCommon(root, link);
  },
  BridgeConfig: (root, link) => {
    link.type = 'bridge';
    addNew(link.ports, root.get('links')?.texts() ?? []);
    const stp = root.get('stp', 'enabled');
    if (stp) link.stp = { value: stp.bool() === true, from: stp };
    root.get('vlan')?.lose('coldstart sets up no VLAN filter on a bridge', 'add VLAN interfaces, or a unit that sets up the filter'); // prettier-ignore
    readCommon(root, link);
  },
  DHCPv4Config: (root, link) => {
    link.dhcp4 = { value: true, from: root };
    readDhcp(root, link);
  },
  DHCPv6Config: (root, link) => {
    link.autoconf6 = { value: true, from: root };
    readDhcp(root, link);
  },
};

/** Reads a document if it is about an interface. Returns whether it is. */
export function readLinkDocument(kind: string, root: Field, nodes: readonly NodeDraft[]): boolean {
  const read = READERS[kind];
  const name = read && root.get('name')?.text();
  if (!read || name === undefined) return false;
  if (/[^A-Za-z0-9._-]/.test(name) || name.length > 15)
    root.lose('coldstart gives each network card a name of its own', 'list the interfaces in `nodes/<name>.yaml`');
  else for (const node of nodes) read(root, linkOf(node.network, name, root), node);
  return true;
}

function readCommon(root: Field, link: Link): void {
  const mtu = root.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined && bytes > 0) link.mtu = { value: bytes, from: mtu };
  for (const item of root.get('addresses')?.items() ?? []) {
    const address = item.get('address')?.said();
    if (address) addNew(link.addresses, [address]);
  }
  for (const route of root.get('routes')?.items() ?? []) readRoute(route, link);
  if (root.get('up')?.bool() === true) root.get('up')?.skip('an interface that is listed is up');
  root.get('hardwareAddr')?.lose('coldstart does not change the MAC of a network card', 'write the MAC that the card has from its maker'); // prettier-ignore
}

function readRoute(field: Field, link: Link): void {
  const via = field.get('gateway')?.said();
  const to = field.get('destination')?.said() ?? {
    value: via?.value.includes(':') ? '::/0' : '0.0.0.0/0',
    from: field,
  };
  const metric = field.get('metric');
  const number = metric?.int();
  if (field.get('gateway') && !via) return;
  field.get('source')?.lose('coldstart sets no source address of a route', 'the kernel takes the first address of the interface'); // prettier-ignore
  field.get('table')?.lose('coldstart has one routing table', 'look whether the node needs the route');
  addRoute(link, { to, via, ...(number === undefined ? {} : { metric: { value: number, from: metric } }) });
}

function readDhcp(root: Field, link: Link): void {
  const metric = root.get('routeMetric');
  const value = metric?.int();
  if (value !== undefined) setMetric(link, { value, from: metric });
  root.get('ignoreHostname')?.skip('coldstart takes no host name from DHCP');
}

const TERMS: readonly (readonly [pattern: RegExp, setting: 'mac' | 'driver' | 'path'])[] = [
  [/^mac\(link\.(?:permanent|hardware)_addr\)\s*==\s*["']([^"']+)["']$/, 'mac'],
  [/^glob\(["']([^"']+)["'],\s*mac\(link\.(?:permanent|hardware)_addr\)\)$/, 'mac'],
  [/^link\.driver\s*==\s*["']([^"']+)["']$/, 'driver'],
  [/^link\.bus_path\s*==\s*["']([^"']+)["']$/, 'path'],
];

/** An expression of CEL: comparisons with `&&` between them. */
function readSelector(field: Field | undefined, link: Link): void {
  const found = new Map<'mac' | 'driver' | 'path', string>();
  for (const term of (field?.text() ?? '').split('&&').map((one) => one.trim())) {
    if (/^(!link\.virtual|link\.physical)$/.test(term)) continue;
    const [setting, value] = TERMS.flatMap(([pattern, name]) => {
      const [, text] = pattern.exec(term) ?? [];
      return text === undefined ? [] : [[name, text] as const];
    })[0] ?? [];
    if (setting === undefined || value === undefined)
      return field?.lose('coldstart does not find a network card by this expression', 'find out the MAC (`talosctl get links`), and write it into the definition of the node');
    found.set(setting, setting === 'mac' ? value.toLowerCase() : setting === 'path' ? `pci-${value}` : value);
  }
  const mac = found.get('mac');
  if (mac !== undefined && !mac.includes('*')) link.mac = { value: mac, from: field };
  else link.match = new Map([...found].map(([setting, value]) => [setting, { value, from: field }]));
} // prettier-ignore

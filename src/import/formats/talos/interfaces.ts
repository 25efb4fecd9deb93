/** Network interfaces of Talos (`Device` in its v1alpha1_types.go), as links. */
import type { Field, Said } from '../../input/field.ts';
import { readBondOptions } from '../../network/bond-options.ts';
import { type Link, addNew, addRoute, linkOf, setMetric } from '../../network/links.ts';
import type { NodeDraft } from '../../model.ts';
import { putVirtualIp } from './endpoint.ts';
import type { Target } from './target.ts';

const BY_MAC = 'find out the MAC (`talosctl get links`), and write it into the definition of the node';

/** Reads a list of interfaces for each node. */
export function readInterfaces(field: Field | undefined, target: Target): void {
  for (const item of field?.items() ?? []) for (const node of target.nodes) readInterface(item, node, target);
}

function readInterface(field: Field, node: NodeDraft, target: Target): void {
  if (field.get('interface')?.text() === 'lo')
    return field.lose(
      'coldstart gives `lo` no further addresses',
      'if a program needs the address, add a unit that sets it',
    );
  const selector = field.get('deviceSelector');
  const mac = macOf(selector);
  const known = node.network.links.find((link) => mac !== undefined && link.mac?.value === mac.value);
  const name = known?.name ?? field.get('interface')?.text() ?? freeName(node);
  const link = linkOf(node.network, name, field);
  if (mac) link.mac = mac;
  else if (selector) link.match = matchOf(selector);
  if (field.get('dummy')?.bool() === true) {
    node.network.links.splice(node.network.links.indexOf(link), 1);
    return field.lose(
      'coldstart has no dummy interfaces',
      'give the address to another interface, or add a unit that makes the device',
    );
  }
  field
    .get('ignore')
    ?.lose('coldstart sets up the interfaces that a node has', 'remove the interface from the definition of the node');
  readAddresses(field, link);
  readVirtual(field.get('vip'), target);
  readBond(field.get('bond'), link, node);
  readBridge(field.get('bridge'), link);
  for (const vlan of field.get('vlans')?.items() ?? []) readVlan(vlan, link, node, target);
  field
    .get('wireguard')
    ?.lose('coldstart sets up no WireGuard', 'add `wireguard-tools` to `packages`, and the configuration to `files`');
}

/** The MAC in a selector; other ways to find a card are reported. */
function macOf(selector: Field | undefined): Said<string> | undefined {
  const field = selector?.get('hardwareAddr') ?? selector?.get('permanentAddr');
  const mac = field?.text()?.toLowerCase();
  const isWhole = mac !== undefined && /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/.test(mac);
  if (!isWhole) return undefined;
  for (const key of ['busPath', 'driver', 'pciID', 'physical']) selector?.get(key)?.skip('the MAC says it');
  return { value: mac, from: field };
}

/** How a selector finds a card without its whole MAC. */
function matchOf(selector: Field): Link['match'] {
  const known = new Map<'driver' | 'path' | 'mac', Said<string>>();
  const mac = (selector.get('hardwareAddr') ?? selector.get('permanentAddr'))?.said();
  if (mac) known.set('mac', { value: mac.value.toLowerCase(), from: mac.from });
  const driver = selector.get('driver')?.said();
  if (driver) known.set('driver', driver);
  const path = selector.get('busPath');
  const place = path?.text();
  // Of a PCI card it is the end of udev's ID_PATH.
  if (place !== undefined && /^[0-9a-f*?[]/i.test(place)) known.set('path', { value: place.startsWith('*') ? place : `pci-${place}`, from: path }); // prettier-ignore
  selector.get('physical')?.skip('coldstart looks at physical network cards only');
  selector.get('pciID')?.lose('coldstart does not find a network card by its PCI id', BY_MAC);
  return known;
}

const freeName = ({ network }: NodeDraft, stem = 'nic'): string => {
  const taken = new Set(network.links.map(({ name }) => name));
  let number = 1;
  while (taken.has(`${stem}${number}`)) number++;
  return `${stem}${number}`;
};

function readAddresses(field: Field, link: Link): void {
  const cidr = field.get('cidr')?.said();
  addNew(link.addresses, [...(cidr ? [cidr] : []), ...(field.get('addresses')?.texts() ?? [])]);
  const mtu = field.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined && bytes > 0) link.mtu = { value: bytes, from: mtu };
  const dhcp = field.get('dhcp');
  const wanted = dhcp?.bool();
  if (dhcp && wanted !== undefined) link.dhcp4 = { value: wanted, from: dhcp };
  readDhcpOptions(field.get('dhcpOptions'), link);
  for (const route of field.get('routes')?.items() ?? []) readRoute(route, link);
}

function readDhcpOptions(field: Field | undefined, link: Link): void {
  const metric = field?.get('routeMetric');
  const value = metric?.int();
  if (value !== undefined) setMetric(link, { value, from: metric });
  const v6 = field?.get('ipv6');
  if (v6?.bool() === true) link.autoconf6 = { value: true, from: v6 };
  if (field?.get('ipv4')?.bool() === false) link.dhcp4 = { value: false, from: field };
}

function readRoute(field: Field, link: Link): void {
  const via = field.get('gateway')?.said();
  const to = field.get('network')?.said() ?? { value: via?.value.includes(':') ? '::/0' : '0.0.0.0/0', from: field };
  if (field.get('gateway') && !via) return;
  const metric = field.get('metric');
  const number = metric?.int();
  addRoute(link, { to, via, ...(number === undefined ? {} : { metric: { value: number, from: metric } }) });
  field
    .get('source')
    ?.lose('coldstart sets no source address of a route', 'the kernel takes the first address of the interface');
  field.get('mtu')?.lose('coldstart sets no MTU of a route', 'set the `mtu` of the interface');
}

function readVirtual(field: Field | undefined, target: Target): void {
  const ip = field?.get('ip')?.said();
  if (ip) putVirtualIp(ip, target.draft);
}

function readBond(field: Field | undefined, link: Link, node: NodeDraft): void {
  if (!field) return;
  link.type = 'bond';
  link.mode = field.get('mode')?.said() ?? link.mode;
  addNew(link.ports, field.get('interfaces')?.texts() ?? []);
  for (const selector of field.get('deviceSelectors')?.items() ?? []) {
    const mac = macOf(selector);
    const known = node.network.links.find((one) => mac !== undefined && one.mac?.value === mac.value && one !== link);
    const port = known ?? linkOf(node.network, freeName(node), selector);
    if (mac) port.mac = mac;
    else port.match = matchOf(selector);
    addNew(link.ports, [{ value: port.name, from: selector }]);
  }
  readBondOptions(field, link, ['mode', 'interfaces', 'deviceSelectors']);
}

function readBridge(field: Field | undefined, link: Link): void {
  if (!field) return;
  link.type = 'bridge';
  addNew(link.ports, field.get('interfaces')?.texts() ?? []);
  const stp = field.get('stp', 'enabled');
  if (stp) link.stp = { value: stp.bool() === true, from: stp };
  field
    .get('vlan')
    ?.lose('coldstart sets up no VLAN filter on a bridge', 'add VLAN interfaces, or a unit that sets up the filter');
}

function readVlan(field: Field, parent: Link, node: NodeDraft, target: Target): void {
  const number = field.get('vlanId');
  const id = number?.int();
  if (id === undefined) return;
  const link = linkOf(node.network, `${parent.name}.${id}`.slice(-15), field);
  link.type = 'vlan';
  link.id = { value: id, from: number };
  link.parent = { value: parent.name, from: undefined };
  readAddresses(field, link);
  readVirtual(field.get('vip'), target);
}

/** The network of a host in the notation of nmstate (https://nmstate.io/devel/yaml_api.html). */
import type { Field } from '../input/field.ts';
import { readBondOptions } from './bond-options.ts';
import { type HostNetwork, type Link, addNew, addRoute, ignoreLearnt, linkOf, setMetric } from './links.ts';

const DEFAULT = 'it is the default';
const TYPES: Readonly<Record<string, Link['type']>> = {
  ethernet: 'ethernet',
  bond: 'bond',
  vlan: 'vlan',
  'linux-bridge': 'bridge',
  bridge: 'bridge',
};

/** Adds what the state says to a network. */
export function readNmstate(root: Field, network: HostNetwork): void {
  const items = root.get('interfaces')?.items() ?? [];
  const isCard = (item: Field): boolean => ['ethernet', undefined].includes(item.get('type')?.text());
  // Network cards come first, so that their MACs are known.
  for (const item of [...items.filter(isCard), ...items.filter((one) => !isCard(one))]) readInterface(item, network);
  for (const route of root.get('routes', 'config')?.items() ?? []) readRoute(route, network);
  addNew(network.dns, root.get('dns-resolver', 'config', 'server')?.texts() ?? []);
  addNew(network.search, root.get('dns-resolver', 'config', 'search')?.texts() ?? []);
  root.get('route-rules')?.lose('coldstart has one routing table', 'look whether the node needs the rules');
  root.get('hostname')?.skip('the name of the node says it');
}

function readInterface(field: Field, network: HostNetwork): void {
  const name = field.get('name')?.text();
  if (name === undefined) return;
  const state = field.get('state')?.text() ?? 'up';
  field.get('state')?.skip('an interface that is listed is up');
  if (state !== 'up') return field.skip(`the interface is ${state}`);
  const type = field.get('type')?.text() ?? 'ethernet';
  const known = TYPES[type];
  if (name === 'lo') return field.skip('every machine has it');
  if (known === undefined)
    return field.lose(
      `coldstart has no interfaces of type ${type}`,
      'add a unit or a NetworkManager key file in `files`',
    );
  const link = linkOf(network, name, field);
  link.type = known;
  const mtu = field.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined) link.mtu = { value: bytes, from: mtu };
  readFamily(field.get('ipv4'), link, 4);
  readFamily(field.get('ipv6'), link, 6);
  readBond(field.get('link-aggregation'), link);
  readVlan(field.get('vlan'), link);
  readBridge(field.get('bridge'), link);
  readMac(field, link, network);
  field.get('802.1x')?.lose('coldstart does not authenticate a node at its switch', 'add a unit with wpa_supplicant, and its configuration to `files`'); // prettier-ignore
  for (const key of ['profile-name', 'description', 'wait-ip', 'lldp'])
    field.get(key)?.skip('it is about the program that sets up the network');
}

/** A bond or bridge has the MAC of its first port anyway. */
function readMac(field: Field, link: Link, network: HostNetwork): void {
  field.get('identifier')?.skip('coldstart always finds a network card by its MAC');
  const mac = field.get('mac-address') ?? field.get('permanent-mac-address');
  const text = mac?.said();
  if (!text) return;
  if (link.type === 'ethernet') link.mac = { value: text.value.toLowerCase(), from: text.from };
  else if (network.links.some((one) => one.mac?.value === text.value.toLowerCase()))
    mac?.skip('it is the MAC of a port');
  else
    mac?.lose(
      'coldstart gives no MAC to a bond, bridge or VLAN',
      'it has the MAC of its first port; write this MAC where the other is known, e.g. in DHCP',
    );
}

function readFamily(field: Field | undefined, link: Link, family: 4 | 6): void {
  if (!field) return;
  const enabled = field.get('enabled');
  if (enabled?.bool() === false) return field.skipWhole('an interface without addresses has none');
  enabled?.skip(DEFAULT);
  for (const address of field.get('address')?.items() ?? []) {
    const ip = address.get('ip')?.text();
    const prefix = address.get('prefix-length')?.text() ?? (family === 4 ? '24' : '64');
    if (ip !== undefined) addNew(link.addresses, [{ value: `${ip}/${prefix}`, from: address }]);
  }
  const [dhcp, autoconf] = [field.get('dhcp'), field.get('autoconf')];
  const wanted = [dhcp?.bool(), autoconf?.bool()].includes(true);
  const from = dhcp ?? autoconf;
  if (wanted && family === 4) link.dhcp4 = { value: true, from };
  else if (wanted) link.autoconf6 = { value: true, from };
  else if (family === 4 && dhcp) link.dhcp4 = { value: false, from };
  if (!wanted) [dhcp, autoconf].forEach((one) => one?.skip(DEFAULT));
  for (const key of ['auto-dns', 'auto-gateway', 'auto-routes']) {
    const one = field.get(key);
    if (one?.bool() === false && wanted) ignoreLearnt(link, key === 'auto-dns' ? 'useDns' : 'useRoutes', one);
    else one?.skip(DEFAULT);
  }
  const metric = field.get('auto-route-metric');
  const value = metric?.int();
  if (value !== undefined) setMetric(link, { value, from: metric });
  for (const key of ['dhcp-client-id', 'dhcp-duid', 'addr-gen-mode', 'dhcp-send-hostname'])
    field.get(key)?.skip("it is NetworkManager's own business");
}

function readRoute(field: Field, network: HostNetwork): void {
  if (field.get('state')?.text() === 'absent')
    return field.skip('it takes away a route that a new machine does not have');
  const to = field.get('destination')?.said();
  const via = field.get('next-hop-address')?.said();
  const name = field.get('next-hop-interface')?.text() ?? network.links[0]?.name;
  const table = field.get('table-id');
  const number = table?.int();
  if (number !== undefined && number !== 254 && number !== 0) {
    table?.lose('coldstart has one routing table', 'the route is in the main table; look whether that is right');
  } else table?.skip(DEFAULT);
  const metric = field.get('metric');
  const value = metric?.int();
  const link = network.links.find((one) => one.name === name);
  if (field.get('next-hop-address') && !via) return;
  if (!to || !link)
    return field.lose('it leads to an interface that is not brought', 'give the route to another interface');
  addRoute(link, { to, via, ...(value === undefined ? {} : { metric: { value, from: metric } }) });
}

function readBond(field: Field | undefined, link: Link): void {
  if (!field) return;
  link.mode = field.get('mode')?.said();
  addNew(link.ports, (field.get('port') ?? field.get('slaves'))?.texts() ?? []);
  const options = field.get('options');
  if (options) readBondOptions(options, link, []);
}

function readVlan(field: Field | undefined, link: Link): void {
  const id = field?.get('id');
  const number = id?.int();
  if (number === undefined) return;
  link.type = 'vlan';
  link.id = { value: number, from: id };
  link.parent = field?.get('base-iface')?.said();
}

function readBridge(field: Field | undefined, link: Link): void {
  if (!field) return;
  for (const port of field.get('port')?.items() ?? []) {
    const name = (port.isMap ? port.get('name') : port)?.said();
    if (name) addNew(link.ports, [name]);
    if (port.isMap)
      port
        .get('vlan')
        ?.lose(
          'coldstart sets up no VLAN filter on a bridge',
          'add VLAN interfaces, or a unit that sets up the filter',
        );
    for (const one of port.isMap ? port.fields() : [])
      if (one.key !== 'name') one.skip('it is the default of most bridges');
  }
  const stp = field.get('options', 'stp', 'enabled');
  if (stp) link.stp = { value: stp.bool() === true, from: stp };
}

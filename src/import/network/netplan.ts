/** The network of a host in the notation of netplan (https://netplan.readthedocs.io/en/stable/netplan-yaml/). */
import type { Field, Said } from '../input/field.ts';
import { readBondOptions } from './bond-options.ts';
import { type HostNetwork, type Link, addNew, addRoute, ignoreLearnt, linkOf, setMetric } from './links.ts';

const LEARNT =
  'coldstart takes no time servers and no host name from DHCP, and search domains together with name servers';
const OWN = 'it is about the program that sets up the network';

/** Adds what all files of a host say. */
export function readNetplan(roots: readonly Field[], network: HostNetwork): void {
  for (const root of roots) {
    const field = root.get('network');
    for (const one of field?.get('ethernets')?.fields() ?? []) {
      if (one.key === 'lo')
        one.lose('coldstart gives `lo` no further addresses', 'if a program needs the address, add a unit that sets it'); // prettier-ignore
      else readCommon(one, readEthernet(one, network));
    }
    for (const one of field?.get('bonds')?.fields() ?? []) readBond(one, network);
    for (const one of field?.get('bridges')?.fields() ?? []) readBridge(one, network);
    for (const one of field?.get('vlans')?.fields() ?? []) readVlan(one, network);
    for (const key of ['version', 'renderer']) field?.get(key)?.skip(OWN);
    for (const key of ['wifis', 'modems', 'tunnels', 'dummy-devices', 'virtual-ethernets', 'vrfs', 'openvswitch', 'nm-devices'])
      field?.get(key)?.lose('coldstart has ethernet interfaces, bonds, VLANs and bridges', 'add a NetworkManager key file to `files`, below `/etc/NetworkManager/system-connections`'); // prettier-ignore
  }
}

const lastPart = ({ key }: Field): string => key.slice(0, 15);

function readEthernet(field: Field, network: HostNetwork): Link {
  const name = field.get('set-name')?.text() ?? lastPart(field);
  const link = linkOf(network, name, field);
  if (name !== field.key) network.aliases?.set(field.key, name);
  const match = field.get('match');
  const mac = match?.get('macaddress')?.said();
  const isWhole = mac !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac.value);
  if (mac && isWhole) link.mac = { value: mac.value.toLowerCase(), from: mac.from };
  else if (match) link.match = matchOf(match, mac);
  for (const key of ['name', 'driver']) if (isWhole) match?.get(key)?.skip('the MAC says it');
  field
    .get('macaddress')
    ?.lose('coldstart does not change the MAC of a network card', 'write the MAC that the card has from its maker');
  return link;
}

function matchOf(match: Field, mac: Said<string> | undefined): Link['match'] {
  const [name, driver] = [match.get('name')?.said(), match.get('driver')];
  const known = new Map<'name' | 'driver' | 'mac', Said<string>>();
  if (name) known.set('name', name);
  const [first, ...others] = driver?.texts() ?? [];
  if (first && others.length === 0) known.set('driver', first);
  else driver?.lose('coldstart takes one pattern for the driver', 'write a pattern that fits all of them');
  if (mac) known.set('mac', { value: mac.value.toLowerCase(), from: mac.from });
  return known;
}

function readCommon(field: Field, link: Link): void {
  readAddresses(field, link);
  const mtu = field.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined) link.mtu = { value: bytes, from: mtu };
  for (const key of ['gateway4', 'gateway6']) {
    const via = field.get(key)?.said();
    if (via) addRoute(link, { to: { value: 'default', from: undefined }, via });
  }
  for (const route of field.get('routes')?.items() ?? []) readRoute(route, link);
  addNew(link.dns, field.get('nameservers', 'addresses')?.texts() ?? []);
  addNew(link.search, field.get('nameservers', 'search')?.texts() ?? []);
  for (const key of ['optional', 'optional-addresses', 'critical', 'renderer', 'link-local', 'dhcp-identifier', 'ipv6-privacy', 'ignore-carrier', 'activation-mode']) field.get(key)?.skip(OWN); // prettier-ignore
  field.get('routing-policy')?.lose('coldstart has one routing table', 'look whether the node needs the rules');
  if (link.type === 'ethernet') field.get('link')?.lose('coldstart makes no virtual functions of network cards', 'add a unit that makes them, and write the MAC of the function'); // prettier-ignore
  for (const key of ['dhcp4-overrides', 'dhcp6-overrides', 'ra-overrides']) readOverrides(field.get(key), link);
}

/** What of DHCP and router advertisements is used, in networkd's terms. */
function readOverrides(field: Field | undefined, link: Link): void {
  for (const one of field?.fields() ?? []) {
    const metric = one.key === 'route-metric' ? one.int() : undefined;
    if (metric !== undefined) setMetric(link, { value: metric, from: one });
    else if (one.key === 'use-dns' && one.bool() === false) ignoreLearnt(link, 'useDns', one);
    else if (one.key === 'use-routes' && one.bool() === false) ignoreLearnt(link, 'useRoutes', one);
    else if (/^(use-(dns|routes|domains)|use-ntp|use-hostname|send-hostname)$/.test(one.key)) one.skip(LEARNT);
    else one.lose('coldstart has no setting for it', 'look whether the node needs it');
  }
}

function readAddresses(field: Field, link: Link): void {
  const [dhcp4, dhcp6, ra] = [field.get('dhcp4'), field.get('dhcp6'), field.get('accept-ra')];
  const wanted4 = dhcp4?.bool();
  if (dhcp4 && wanted4 !== undefined) link.dhcp4 = { value: wanted4, from: dhcp4 };
  if (wanted4 === false) dhcp4?.skip('it is the default');
  const wanted6 = [dhcp6?.bool(), ra?.bool()];
  if (wanted6.includes(true)) link.autoconf6 = { value: true, from: dhcp6 ?? ra };
  else [dhcp6, ra].forEach((one) => one?.skip('it is the default'));
  for (const item of field.get('addresses')?.items() ?? []) {
    const [labelled] = item.isMap ? item.fields() : [];
    labelled?.skip('coldstart sets neither labels nor lifetimes of addresses');
    const value = labelled?.key ?? item.text();
    if (value !== undefined) addNew(link.addresses, [{ value, from: item }]);
  }
}

function readRoute(field: Field, link: Link): void {
  const to = field.get('to')?.said();
  const via = field.get('via')?.said();
  const metric = field.get('metric');
  const value = metric?.int();
  if (!to || (field.get('via') && !via)) return;
  const onLink = field.get('on-link');
  if (onLink?.bool() === true && via) {
    link.routes.push({ to: { value: `${via.value}/${via.value.includes(':') ? 128 : 32}`, from: onLink } });
  }
  const table = field.get('table');
  if (table) return field.lose('coldstart has one routing table', 'look whether the node needs the route');
  addRoute(link, { to, via, ...(value === undefined ? {} : { metric: { value, from: metric } }) });
}

function readBond(field: Field, network: HostNetwork): void {
  const link = linkOf(network, lastPart(field), field);
  link.type = 'bond';
  addNew(link.ports, namesOf(field.get('interfaces'), network));
  const parameters = field.get('parameters');
  link.mode = parameters?.get('mode')?.said() ?? { value: 'balance-rr', from: undefined };
  if (parameters) readBondOptions(parameters, link, ['mode']);
  readCommon(field, link);
}

function readBridge(field: Field, network: HostNetwork): void {
  const link = linkOf(network, lastPart(field), field);
  link.type = 'bridge';
  addNew(link.ports, namesOf(field.get('interfaces'), network));
  const stp = field.get('parameters', 'stp');
  const wanted = stp?.bool() ?? true;
  if (wanted) link.stp = { value: true, from: stp };
  for (const one of field.get('parameters')?.fields() ?? []) if (one.key !== 'stp') one.lose('coldstart leaves it at the default of the kernel', 'look whether the node needs it'); // prettier-ignore
  readCommon(field, link);
}

function readVlan(field: Field, network: HostNetwork): void {
  const link = linkOf(network, lastPart(field), field);
  link.type = 'vlan';
  const id = field.get('id');
  const number = id?.int();
  if (number !== undefined) link.id = { value: number, from: id };
  const [parent] = namesOf(field.get('link'), network);
  link.parent = parent;
  readCommon(field, link);
}

const namesOf = (field: Field | undefined, network: HostNetwork) =>
  (field?.texts() ?? []).map(({ value, from }) => ({ value: network.aliases?.get(value) ?? value.slice(0, 15), from }));

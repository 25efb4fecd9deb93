/** The network of a host in NetworkManager's key files (nm-settings-keyfile(5)). */
import type { Field, Said } from '../input/field.ts';
import { readBondOptions } from './bond-options.ts';
import { type HostNetwork, type Link, addNew, addRoute, ignoreLearnt, linkOf, setMetric } from './links.ts';

const OWN = "it is NetworkManager's own business";
const TYPES: Readonly<Record<string, Link['type']>> = {
  ethernet: 'ethernet',
  '802-3-ethernet': 'ethernet',
  bond: 'bond',
  vlan: 'vlan',
  bridge: 'bridge',
};

interface File {
  readonly root: Field;
  readonly link: Link;
  readonly uuid: string | undefined;
}

export function readKeyfiles(roots: readonly Field[], network: HostNetwork): void {
  const files = roots.flatMap((root) => readFile(root, network) ?? []);
  const nameOf = (text: string): string => files.find(({ uuid }) => uuid === text)?.link.name ?? text;
  for (const { root, link } of files) {
    const connection = root.get('connection');
    const over = (connection?.get('controller') ?? connection?.get('master'))?.said();
    const owner = over && files.find((one) => one.link.name === nameOf(over.value))?.link;
    if (owner) addNew(owner.ports, [{ value: link.name, from: over.from }]);
    else over?.from?.lose('no file describes it', 'import the folder with all key files of the machine');
    const parent = root.get('vlan', 'parent')?.said();
    if (parent) link.parent = { value: nameOf(parent.value), from: parent.from };
  }
}

function readFile(root: Field, network: HostNetwork): File | undefined {
  const connection = root.get('connection');
  const type = connection?.get('type')?.text() ?? '';
  const known = TYPES[type];
  const id = connection?.get('id');
  const name = connection?.get('interface-name')?.text() ?? id?.text() ?? 'nic';
  if (type === 'loopback' || name === 'lo') return void root.skip('every machine has it');
  if (known === undefined) return void root.lose(`coldstart has no interfaces of type ${type}`, 'add the key file to `files`, below `/etc/NetworkManager/system-connections`'); // prettier-ignore
  const link = linkOf(network, name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 15), root);
  link.type = known;
  const uuid = connection?.get('uuid')?.text();
  for (const key of ['id', 'uuid', 'port-type', 'slave-type', 'type', 'permissions', 'timestamp', 'zone'])
    connection?.get(key)?.skip(OWN);
  for (const one of connection?.fields() ?? [])
    if (/^autoconnect|^wait-|^lldp|^llmnr|^mdns|^multi-connect/.test(one.key)) one.skip(OWN);
  readCard(root.get('ethernet') ?? root.get('802-3-ethernet'), link);
  for (const family of [4, 6] as const) readFamily(root.get(`ipv${family}`), link, family);
  const bond = root.get('bond');
  if (known === 'bond') link.mode = bond?.get('mode')?.said() ?? { value: 'balance-rr', from: undefined };
  if (bond) readBondOptions(bond, link, ['mode']);
  readVlan(root.get('vlan'), link);
  readBridge(root.get('bridge'), link);
  for (const key of ['proxy', 'user', 'bridge-port', 'bond-port']) root.get(key)?.skip(OWN);
  return { root, link, uuid };
}

function readCard(field: Field | undefined, link: Link): void {
  const mac = field?.get('mac-address')?.said();
  if (mac) link.mac = { value: mac.value.toLowerCase(), from: mac.from };
  const mtu = field?.get('mtu');
  const bytes = mtu?.int();
  if (bytes !== undefined && bytes > 0) link.mtu = { value: bytes, from: mtu };
  field
    ?.get('cloned-mac-address')
    ?.lose('coldstart does not change the MAC of a network card', 'write the MAC that the card has from its maker');
  for (const key of ['auto-negotiate', 'wake-on-lan', 'generate-mac-address-mask']) field?.get(key)?.skip(OWN);
}

function readFamily(field: Field | undefined, link: Link, family: 4 | 6): void {
  if (!field) return;
  const method = field.get('method');
  const text = method?.text();
  if (text === 'auto' && family === 4) link.dhcp4 = { value: true, from: method };
  else if ((text === 'auto' || text === 'dhcp') && family === 6) link.autoconf6 = { value: true, from: method };
  else if (text === 'shared') method?.lose('coldstart makes no node a router', 'use another machine as router');
  else if (text !== 'manual') method?.skip('an interface without addresses has none');
  else if (family === 4) link.dhcp4 = { value: false, from: method };
  for (const one of field.fields()) readSetting(one, link, family);
}

/** One setting of `[ipv4]` or `[ipv6]`. */
function readSetting(field: Field, link: Link, family: 4 | 6): void {
  if (/^address(es|\d+)$/.test(field.key)) {
    for (const text of listOf(field, field.key === 'addresses' ? /[;]/ : /;/)) {
      const [address = '', gateway] = text.value.split(',');
      addNew(link.addresses, [{ value: address.includes('/') ? address : `${address}/${family === 4 ? 32 : 128}`, from: field }]);
      if (gateway !== undefined && gateway !== '') addRoute(link, { to: { value: 'default', from: undefined }, via: { value: gateway, from: field } });
    }
  } else if (field.key === 'gateway') {
    const via = field.said();
    if (via) addRoute(link, { to: { value: 'default', from: undefined }, via });
  } else if (/^routes?\d*$/.test(field.key)) {
    const [to = '', via, metric] = (field.text() ?? '').split(',');
    const from = field;
    addRoute(link, { to: { value: to, from }, via: via === undefined || via === '' ? undefined : { value: via, from }, ...(metric === undefined || metric === '0' || metric === '' ? {} : { metric: { value: Number(metric), from } }) }); // prettier-ignore
  } else if (field.key === 'dns') addNew(link.dns, listOf(field));
  else if (field.key === 'dns-search') addNew(link.search, listOf(field));
  else if (/^route\d+_options$/.test(field.key) && /^table=254$/.test(field.text() ?? '')) field.skip('it is the default');
  else if (field.key === 'route-metric') {
    const metric = field.int();
    if (metric !== undefined) setMetric(link, { value: metric, from: field });
  } else if (field.key === 'ignore-auto-dns' && field.bool() === true) ignoreLearnt(link, 'useDns', field);
  else if (/^(never-default|ignore-auto-routes)$/.test(field.key) && field.bool() === true)
    ignoreLearnt(link, 'useRoutes', field);
  else if (/^(never-default|ignore-auto|may-fail|dns-priority|addr-gen|ip6-privacy|dhcp-|required-timeout|method$|link-local|token)/.test(field.key)) field.skip(OWN); // prettier-ignore
}

function listOf(field: Field, separator = /[;,]/): readonly Said<string>[] {
  const words = (field.text() ?? '').split(separator).map((word) => word.trim());
  return words.filter((word) => word !== '').map((value) => ({ value, from: field }));
}

function readVlan(field: Field | undefined, link: Link): void {
  const id = field?.get('id');
  const number = id?.int();
  if (number !== undefined) link.id = { value: number, from: id };
  field?.get('flags')?.skip(OWN);
}

function readBridge(field: Field | undefined, link: Link): void {
  if (link.type !== 'bridge') return;
  const stp = field?.get('stp');
  const wanted = stp?.bool() ?? true;
  if (wanted) link.stp = { value: true, from: stp };
  for (const one of field?.fields() ?? []) if (one.key !== 'stp') one.lose('coldstart leaves it at the default of the kernel', 'look whether the node needs it'); // prettier-ignore
}

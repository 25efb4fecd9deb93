/** The node's address and the link that has it: each completes the other. */
import { parseCidr } from '../../config/network/net.ts';
import type { Said } from '../input/field.ts';
import type { Draft, NodeDraft } from '../model.ts';
import { type Link, addressOf, contains, isPort, usedLinks } from './links.ts';

/** Finds the link with the node's address. Completes the address from the link, and the link from the address. */
export function primaryOf(node: NodeDraft, draft: Draft): Link | undefined {
  const links = usedLinks(node.network).filter(({ name }) => !isPort(node.network, name));
  chooseValid(node, links);
  dropUnknown(node, links);
  if (node.ips.length === 0) takeFromLinks(node, links, draft);
  const ips = node.ips.map(({ value }) => addressOf(value) ?? value);
  const own = links.find(({ addresses }) => addresses.some(({ value }) => ips.includes(addressOf(value) ?? '')));
  if (own) return own;
  const free =
    links.find(({ dhcp4 }) => dhcp4?.value === true) ?? links.find(({ addresses }) => addresses.length === 0);
  if (!free || ips.length === 0) return free;
  if (free.dhcp4?.value === false) {
    for (const ip of ips) free.addresses.push({ value: `${ip}/${prefixOf(ip, draft)}`, from: undefined });
    free.dhcp4 = undefined;
    return free;
  }
  // The addresses are reserved at a server, and remain so.
  const asked = { value: true, from: undefined };
  if (ips.some((ip) => !ip.includes(':'))) free.dhcp4 ??= asked;
  if (ips.some((ip) => ip.includes(':'))) free.autoconf6 ??= asked;
  return free;
}

const familyOf = (text: string): 4 | 6 => (text.includes(':') ? 6 : 4);

/** The kubelet of Talos takes one address of each family that is in `nodeIP.validSubnets`: it is the node's `ip`. */
function chooseValid(node: NodeDraft, links: readonly Link[]): void {
  const excluded = node.validSubnets.filter(({ value }) => value.startsWith('!'));
  const wanted = node.validSubnets.filter(({ value }) => !value.startsWith('!'));
  const given = links.flatMap(({ addresses }) => addresses.map(({ value }) => addressOf(value) ?? value));
  for (const family of [4, 6] as const) {
    const subnets = wanted.filter(({ value }) => familyOf(value) === family);
    const isValid = (ip: string): boolean =>
      familyOf(ip) === family && subnets.some(({ value }) => contains(value, ip)) && !excluded.some(({ value }) => contains(value.slice(1), ip)); // prettier-ignore
    const standing = node.ips.find(({ value }) => familyOf(value) === family);
    if (subnets.length === 0 || (standing && isValid(addressOf(standing.value) ?? ''))) continue;
    const ip = given.find(isValid);
    if (ip !== undefined) replaceIp(node, standing, ip);
    else
      subnets[0]?.from?.lose(
        'the definition gives the node no address in it',
        'add the address to the `ip` of the node; coldstart must know it before the node boots',
      );
  }
  // Nodes have no address of a family that the kubelet does not look for.
  const families = new Set(wanted.map(({ value }) => familyOf(value)));
  const [chosen] = node.ips.filter(({ value }) => families.has(familyOf(value)));
  const other = node.ips.find(({ value }) => !families.has(familyOf(value)));
  if (chosen && other) {
    node.ips.splice(node.ips.indexOf(other), 1);
    sayReplaced(node, other, chosen.value);
  }
}

function replaceIp(node: NodeDraft, standing: Said<string> | undefined, ip: string): void {
  const said = { value: ip, from: undefined };
  if (!standing) return void node.ips.push(said);
  node.ips.splice(node.ips.indexOf(standing), 1, said);
  sayReplaced(node, standing, ip);
}

function sayReplaced(node: NodeDraft, standing: Said<string>, ip: string): void {
  standing.from?.assume(
    `Node \`${node.name}\` has the \`ip\` ${ip}, as \`nodeIP.validSubnets\` says, and not ${standing.value}`,
    'look whether the other nodes reach it there',
  );
}

/** Drops an address that no interface has, if all interfaces have others. */
function dropUnknown(node: NodeDraft, links: readonly Link[]): void {
  const known = node.ips.map(({ value }) => addressOf(value));
  const isStatic =
    links.some(({ addresses }) => addresses.length > 0) && links.every(({ dhcp4 }) => dhcp4?.value !== true);
  const isKnown = links.some(({ addresses }) => addresses.some(({ value }) => known.includes(addressOf(value))));
  if (!isStatic || isKnown) return;
  const [old] = node.ips.splice(0);
  old?.from?.lose(
    'no interface has this address',
    'the node has the address of its interface instead; look whether that is right',
  );
}

function takeFromLinks(node: NodeDraft, links: readonly Link[], draft: Draft): void {
  const within = ({ value }: Said<string>): boolean =>
    draft.nodeNetworks.length === 0 || draft.nodeNetworks.some((one) => contains(one.value, addressOf(value) ?? ''));
  const addressed = links.filter(({ addresses }) => addresses.some(within));
  const chosen = addressed.find(({ gateways }) => gateways.length > 0) ?? addressed[0];
  for (const family of [4, 6] as const) {
    const one = chosen?.addresses.find((address) => parseCidr(address.value)?.family === family && within(address));
    if (one) node.ips.push({ value: addressOf(one.value) ?? one.value, from: undefined });
  }
}

/** The prefix of the network that the input says the address is in, or coldstart's default. */
function prefixOf(ip: string, draft: Draft): number {
  const known = draft.nodeNetworks.find(({ value }) => contains(value, ip));
  return (known && parseCidr(known.value)?.prefix) ?? (ip.includes(':') ? 64 : 24);
}

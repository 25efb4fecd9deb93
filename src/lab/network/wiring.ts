/**
 * Decides which virtual NIC is connected to which switch. NICs that carry the same network, directly or under a bond, a bridge
 * or a VLAN, share a switch; a NIC that carries no network has a switch of its own. Pure.
 */
import type { Cidr, Interface, Node } from '../../config/cluster.ts';
import { networkOf, rangeOf } from '../../config/network/net.ts';
import { macOf } from './nic.ts';

export interface WiredNic {
  readonly mac: string;
  /** Number of the switch, starting at 0. */
  readonly segment: number;
}

interface Wiring {
  /** Number of switches. */
  readonly segments: number;
  /** By name of the node, in the order of the node's NICs. */
  readonly nics: ReadonlyMap<string, readonly WiredNic[]>;
  /** Where the network of the nodes is: its switch, and its VLAN there or null; null when no node is in it. */
  readonly nodeNetwork: { readonly segment: number; readonly vlan: number | null } | null;
}

/** What a NIC carries: `tag network`, e.g. `0 10.20.0.0/24`. */
type Load = string;

export function wire(nodes: readonly Node[], nodeCidrs: readonly Cidr[]): Wiring {
  const plugs = nodes.flatMap((node) =>
    macsOf(node).map((mac) => ({ node, mac, loads: loadsOf(node, mac, nodeCidrs) })),
  );
  const groups = makeGroups();
  for (const { mac, loads } of plugs) {
    groups.join(mac, mac);
    for (const load of loads) groups.join(mac, load);
  }
  const numbers = new Map<string, number>();
  const numberOf = (member: string): number => {
    const root = groups.rootOf(member);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  };
  const nics = new Map<string, WiredNic[]>(nodes.map(({ name }) => [name, []]));
  for (const { node, mac } of plugs) nics.get(node.name)?.push({ mac, segment: numberOf(mac) });
  const load = plugs.flatMap(({ loads }) => loads).find((one) => nodeCidrs.includes(one.split(' ')[1] ?? ''));
  const tag = Number(load?.split(' ')[0] ?? 0);
  const nodeNetwork = load === undefined ? null : { segment: numberOf(load), vlan: tag === 0 ? null : tag };
  return { segments: numbers.size, nics, nodeNetwork };
}

/** The MAC address of every NIC of a node, once: those listed for the node, then those that only an interface names. */
function macsOf(node: Node): readonly string[] {
  const ofInterfaces = node.interfaces.flatMap((one) => (one.type === 'ethernet' ? [macOf(node, one)] : []));
  return [...new Set([...node.macs, ...ofInterfaces])];
}

function loadsOf(node: Node, mac: string, nodeCidrs: readonly Cidr[]): Load[] {
  return node.interfaces
    .filter((one) => carriersOf(one, node).includes(mac))
    .flatMap((one) => {
      const tag = one.type === 'vlan' ? one.id : 0;
      const asksForAddress = one.dhcp4 || one.autoconf6;
      const networks = one.addresses.map((address) => networkOf(rangeOf(address)));
      return [...networks, ...(asksForAddress ? nodeCidrs.slice(0, 1) : [])].map((network) => `${tag} ${network}`);
    });
}

/** The MACs below an interface. Only the first port of a bridge is connected: two would make a loop. */
function carriersOf(one: Interface, node: Node): readonly string[] {
  const below = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => {
      const found = node.interfaces.find((other) => other.name === name);
      return found === undefined ? [] : carriersOf(found, node);
    });
  switch (one.type) {
    case 'ethernet':
      return [macOf(node, one)];
    case 'bond':
      return below(one.ports);
    case 'bridge':
      return below(one.ports).slice(0, 1);
    case 'vlan':
      return below([one.parent]);
  }
}

/** A union-find structure: sets of names that can be merged. */
function makeGroups(): { join: (a: string, b: string) => void; rootOf: (member: string) => string } {
  const parents = new Map<string, string>();
  const rootOf = (member: string): string => {
    const parent = parents.get(member) ?? member;
    return parent === member ? member : rootOf(parent);
  };
  return { rootOf, join: (a, b) => void parents.set(rootOf(b), rootOf(a)) };
}

/** How a node reaches an address of another node: on a link of its own, or over a router. */
import { memo } from '../memo.ts';
import type { Node } from '../node.ts';
import { contains, type Family, type Ip, ipOf, rangeOf } from './net.ts';

/** What DHCP and router advertisements say is not known; the node network stands for it. */
const linksOf = memo(({ interfaces, nodeCidrs }: Node) => {
  const direct = interfaces.flatMap(({ routes }) => routes.flatMap(({ to, via }) => (via === null ? [to] : [])));
  return [...nodeCidrs, ...interfaces.flatMap(({ addresses }) => addresses), ...direct].map(rangeOf);
});

const destinationsOf = memo(({ interfaces }: Node) =>
  interfaces.flatMap(({ routes }) => routes.map(({ to }) => rangeOf(to))),
);

const familiesOf = memo(({ ips }: Node): ReadonlySet<Family> => new Set(ips.map((address) => ipOf(address).family)));

/** Whether the node reaches the address without a router. */
export const isNeighbour = (node: Node, ip: Ip): boolean => linksOf(node).some((range) => contains(range, ip));

/** Whether the node has a default route for a family, or an interface that may get one from a server or router. */
const hasDefaultRoute = (node: Node, family: Family): boolean =>
  destinationsOf(node).some((to) => to.family === family && to.prefix === 0) ||
  node.interfaces.some(
    ({ gateways, dhcp4, autoconf6, useRoutes }) =>
      gateways.some((gateway) => ipOf(gateway).family === family) || (useRoutes && (family === 4 ? dhcp4 : autoconf6)),
  );

/** The families of the node's addresses for which it has a default route. */
const defaultRoutesOf = memo(
  (node: Node): ReadonlySet<Family> => new Set([...familiesOf(node)].filter((family) => hasDefaultRoute(node, family))),
);

/** Whether the node has a way to the address, also over a router. True for an address of a family that the node does not have. */
export function wayTo(node: Node, ip: Ip): boolean {
  if (!familiesOf(node).has(ip.family) || defaultRoutesOf(node).has(ip.family)) return true;
  return isNeighbour(node, ip) || destinationsOf(node).some((to) => contains(to, ip));
}

/** Whether the node has a default route for each family of its addresses. */
export const leavesItsNetworks = (node: Node): boolean => defaultRoutesOf(node).size === familiesOf(node).size;

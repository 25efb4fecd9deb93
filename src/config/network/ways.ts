/** How a node reaches an address of another node: on a link of its own, or over a router. */
import type { Node } from '../node.ts';
import { contains, type Family, ipOf, rangeOf } from './net.ts';

/**
 * Whether the node reaches the address without a router. What DHCP and router advertisements say is not known; the node network
 * stands for it.
 */
export function isNeighbour({ interfaces, nodeCidrs }: Node, address: string): boolean {
  const ip = ipOf(address);
  const direct = interfaces.flatMap(({ routes }) => routes.flatMap(({ to, via }) => (via === null ? [to] : [])));
  const links = [...nodeCidrs, ...interfaces.flatMap(({ addresses }) => addresses), ...direct];
  return links.some((cidr) => contains(rangeOf(cidr), ip));
}

/** Whether the node has a default route for a family, or an interface that may get one from a server or router. */
const hasDefaultRoute = ({ interfaces }: Node, family: Family): boolean =>
  interfaces.some(
    ({ gateways, routes, dhcp4, autoconf6, useRoutes }) =>
      gateways.some((gateway) => ipOf(gateway).family === family) ||
      routes.map(({ to }) => rangeOf(to)).some((to) => to.family === family && to.prefix === 0) ||
      (useRoutes && (family === 4 ? dhcp4 : autoconf6)),
  );

/** Whether the node has a default route for each family of its addresses. */
export const leavesItsNetworks = (node: Node): boolean =>
  node.ips.every((address) => hasDefaultRoute(node, ipOf(address).family));

/** Whether the node has a way to the address, also over a router. True for an address of a family that the node does not have. */
export function wayTo(node: Node, address: string): boolean {
  const ip = ipOf(address);
  if (!node.ips.some((own) => ipOf(own).family === ip.family) || isNeighbour(node, address)) return true;
  const destinations = node.interfaces.flatMap(({ routes }) => routes.map(({ to }) => rangeOf(to)));
  return hasDefaultRoute(node, ip.family) || destinations.some((to) => contains(to, ip));
}

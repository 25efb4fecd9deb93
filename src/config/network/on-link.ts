/** Addresses that an interface reaches without a router: its networks, routes without a next hop, and link-local addresses. */
import type { Interface } from '../cluster.ts';
import { contains, type Family, ipOf, rangeOf } from './net.ts';

const linkLocal = rangeOf('fe80::/10');

/** Whether the interface has addresses of a family, or gets them by DHCP or router advertisements. */
export function speaks(one: Interface, family: Family): boolean {
  const asks = family === 4 ? one.dhcp4 : one.autoconf6;
  return asks || one.addresses.some((cidr) => rangeOf(cidr).family === family);
}

/** Whether the node's own address of a family may come to an interface by DHCP or router advertisements: it has no other of it. */
export function mayLease(one: Interface, family: Family): boolean {
  const asks = family === 4 ? one.dhcp4 : one.autoconf6;
  return asks && !one.addresses.some((cidr) => rangeOf(cidr).family === family);
}

/** Whether an address is on the link of an interface. True if the networks are known only later (DHCP, router advertisements). */
export function isOnLink(one: Interface, address: string): boolean {
  const ip = ipOf(address);
  if (!speaks(one, ip.family)) return false;
  const isLearnt = ip.family === 4 ? one.dhcp4 : one.autoconf6;
  const direct = one.routes.flatMap(({ to, via }) => (via === null ? [to] : []));
  return (
    isLearnt || contains(linkLocal, ip) || [...one.addresses, ...direct].some((cidr) => contains(rangeOf(cidr), ip))
  );
}

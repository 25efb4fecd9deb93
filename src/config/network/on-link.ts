/** What an interface reaches without a router: its networks, what a route without a next hop says, and link-local addresses. */
import type { Interface } from '../cluster.ts';
import { contains, type Family, ipOf, rangeOf } from './net.ts';

const linkLocal = rangeOf('fe80::/10');

/** Whether the interface has addresses of a family, or asks for them. */
export function speaks(one: Interface, family: Family): boolean {
  const asks = family === 4 ? one.dhcp4 : one.autoconf6;
  return asks || one.addresses.some((cidr) => rangeOf(cidr).family === family);
}

/** An interface that asks for addresses may learn its networks later. */
export function isOnLink(one: Interface, address: string): boolean {
  const ip = ipOf(address);
  if (!speaks(one, ip.family)) return false;
  const isLearnt = ip.family === 4 ? one.dhcp4 : one.autoconf6;
  const direct = one.routes.flatMap(({ to, via }) => (via === null ? [to] : []));
  return (
    isLearnt || contains(linkLocal, ip) || [...one.addresses, ...direct].some((cidr) => contains(rangeOf(cidr), ip))
  );
}

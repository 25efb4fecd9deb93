/** Whether a node can look up names. Pods depend on this too, because the cluster's DNS forwards to the name servers of its node. */
import type { Node } from '../cluster.ts';
import { ipOf } from './net.ts';
import { speaks } from './on-link.ts';

/** Whether a node is told of a name server that it can ask, or may learn of one. */
export function hasNameServer({ interfaces }: Node): boolean {
  return interfaces.some(
    (one) => one.dhcp4 || one.autoconf6 || one.dns.some((address) => speaks(one, ipOf(address).family)),
  );
}

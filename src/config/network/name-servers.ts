/** Whether a node can look up names. Pods depend on this too, because the cluster's DNS forwards to the name servers of its node. */
import type { Node } from '../cluster.ts';
import { ipOf } from './net.ts';
import { speaks } from './on-link.ts';

/** Whether a node has a name server of a family that it has, or may use one of DHCP or router advertisements. */
export function hasNameServer({ interfaces }: Node): boolean {
  return interfaces.some(
    (one) =>
      ((one.dhcp4 || one.autoconf6) && one.useDns) || one.dns.some((address) => speaks(one, ipOf(address).family)),
  );
}

/** The MACs of a node's virtual NICs. A NIC that is found by `match` gets a MAC that fits, as far as QEMU has such a NIC. */
import { createHash } from 'node:crypto';
import type { Ethernet, Node } from '../../config/cluster.ts';
import { fits } from '../../config/network/glob.ts';

/** The driver of QEMU's `virtio-net-pci` (`args.ts`). */
const DRIVER = 'virtio_net';

/** The NIC's MAC; for one that `match` finds, a made-up one that begins like the pattern. */
export function macOf({ name }: Node, { name: interfaceName, mac, match }: Ethernet): string {
  if (mac !== null) return mac;
  const digest = createHash('sha256').update(`${name}/${interfaceName}`).digest('hex').slice(0, 6);
  const made = `52:54:00:${digest.match(/../g)?.join(':') ?? ''}`;
  const begin = /^[^?*[]*/.exec(match?.mac ?? '')?.[0] ?? '';
  return begin + made.slice(begin.length);
}

/** The matches of a node's NICs that no NIC of QEMU meets, and the reservations of addresses, e.g. `worker-01: driver ixgbe`. */
export function unknownNics(node: Node): readonly string[] {
  return node.interfaces.flatMap((one) => {
    const leased = one.leased.map((address) => `${node.name}: ${address} by DHCP`);
    if (one.type !== 'ethernet' || one.match === null) return leased;
    const { name, driver, path, mac } = one.match;
    const wrong = [
      ...(name === null ? [] : [`name ${name}`]),
      ...(driver === null || fits(DRIVER, driver) ? [] : [`driver ${driver}`]),
      ...(path === null ? [] : [`path ${path}`]),
      ...(mac === null || fits(macOf(node, one), mac) ? [] : [`mac ${mac}`]),
    ];
    return [...wrong.map((which) => `${node.name}: ${which}`), ...leased];
  });
}

/** A real NetworkManager and a real DHCP server (udhcpd of busybox): a node whose address is reserved gets it. */
import { describe, expect, test } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { cluster, ethernet, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';
import { networkManagerScript } from './networkmanager.ts';

const root = await testRoot();
const SCRIPT = networkManagerScript('reservation.sh');
const MAC = '52:54:00:12:00:01';
const OTHER = '52:54:00:12:00:99';
const RESERVED = '192.168.50.21';
const POOL = 'start 192.168.50.200\nend 192.168.50.201';

/** What the NIC has afterwards, a line each. */
function addressesWith(server: string): readonly string[] {
  const lan = ethernet('lan', MAC, { addresses: [], dhcp4: true, leased: [RESERVED] });
  const nodes = [node('worker-01', 1, { macs: [MAC], ips: [RESERVED], interfaces: [lan] })];
  const on = nodeRoot(root ?? '', renderNode(cluster({ nodes }), nodes[0]!, SOURCES));
  try {
    const call = ['-c', 'cat >/run/up.sh && exec bash /run/up.sh "$@"', 'up', MAC, server];
    const { status, stdout, stderr } = on.run('bash', call, SCRIPT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim().split(/\s*\n/);
  } finally {
    on.remove();
  }
}

describe.skipIf(root === null)('a node whose address is reserved at a DHCP server', () => {
  test('gets it, with the default route of the server', () => {
    const [address, ...routes] = addressesWith(`${POOL}\nstatic_lease ${MAC} ${RESERVED}`);
    expect(address).toBe(`${RESERVED}/24`);
    expect(routes).toContainEqual(expect.stringContaining(`default via 192.168.50.1 proto dhcp src ${RESERVED}`));
  });

  test('gets another one where the reservation is for another card', () => {
    const [address] = addressesWith(`${POOL}\nstatic_lease ${OTHER} ${RESERVED}`);
    expect(address).toMatch(/^192\.168\.50\.20[01]\/24$/);
  });
});

/**
 * A real NetworkManager brings a node's network up, on a NIC with a cable: a gateway outside of the subnet becomes the
 * default route, and /etc/resolv.conf exists with and without name servers.
 */
import { describe, expect, test } from 'vitest';
import type { Interface } from '../../../src/config/cluster.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { cluster, ethernet, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SCRIPT = networkManagerScript('network-up.sh');
const MAC = '52:54:00:12:00:01';

function bringUp(of: Partial<Interface>): { readonly routes: string[]; readonly resolver: string } {
  const lan = ethernet('lan', MAC, { addresses: ['192.168.50.21/24', 'fd00:50::21/64'], ...of });
  const nodes = [node('worker-01', 1, { macs: [MAC], ips: ['192.168.50.21', 'fd00:50::21'], interfaces: [lan] })];
  const [one] = nodes;
  if (one === undefined) throw new Error('no node');
  const on = nodeRoot(root ?? '', renderNode(cluster({ nodes }), one, SOURCES));
  try {
    const { status, stdout, stderr } = on.run(
      'bash',
      ['-c', 'cat >/run/up.sh && exec bash /run/up.sh "$@"', 'up', MAC],
      SCRIPT,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [routes = '', resolver = ''] = stdout.split('==\n');
    return { routes: routes.trim().split(/\s*\n/), resolver };
  } finally {
    on.remove();
  }
}

describe.skipIf(root === null)('NetworkManager', () => {
  test('reaches a gateway outside of the subnet by a route on the link, and a link-local one without', () => {
    const routes = [{ to: '172.31.1.1/32', via: null, metric: null }];
    const up = bringUp({ gateways: ['172.31.1.1', 'fe80::1'], routes });
    expect(up.routes).toContain('default via 172.31.1.1 proto static metric 100');
    expect(up.routes).toContain('172.31.1.1 proto static scope link metric 100');
    expect(up.routes.find((route) => route.startsWith('default via fe80::1'))).toBeDefined();
  });

  test('writes name servers into the resolver that the image brings along', () => {
    const { resolver } = bringUp({ dns: ['192.168.50.1', 'fd00:50::1'], searchDomains: ['lab.example'] });
    expect(resolver.split('\n')).toEqual(expect.arrayContaining(['nameserver 192.168.50.1', 'nameserver fd00:50::1']));
  });

  test('leaves that resolver where it is when there are none', () => {
    expect(bringUp({ gateways: [], dns: [] }).resolver).toMatch(/^# NetworkManager writes .*\n$/);
  });
});

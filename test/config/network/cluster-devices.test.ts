/** The free names of interfaces. A test with the real NetworkManager checks that it manages exactly these. */
import { describe, expect, test } from 'vitest';
import { isNicName, ownerOfName } from '../../../src/config/network/cluster-devices.ts';

describe('a device that NetworkManager makes', () => {
  test.each([
    ...['lo', 'all', 'default', 'bonding_masters', 'dummy0', 'sit0', 'gre0', 'tunl0', 'ifb0', 'ip6tnl0'],
    ...['cni0', 'cali0123456789a', 'flannel.1', 'kube-br', 'kube-ipvs0', 'nodelocaldns', 'veth0', 'veth1a2b3c4d'],
    ...['vxlan.calico', 'wireguard.cali'],
  ])('is not called %s', (name) => {
    expect(ownerOfName(name, 'bridge')).toBeDefined();
  });

  test.each(['bond0', 'br0', 'kube', 'local', 'vxlan1', 'vxlan0calico', 'dummy', 'lo0', 'All', 'Cni0', 'xcni0'])(
    'may be called %s',
    (name) => {
      expect(ownerOfName(name, 'bridge')).toBeUndefined();
    },
  );
});

test("a NIC may have a device's name, which is its connection's only, but no word of the kernel's", () => {
  expect(ownerOfName('cni0', 'ethernet')).toBeUndefined();
  expect(ownerOfName('all', 'ethernet')).toBe('the kernel');
});

// Names as in systemd.net-naming-scheme(7) and as they are seen on machines.
test.each([
  ...[
    'eth0',
    'eth12',
    'ens3',
    'ens1f0',
    'eno1',
    'eno1np0',
    'enp0s3',
    'enp5s0f1np1',
    'enP2p1s0',
    'enp0s20u1u2',
    'wlan0',
  ],
  ...['enx525400123456', 'wlp3s0', 'ibp5s0', 'ib0', 'usb0', 'enp1s0f0v3'],
])('%s is a name for a NIC', (name) => {
  expect(isNicName(name)).toBe(true);
});

test.each([
  'eth',
  'eth0.20',
  'ether0',
  'ens3.20',
  'ensemble',
  'enable',
  'eno1-bond',
  'wlan',
  'bond0',
  'end0',
  'ib',
  'lan',
])('%s is none', (name) => {
  expect(isNicName(name)).toBe(false);
});

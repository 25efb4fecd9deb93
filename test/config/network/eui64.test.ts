/** Addresses that are made of a MAC (RFC 4291, appendix A, and the kernel's addrconf). */
import { expect, test } from 'vitest';
import { isOfMac } from '../../../src/config/network/eui64.ts';

test.each([
  ['fd00:50::5054:ff:fe00:901', '52:54:00:00:09:01', true],
  ['2001:db8::21a:2bff:fe3c:4d5e', '00:1a:2b:3c:4d:5e', true],
  ['2001:db8::1a:2bff:fe3c:4d5e', '00:1a:2b:3c:4d:5e', false],
  ['fd00:50::5054:ff:fe00:902', '52:54:00:00:09:01', false],
  ['fd00:50::77', '52:54:00:00:09:01', false],
  ['192.168.50.21', '52:54:00:00:09:01', false],
])('%s of %s: %s', (address, mac, isIts) => {
  expect(isOfMac(address, mac)).toBe(isIts);
});

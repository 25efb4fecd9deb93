/** Addresses that a host makes of its MAC (RFC 4291, appendix A): they are known before the host has asked a router. */
import { ipOf } from './net.ts';

/** Whether the last 64 bits of an IPv6 address are the modified EUI-64 of a MAC. */
export function isOfMac(address: string, mac: string): boolean {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const [first = 0, ...rest] = bytes;
  const id = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const value = id.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const ip = ipOf(address);
  return ip.family === 6 && (ip.value & 0xffff_ffff_ffff_ffffn) === value;
}

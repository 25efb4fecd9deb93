/** Ethernet frames for tests. */

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

const bytesOf = (mac: string): number[] => mac.split(':').map((part) => parseInt(part, 16));

/** A frame with an 802.1Q tag when `vlan` is given; `text` is its payload. */
export function frameOf(to: string, from: string, text: string, vlan?: number): Buffer {
  const tag = vlan === undefined ? [] : [0x81, 0x00, vlan >> 8, vlan & 0xff];
  return Buffer.from([...bytesOf(to), ...bytesOf(from), ...tag, 0x08, 0x00, ...Buffer.from(text)]);
}

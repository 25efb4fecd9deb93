/**
 * A learning Ethernet switch (IEEE 802.1D without spanning tree). It learns the port of each MAC address per VLAN, floods
 * frames to unknown addresses, passes 802.1Q tags through, and can cut a port off. Its only effects are the given functions.
 */

export interface Port {
  /** A frame arrives from the port's machine. */
  readonly receive: (frame: Uint8Array) => void;
  /** While cut off, a port neither sends nor receives; its machine still sees a link. */
  readonly cutOff: (yes: boolean) => void;
  /** Forgets the port and every address behind it. */
  readonly unplug: () => void;
}

interface PortOptions {
  /** Delivers a frame to the port's machine; the callee must copy the bytes if it needs them after the call. */
  readonly send: (frame: Uint8Array) => void;
  /** The machine belongs to this VLAN and sends untagged frames: the switch adds and removes the tags. */
  readonly accessVlan?: number | null;
}

export interface Switch {
  readonly plug: (options: PortOptions) => Port;
}

interface Plugged {
  readonly send: (frame: Uint8Array) => void;
  readonly vlan: number | null;
  cut: boolean;
}

const HEADER = 14;
/** Further addresses are not learned, and frames to them are flooded: a guest must not fill the memory of its host. */
const MOST_ADDRESSES = 4096;

export function createSwitch(): Switch {
  const ports = new Set<Plugged>();
  /** By VLAN and address. */
  const behind = new Map<string, Plugged>();
  const plug = ({ send, accessVlan = null }: PortOptions): Port => {
    const port: Plugged = { send, vlan: accessVlan, cut: false };
    ports.add(port);
    return {
      receive: (frame) => {
        if (ports.has(port) && !port.cut) forward(port, frame);
      },
      cutOff: (yes) => void (port.cut = yes),
      unplug: () => {
        ports.delete(port);
        for (const [key, owner] of behind) if (owner === port) behind.delete(key);
      },
    };
  };
  return { plug };

  function forward(from: Plugged, arrived: Uint8Array): void {
    if (arrived.length < HEADER || isGroup(arrived, 6) || isLinkLocal(arrived)) return;
    const frame = from.vlan === null ? arrived : tagged(arrived, from.vlan);
    const vlan = vlanOf(frame);
    const source = key(vlan, frame, 6);
    if (behind.size < MOST_ADDRESSES || behind.has(source)) behind.set(source, from);
    const known = isGroup(frame, 0) ? undefined : behind.get(key(vlan, frame, 0));
    for (const to of known === undefined ? ports : [known]) if (to !== from) deliver(to, frame, vlan);
  }
}

function deliver(to: Plugged, frame: Uint8Array, vlan: number): void {
  if (to.cut) return;
  if (to.vlan === null) to.send(frame);
  else if (to.vlan === vlan) to.send(untagged(frame));
}

/** Whether the address at `offset` is a multicast or broadcast address. */
const isGroup = (frame: Uint8Array, offset: number): boolean => ((frame[offset] ?? 0) & 1) === 1;

/** A switch does not forward 01-80-C2-00-00-0X (802.1Q, table 8-1): LACP, spanning tree, pause. */
function isLinkLocal(frame: Uint8Array): boolean {
  const reserved = [0x01, 0x80, 0xc2, 0x00, 0x00];
  return reserved.every((byte, index) => frame[index] === byte) && (frame[5] ?? 0) < 0x10;
}

const isTagged = (frame: Uint8Array): boolean => frame[12] === 0x81 && frame[13] === 0x00 && frame.length >= HEADER + 4;

/** 0 for frames without a tag, and for priority tags, which hold no VLAN. */
function vlanOf(frame: Uint8Array): number {
  return isTagged(frame) ? (((frame[14] ?? 0) << 8) | (frame[15] ?? 0)) & 0xfff : 0;
}

function key(vlan: number, frame: Uint8Array, offset: number): string {
  return `${vlan}/${Buffer.from(frame.buffer, frame.byteOffset + offset, 6).toString('hex')}`;
}

function tagged(frame: Uint8Array, vlan: number): Uint8Array {
  const tag = Uint8Array.of(0x81, 0x00, vlan >> 8, vlan & 0xff);
  return Buffer.concat([frame.subarray(0, 12), tag, frame.subarray(12)]);
}

function untagged(frame: Uint8Array): Uint8Array {
  return Buffer.concat([frame.subarray(0, 12), frame.subarray(16)]);
}

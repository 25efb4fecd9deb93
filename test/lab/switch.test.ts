/** The learning switch: the ports that each frame reaches. Each port of the test records its outgoing frames. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, frameReader } from '../../src/lab/network/frames.ts';
import { createSwitch, type Port } from '../../src/lab/network/switch.ts';
import { BROADCAST, frameOf } from './frames.ts';

const mac = (number: number): string => `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;

interface Bench {
  readonly ports: readonly Port[];
  /** What came out since the last look, by port, as hexadecimal text. */
  readonly look: () => string[][];
}

function bench(count: number, accessVlans: readonly (number | null)[] = []): Bench {
  const network = createSwitch();
  const out: string[][] = Array.from({ length: count }, () => []);
  const ports = out.map((_, index) =>
    network.plug({
      send: (frame) => out[index]?.push(Buffer.from(frame).toString('hex')),
      accessVlan: accessVlans[index] ?? null,
    }),
  );
  return { ports, look: () => out.map((frames) => frames.splice(0)) };
}

/** Sends the frame into a port and returns the ports that it comes out of, unchanged. */
function reached({ ports, look }: Bench, from: number, frame: Buffer): number[] {
  ports[from]?.receive(frame);
  return look().flatMap((frames, index) => {
    expect(frames.length).toBeLessThanOrEqual(1);
    if (frames.length > 0) expect(frames).toEqual([frame.toString('hex')]);
    return frames.length > 0 ? [index] : [];
  });
}

describe('a switch', () => {
  test('floods what it does not know, and learns', () => {
    const three = bench(3);
    expect(reached(three, 0, frameOf(mac(1), mac(0), 'hello'))).toEqual([1, 2]);
    expect(reached(three, 1, frameOf(mac(0), mac(1), 'hello back'))).toEqual([0]);
    expect(reached(three, 0, frameOf(mac(1), mac(0), 'again'))).toEqual([1]);
    expect(reached(three, 0, frameOf(BROADCAST, mac(0), 'everyone'))).toEqual([1, 2]);
    expect(reached(three, 0, frameOf('33:33:00:00:00:01', mac(0), 'a group'))).toEqual([1, 2]);
  });

  test('follows an address that moves', () => {
    const three = bench(3);
    reached(three, 0, frameOf(BROADCAST, mac(9), 'here'));
    reached(three, 2, frameOf(BROADCAST, mac(9), 'there now'));
    expect(reached(three, 1, frameOf(mac(9), mac(1), 'where'))).toEqual([2]);
  });

  test('sends nothing back to where it came from', () => {
    const two = bench(2);
    reached(two, 0, frameOf(BROADCAST, mac(1), ''));
    expect(reached(two, 0, frameOf(mac(1), mac(0), 'behind the same port'))).toEqual([]);
  });

  test('forgets a port that is unplugged', () => {
    const three = bench(3);
    reached(three, 0, frameOf(BROADCAST, mac(0), ''));
    three.ports[0]?.unplug();
    expect(reached(three, 1, frameOf(mac(0), mac(1), ''))).toEqual([2]);
    expect(reached(three, 0, frameOf(mac(1), mac(0), ''))).toEqual([]);
  });

  test('keeps VLANs apart and passes their tags', () => {
    const three = bench(3);
    expect(reached(three, 0, frameOf(mac(1), mac(0), 'tagged', 8))).toEqual([1, 2]);
    expect(reached(three, 1, frameOf(mac(0), mac(1), 'same VLAN', 8))).toEqual([0]);
    expect(reached(three, 1, frameOf(mac(0), mac(1), 'not known without tag'))).toEqual([0, 2]);
  });

  test('gives a machine without VLANs its own one', () => {
    const { ports, look } = bench(3, [8]);
    ports[0]?.receive(frameOf(BROADCAST, mac(0), 'out'));
    const tagged = frameOf(BROADCAST, mac(0), 'out', 8).toString('hex');
    expect(look()).toEqual([[], [tagged], [tagged]]);
    ports[1]?.receive(frameOf(mac(0), mac(1), 'in', 8));
    expect(look()).toEqual([[frameOf(mac(0), mac(1), 'in').toString('hex')], [], []]);
    ports[1]?.receive(frameOf(mac(0), mac(1), 'another VLAN', 9));
    ports[1]?.receive(frameOf(mac(0), mac(1), 'none'));
    expect(look()[0]).toEqual([]);
  });

  test('drops what is for the switch alone, what has no header, and senders that are groups', () => {
    const two = bench(2);
    expect(reached(two, 0, frameOf('01:80:c2:00:00:02', mac(0), 'LACP'))).toEqual([]);
    expect(reached(two, 0, frameOf('01:80:c2:00:00:10', mac(0), 'no longer reserved'))).toEqual([1]);
    expect(reached(two, 0, Buffer.alloc(13))).toEqual([]);
    expect(reached(two, 0, frameOf(mac(1), BROADCAST, ''))).toEqual([]);
  });

  test('goes on with more addresses than it remembers', () => {
    const two = bench(2);
    for (let number = 0; number < 5000; number++) {
      const from = `52:54:01:00:${[number >> 8, number & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
      expect(reached(two, 0, frameOf(BROADCAST, from, ''))).toEqual([1]);
    }
    expect(reached(two, 1, frameOf('52:54:01:00:00:01', mac(1), ''))).toEqual([0]);
    expect(reached(two, 1, frameOf('52:54:01:00:13:00', mac(1), ''))).toEqual([0]);
  });
});

test('whatever happened before: a frame reaches its machine, unless one of both is cut off', () => {
  const PORTS = 4;
  const port = fc.nat(PORTS - 1);
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), from: port, to: fc.nat(PORTS) }) },
    fc.record({ kind: fc.constant('cut' as const), from: port, yes: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const network = bench(PORTS);
      const cut = new Set<number>();
      for (const one of events) {
        if (one.kind === 'cut') {
          network.ports[one.from]?.cutOff(one.yes);
          if (one.yes) cut.add(one.from);
          else cut.delete(one.from);
          continue;
        }
        const to = one.to === PORTS ? BROADCAST : mac(one.to);
        const out = reached(network, one.from, frameOf(to, mac(one.from), 'x'));
        expect(out).not.toContain(one.from);
        for (const dark of cut) expect(out).not.toContain(dark);
        if (cut.has(one.from)) expect(out).toEqual([]);
        const owners = one.to === PORTS ? [...Array(PORTS).keys()] : [one.to];
        for (const owner of owners) {
          if (owner !== one.from && !cut.has(owner) && !cut.has(one.from)) expect(out).toContain(owner);
        }
      }
    }),
  );
});

describe('frames on a stream', () => {
  test('arrive whole and in order, however the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 0, maxLength: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(400), { maxLength: 30 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encodeFrame));
        const got: string[] = [];
        const read = frameReader((frame) => got.push(Buffer.from(frame).toString('hex')));
        let at = 0;
        for (const cut of cuts) {
          expect(read(stream.subarray(at, at + cut))).toBe(true);
          at += cut;
        }
        read(stream.subarray(at));
        expect(got).toEqual(sent.map((frame) => Buffer.from(frame).toString('hex')));
      }),
    );
  });

  test('have their length in four bytes, big-endian', () => {
    expect(encodeFrame(Uint8Array.of(1, 2, 3)).toString('hex')).toBe('00000003010203');
  });

  test('end where no frame of QEMU could be that long', () => {
    const read = frameReader(() => undefined);
    expect(read(Buffer.from('00011000', 'hex'))).toBe(true);
    const other = frameReader(() => undefined);
    expect(other(Buffer.from('00011001', 'hex'))).toBe(false);
    expect(other(encodeFrame(Uint8Array.of(1)))).toBe(false);
  });
});

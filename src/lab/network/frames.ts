/**
 * Ethernet frames on a byte stream in the format of QEMU's `-netdev stream`: four bytes with the length, big-endian, then the
 * frame (https://www.qemu.org/docs/master/system/invocation.html, net/stream.c). Pure.
 */

/** Bytes; QEMU's own limit (NET_BUFSIZE). */
const LONGEST_FRAME = 4096 + 65536;
const HEADER = 4;

/** The frame with its length in front. */
export function encodeFrame(frame: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(HEADER + frame.length);
  out.writeUInt32BE(frame.length, 0);
  out.set(frame, HEADER);
  return out;
}

/**
 * Returns a function that takes the chunks of a stream and passes each complete frame to `receive`. It returns false once the
 * stream cannot be one of frames; it ignores all further chunks then.
 */
export function frameReader(receive: (frame: Buffer) => void): (chunk: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  let broken = false;
  return (chunk) => {
    if (broken) return false;
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (data.length - at >= HEADER) {
      const length = data.readUInt32BE(at);
      broken = length > LONGEST_FRAME;
      if (broken) return false;
      if (data.length - at - HEADER < length) break;
      receive(data.subarray(at + HEADER, at + HEADER + length));
      at += HEADER + length;
    }
    rest = data.subarray(at);
    return true;
  };
}

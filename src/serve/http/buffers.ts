/**
 * Memory for the bytes between disk and sockets, which all downloads share. It is bounded, whatever clients do. TLS keeps as much
 * again, encrypted.
 */

/** A slow client needs no more: a record of TLS. For each of 1024 connections, these are 16 MiB. */
const SMALL = { size: 16 << 10, kept: 256 };
/** A fast client costs less of the processor's time with these: one for each of 200 at a time, 25 MiB. */
const LARGE = { size: 128 << 10, kept: 200 };

export class Buffers {
  /** The last one that was given back is taken first, as the processor's cache may still hold it. */
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];
  readonly #fronts: number;
  #largeMade = 0;

  /** @param fronts processes that share the memory */
  constructor(fronts: number) {
    this.#fronts = fronts;
  }

  /** A small one for clients that are slow, and for all while no large one is left. */
  take(isFast: boolean): Buffer {
    if (isFast) {
      const large = this.#large.pop();
      if (large !== undefined) return large;
      if (this.#largeMade++ < LARGE.kept / this.#fronts) return Buffer.allocUnsafeSlow(LARGE.size);
      this.#largeMade--;
    }
    return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL.size);
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length === LARGE.size) this.#large.push(buffer);
    else if (this.#small.length < SMALL.kept / this.#fronts) this.#small.push(buffer);
  }

  /** Instead of `giveBack`, for a buffer that the system may still read. */
  giveUp(buffer: Buffer): void {
    if (buffer.length === LARGE.size) this.#largeMade--;
  }
}

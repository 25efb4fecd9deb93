/** Memory for the bytes between disk and sockets, which all downloads share. It is bounded, whatever clients do. */

/** A slow client needs no more. For each of 1024 connections, these are 64 MiB. */
const SMALL = { size: 64 << 10, kept: 128 };
/** A fast client costs half of the processor's time with these. There are 48 MiB of them at most. */
const LARGE = { size: 512 << 10, kept: 96 };

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

/** Memory for the bytes between disk and sockets, which all downloads share. It is bounded, whatever clients do. */

interface Sizes {
  /** Bytes for a slow client, which needs no more. */
  readonly small: number;
  /** Bytes for a fast client: they cost less of the processor's time. */
  readonly large: number;
  /** Large ones at most. */
  readonly count: number;
}

/** 48 MiB of large ones, and for each of 1024 connections a small one: 64 MiB. */
const PLAIN: Sizes = { small: 64 << 10, large: 512 << 10, count: 96 };
/** 25 MiB and 16 MiB, as TLS keeps as much again, encrypted. Larger ones do not encrypt faster. A small one is a record. */
const TLS: Sizes = { small: 16 << 10, large: 128 << 10, count: 200 };
/** Bytes of small ones that are kept for the next client. */
const KEPT = 8 << 20;

export class Buffers {
  readonly #sizes: Sizes;
  readonly #fronts: number;
  /** The last one that was given back is taken first, as the processor's cache may still hold it. */
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];
  #largeMade = 0;

  /** @param fronts processes that share the memory */
  constructor(isTls: boolean, fronts: number) {
    [this.#sizes, this.#fronts] = [isTls ? TLS : PLAIN, fronts];
  }

  /** A small one for clients that are slow, and for all while no large one is left. */
  take(isFast: boolean): Buffer {
    const { small, large, count } = this.#sizes;
    if (isFast) {
      const kept = this.#large.pop();
      if (kept !== undefined) return kept;
      if (this.#largeMade++ < count / this.#fronts) return Buffer.allocUnsafeSlow(large);
      this.#largeMade--;
    }
    return this.#small.pop() ?? Buffer.allocUnsafeSlow(small);
  }

  giveBack(buffer: Buffer): void {
    const { small, large } = this.#sizes;
    if (buffer.length === large) this.#large.push(buffer);
    else if (this.#small.length * small < KEPT / this.#fronts) this.#small.push(buffer);
  }

  /** Instead of `giveBack`, for a buffer that the system may still read. */
  giveUp(buffer: Buffer): void {
    if (buffer.length === this.#sizes.large) this.#largeMade--;
  }
}

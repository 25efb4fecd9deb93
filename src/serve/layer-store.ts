/** Results that are made when they are first asked for, kept up to a number of bytes, and made by a few workers at a time. */

interface Options<T> {
  readonly make: (key: string) => Promise<T>;
  /** Bytes of memory. */
  readonly sizeOf: (value: T) => number;
  /** Bytes that are kept. */
  readonly room: number;
  /** Results that are made at the same time. */
  readonly workers: number;
}

export class LayerStore<T> {
  readonly #options: Options<T>;
  /** The longest unused first. */
  readonly #kept = new Map<string, T>();
  readonly #making = new Map<string, Promise<T>>();
  readonly #waiting: (() => void)[] = [];
  #size = 0;
  #busy = 0;

  constructor(options: Options<T>) {
    this.#options = options;
  }

  /** Those who ask for the same result at the same time get the same one. A failure is not kept. */
  get(key: string): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return Promise.resolve(kept);
    }
    const making = this.#making.get(key) ?? this.#make(key).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make(key: string): Promise<T> {
    const { make, sizeOf, room, workers } = this.#options;
    if (this.#busy >= workers) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    try {
      const value = await make(key);
      this.#kept.set(key, value);
      this.#size += sizeOf(value);
      for (const [oldest, other] of this.#kept) {
        if (this.#size <= room) break;
        this.#kept.delete(oldest);
        this.#size -= sizeOf(other);
      }
      return value;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}

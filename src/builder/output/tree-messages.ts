/**
 * Trees as messages between threads. A message copies what it holds, and the trees of a cluster share most of their entries: each
 * entry is sent once, afterwards only its number.
 */
import type { DraftTree } from '../../render/tree/tree.ts';

type Entry = DraftTree[number];

/** An entry, or the number of one that was sent before: the first has the number 0. */
export type TreeMessage = readonly (Entry | number)[];

export class TreeSender {
  readonly #numbers = new Map<Entry, number>();

  pack(tree: DraftTree): TreeMessage {
    return tree.map((entry) => {
      const known = this.#numbers.get(entry);
      if (known === undefined) this.#numbers.set(entry, this.#numbers.size);
      return known ?? entry;
    });
  }
}

export class TreeReceiver {
  readonly #entries: Entry[] = [];

  /** @param message the messages of one sender must come in its order */
  unpack(message: TreeMessage): DraftTree {
    return message.map((sent) => {
      const entry = typeof sent === 'number' ? this.#entries[sent] : sent;
      if (entry === undefined) throw new Error('a message was lost');
      if (entry === sent) this.#entries.push(entry);
      return entry;
    });
  }
}

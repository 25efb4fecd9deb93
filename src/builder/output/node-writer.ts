/**
 * Writes the trees of nodes below one folder. Those of many nodes are written by threads: a thousand nodes are 240,000 calls of the
 * kernel, which take as long as all rendering.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DraftTree } from '../../render/tree/tree.ts';
import { TreeSender, type TreeMessage } from './tree-messages.ts';
import { WrittenFiles, writeNode } from './write-tree.ts';

/** Nodes from which threads are worth their start: one takes 50 ms, as long as a dozen trees. */
const MANY = 50;
/** More threads would only wait for the file system. */
const MOST_THREADS = 4;

export interface WriterTarget {
  /** Holds a folder for each node. */
  readonly folder: string;
  /** Write the values of secrets, not their digests. */
  readonly withSecrets: boolean;
}

export class NodeWriter {
  readonly #target: WriterTarget;
  readonly #written = new WrittenFiles();
  readonly #threads: readonly WriterThread[];
  #count = 0;

  /** @param nodes how many nodes will be written, about */
  constructor(target: WriterTarget, nodes: number) {
    this.#target = target;
    const threads = nodes < MANY || !hasThreads ? 0 : Math.min(availableParallelism(), MOST_THREADS);
    this.#threads = Array.from({ length: threads }, () => new WriterThread(target));
  }

  /** Resolves when the node's folder is complete. @throws the first error of the thread, also for its further nodes */
  async write(node: string, tree: DraftTree): Promise<void> {
    const { folder, withSecrets } = this.#target;
    const thread = this.#threads[this.#count++ % this.#threads.length];
    if (thread === undefined) writeNode(join(folder, node), tree, withSecrets, this.#written);
    else await thread.write(node, tree);
  }

  /** Ends the threads, also in the middle of a node. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** What a thread gets for each node. */
export interface NodeMessage {
  readonly node: string;
  readonly tree: TreeMessage;
}

interface Waiting {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

const THREAD = new URL('./writer-thread.js', import.meta.url);
/** Node.js 20 has no threads in TypeScript, also not with tsx, so there are none when the program runs from its sources. */
const hasThreads = import.meta.filename.endsWith('.js');

class WriterThread {
  readonly #worker: Worker;
  readonly #sender = new TreeSender();
  readonly #waiting = new Map<string, Waiting>();
  #failure: Error | undefined;

  constructor(workerData: WriterTarget) {
    this.#worker = new Worker(THREAD, { workerData });
    this.#worker.on('message', (node: string) => {
      this.#waiting.get(node)?.done();
      this.#waiting.delete(node);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread that writes trees has ended')));
  }

  write(node: string, tree: DraftTree): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#failure !== undefined) return failed(this.#failure);
      this.#waiting.set(node, { done, failed });
      this.#worker.postMessage({ node, tree: this.#sender.pack(tree) } satisfies NodeMessage);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }
}

/** A thread that writes the trees of nodes. It answers each of them with the node's name, and ends with the first error. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { NodeMessage, WriterTarget } from './node-writer.ts';
import { TreeReceiver } from './tree-messages.ts';
import { WrittenFiles, writeNode } from './write-tree.ts';

const { folder, withSecrets } = workerData as WriterTarget;
const received = new TreeReceiver();
const written = new WrittenFiles();

parentPort?.on('message', ({ node, tree }: NodeMessage) => {
  writeNode(join(folder, node), received.unpack(tree), withSecrets, written);
  parentPort?.postMessage(node);
});

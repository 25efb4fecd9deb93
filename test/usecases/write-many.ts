/** Writes trees of many nodes into a folder and prints the errors: `write-many.js FOLDER COUNT`. It is compiled, as the program starts no threads otherwise. */
import { NodeWriter } from '../../src/builder/output/node-writer.ts';
import type { FileEntry } from '../../src/render/tree/tree.ts';

const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
const file = (path: string, content: string, secret: boolean): FileEntry => {
  const common = { type: 'file' as const, mode: secret ? 0o600 : 0o644, uid: 0, gid: 0, origin };
  return { ...common, path, secret, content: new TextEncoder().encode(content) };
};

const [folder = '', count] = process.argv.slice(2);
const shared = file('etc/shared', 'shared\n', false);
const writer = new NodeWriter({ folder, withSecrets: false }, Number(count));
const nodes = Array.from({ length: Number(count) }, (_, index) => `node-${String(index)}`);
try {
  const writing = nodes.map((node) =>
    writer.write(node, [file('etc/own', node, false), file('key', node, true), shared]),
  );
  const outcomes = await Promise.allSettled(writing);
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as object] : []));
  process.stdout.write(JSON.stringify(failed.map((error) => ({ ...error }))));
} finally {
  await writer.close();
}

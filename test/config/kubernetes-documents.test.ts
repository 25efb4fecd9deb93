/** Documents of upstream in definitions: how they are merged, and the examples of docs/KUBERNETES.md, which load without errors. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Fields, fieldOf, merged, overlaid } from '../../src/config/kubernetes/documents.ts';
import { loadCluster } from '../../src/config/load.ts';
import { soloDefinition } from './solo.ts';

test('groups are merged, other values replace, and null removes', () => {
  const ours = { a: { b: 1, c: [1, 2] }, d: 'x', e: true };
  expect(merged(ours, { a: { c: [3] }, d: { f: 1 }, e: null })).toEqual({ a: { b: 1, c: [3] }, d: { f: 1 } });
  expect(merged(ours, null)).toEqual(ours);
  expect(merged({ a: 1 }, { a: { b: null, c: 2 } })).toEqual({ a: { c: 2 } });
});

test('null of a node removes a value of the cluster, and coldstart’s below it', () => {
  const both = overlaid({ eventRecordQPS: 9 }, { eventRecordQPS: null });
  expect(merged({ eventRecordQPS: 5, readOnlyPort: 0 }, both)).toEqual({ readOnlyPort: 0 });
});

test('a value in the place of a group stands for all fields below it', () => {
  expect(fieldOf({ a: { b: 1 } }, ['a', 'b'])).toEqual({ path: ['a', 'b'], value: 1 });
  expect(fieldOf({ a: null }, ['a', 'b'])).toEqual({ path: ['a'], value: undefined });
  expect(fieldOf({ a: {} }, ['a', 'b'])).toBeUndefined();
});

const page = readFileSync(join(import.meta.dirname, '../../docs/KUBERNETES.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');

test.each(blocks)('%s', async (text) => {
  const { cluster = {}, node = {} } = parse(text) as { cluster?: Fields; node?: Fields };
  const whole = parse(soloDefinition()) as { cluster: Fields; nodes: readonly Fields[] };
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-documents-'));
  const nodes = whole.nodes.map((one) => overlaid(one, node));
  writeFileSync(join(folder, 'cluster.yaml'), stringify({ cluster: overlaid(whole.cluster, cluster), nodes }));
  writeFileSync(join(folder, 'cilium.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: cilium }\n');
  const { diagnostics } = await loadCluster(folder);
  rmSync(folder, { recursive: true });
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
});

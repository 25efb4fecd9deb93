/**
 * One mistake gives one diagnostic: every value and key of valid definitions is spoilt in turn, and there is exactly
 * one error, at its place. So no rule draws conclusions from a faulty and therefore omitted value, or from values that
 * depend on it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Node } from 'yaml';
import { loadCluster } from '../../src/config/load.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const folder = mkdtempSync(join(tmpdir(), 'coldstart-one-mistake-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Mutant {
  readonly what: string;
  readonly text: string;
  /** Of the spoilt key or value; a group's error may stand at its key. */
  readonly lines: readonly number[];
}

const WAYS = [
  ['wrong type', '{ odd: 1 }'],
  ['wrong value', '"\\0"'],
  ['nothing', '~'],
] as const;

type Range = readonly [number, number, ...number[]];

/** Each value in turn of another type, of another form or nothing, each key in turn misspelt or made up. Of several ways, one. */
function mutants(text: string): Mutant[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const found: Mutant[] = [];
  const spoil = (what: string, range: Range, by: string, key?: Range): void => {
    // The range of a block takes in the line feed at its end.
    const end = range[0] + text.slice(range[0], range[1]).trimEnd().length;
    const lines = [range, ...(key ? [key] : [])].map(([start]) => counter.linePos(start).line);
    found.push({
      what: `${what} of ${text.slice(range[0], end)}`,
      text: text.slice(0, range[0]) + by + text.slice(end),
      lines,
    });
  };
  const spoilValue = (value: Node, key?: Range): void => {
    const { range } = value;
    if (!range) return;
    const [what, by] = WAYS[found.length % WAYS.length] ?? WAYS[0];
    if (isScalar(value)) spoil(what, range, by, key);
    else spoil('wrong type', range, isSeq(value) ? '{ odd: 1 }' : '"odd"', key);
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !key.range) return;
      const isMisspelt = found.length % 3 > 0;
      spoil(isMisspelt ? 'misspelt' : 'made up', key.range, isMisspelt ? `${String(key.value)}x` : 'qqqqqqqq');
      if (isScalar(value) || isSeq(value) || isMap(value)) spoilValue(value, key.range);
    },
    Seq: (_, { items }) => items.forEach((item) => spoilValue(item as Node)),
  });
  return found;
}

/** Labels and options of bonds are not called by us. */
const isFree = ({ what }: Mutant): boolean => /of (miimon|lacp_rate|topology)/.test(what);

const FILES = {
  'quick-start': ['cluster.yaml', 'nodes/worker-01.yaml'],
  'single-node': ['cluster.yaml'],
  'three-masters-ceph': ['cluster.yaml', 'nodes/worker-02.yaml'],
};

describe.each(Object.entries(FILES))('%s', (example, files) => {
  test.each(files)(
    '%s',
    async (file) => {
      const copy = join(folder, `${example}-${file.replace('/', '-')}`);
      cpSync(join(EXAMPLES, example), copy, { recursive: true });
      const text = readFileSync(join(copy, file), 'utf8');
      const wrong: string[] = [];
      for (const mutant of mutants(text).filter((one) => !isFree(one))) {
        writeFileSync(join(copy, file), mutant.text);
        const { diagnostics } = await loadCluster(copy);
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        const [first] = errors;
        const isThere = first?.at?.file === file && mutant.lines.includes(first.at.line);
        if (errors.length === 1 && isThere) continue;
        wrong.push(
          `${mutant.what}: ${errors.map(({ code, at }) => `${code} ${at?.file ?? ''}:${String(at?.line)}`).join(', ')}`,
        );
      }
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

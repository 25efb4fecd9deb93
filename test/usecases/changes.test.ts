/** Which images a change of the definition changes: the table of docs/CHANGES.md, row by row, with a secrets store that is kept. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Cluster } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { isTakenLive } from '../../src/render/catalog/live.ts';
import { planImages, wholeNode } from '../../src/render/plan/plan.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { SOURCES } from '../render/sources.ts';
import { CHANGES, definition, SETS, type Definition } from './changed-cluster.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/CHANGES.md'), 'utf8');

async function load(of: Definition): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-changes-'));
  try {
    writeFileSync(join(folder, 'cluster.yaml'), stringify(of));
    const { value, diagnostics } = await loadCluster(folder);
    if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    return value;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All of an image that follows from the definition: the plan and every file, by node. A file is a line. */
async function imagesOf(
  of: Definition,
  kept: Store | null,
): Promise<{ images: Map<string, Set<string>>; store: Store }> {
  const cluster = await load(of);
  const { store } = await completeStore(kept, needsOf(cluster), { now: NOW, random: systemRandomness });
  const { value: plan } = planImages(cluster, SOURCES);
  const images = cluster.nodes.map((node) => {
    const { packages, debian, formats, kernelArgs } = plan?.nodes.find((one) => one.node === node.name) ?? {};
    const lines = inventory(wholeNode(cluster, node, SOURCES, store)).split('\n');
    return [node.name, new Set([...lines, JSON.stringify({ packages, debian, formats, kernelArgs })])] as const;
  });
  return { images: new Map(images), store };
}

const bases = new Map<number, ReturnType<typeof imagesOf>>();
function baseOf(masters: number) {
  const made = bases.get(masters) ?? imagesOf(definition(masters), null);
  bases.set(masters, made);
  return made;
}

/** Lines `node: path` for the files that differ; new and removed nodes have one line. */
async function differences(
  edit: (to: Definition) => void,
  masters = 3,
  prepare?: (to: Definition) => void,
): Promise<string[]> {
  const to = definition(masters);
  prepare?.(to);
  const before = await (prepare === undefined ? baseOf(masters) : imagesOf(structuredClone(to), null));
  edit(to);
  const after = await imagesOf(to, before.store);
  const names = [...new Set([...before.images.keys(), ...after.images.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before.images.get(name), after.images.get(name)];
    if (was === undefined || is === undefined) return [`${name}: whole`];
    const lines = [...was, ...is].filter((line) => !(was.has(line) && is.has(line)));
    return lines.map((line) => `${name}: ${line.split(' ').slice(4).join(' ') || line}`);
  });
}

const nodesOf = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.replace(/:.*/, '')))];

describe.each(CHANGES)('$change: $differ', ({ differ, edits }) => {
  test.each(edits.map((one, index) => ({ ...one, of: one.node ?? 'cluster', index })))(
    'edit $index, of $of',
    async ({ node, edit, masters = 3, before }) => {
      const to = definition(masters);
      edit(to);
      const named = [...definition(masters).nodes, ...to.nodes].filter(
        ({ name, roles }) => name === node || SETS[differ](roles),
      );
      const lines = await differences(edit, masters, before);
      expect(nodesOf(lines), lines.join('\n')).toEqual([...new Set(named.map(({ name }) => name))].sort());
    },
  );
});

test('the first worker changes no other image', async () => {
  const { cluster, nodes } = definition();
  const masters: Definition = { cluster, nodes: nodes.filter(({ roles }) => !roles.includes('worker')) };
  const before = await imagesOf(masters, null);
  const after = await imagesOf(
    { ...masters, nodes: [...masters.nodes, ...nodes.filter(({ name }) => name === 'w-1')] },
    before.store,
  );
  const lines = (images: Awaited<ReturnType<typeof imagesOf>>, name: string) => [...(images.images.get(name) ?? [])];
  const different = masters.nodes.filter(({ name }) => lines(before, name).join() !== lines(after, name).join());
  expect(different).toEqual([]);
});

test('docs/CHANGES.md has exactly these rows', () => {
  const rows = [...PAGE.matchAll(/^\| (.+?) +\| (.+?) +\| .+\|$/gm)].map(([, change, differ]) => [change, differ]);
  expect(rows.slice(1).filter(([change]) => !change?.startsWith('--'))).toEqual(
    CHANGES.map(({ change, differ }) => [change, differ]),
  );
});

describe('what running nodes take without a restart', () => {
  const edits: Readonly<Record<string, (to: Definition) => void>> = {
    'a label': ({ nodes }) => void Object.assign(nodes.at(-1)!, { labels: { tier: 'gold' } }),
    'a label that masters set': ({ nodes }) =>
      void Object.assign(nodes.at(-1)!, { labels: { 'node-restriction.kubernetes.io/tier': 'gold' } }),
    'an annotation': ({ nodes }) => void Object.assign(nodes.at(-1)!, { annotations: { team: 'blue' } }),
  };
  test.each(Object.entries(edits))('%s', async (_, edit) => {
    const paths = (await differences(edit)).map((line) => line.replace(/^[^:]+: /, ''));
    expect(paths).not.toEqual([]);
    expect(paths.filter((path) => !isTakenLive(path))).toEqual([]);
  });

  test('not a kernel setting', async () => {
    const lines = await differences(
      ({ nodes }) => void Object.assign(nodes.at(-1)!, { sysctl: { 'vm.swappiness': 1 } }),
    );
    expect(lines.some((line) => !isTakenLive(line.replace(/^[^:]+: /, '')))).toBe(true);
  });
});

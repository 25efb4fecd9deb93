import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareClusters, type NodeState } from '../../src/usecases/review/comparison.ts';
import { formatComparison, patchText, summarize } from '../../src/cli/text/comparison.ts';
import { snapshotOf } from '../../src/render/tree/diff.ts';
import type { ImagePlan } from '../../src/render/plan/plan.ts';
import type { FileEntry, TreeEntry } from '../../src/render/tree/tree.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
const file = (path: string, content: string, of: Partial<FileEntry> = {}): FileEntry => {
  const data = new TextEncoder().encode(content);
  return { type: 'file', path, content: data, secret: false, mode: 0o644, uid: 0, gid: 0, origin, ...of };
};
const link = (path: string, target: string): TreeEntry => {
  return { type: 'symlink', path, target, mode: 0o777, uid: 0, gid: 0, origin };
};
const image = (kernelArgs: readonly string[]): ImagePlan => ({
  ...{ node: 'n', bootRole: 'worker', roles: ['worker'], formats: ['iso'], install: false, shared: '' },
  ...{ files: [], secrets: [] },
  ...{ packages: { sets: ['common'], names: ['apt'] }, kernelArgs },
});

const state = (entries: readonly TreeEntry[], plan: ImagePlan | null = null): NodeState => {
  return { image: plan, snapshot: snapshotOf(entries) };
};

function textOf(before: Record<string, NodeState>, after: Record<string, NodeState>, verbose = false): string {
  const changes = compareClusters(new Map(Object.entries(before)), new Map(Object.entries(after)));
  return formatComparison(changes, verbose);
}

test('everything that can change of an entry', () => {
  const before = [
    file('content', 'a\nb\n'),
    file('gone', 'x\n'),
    link('link', 'here'),
    file('mode', 'm'),
    file('shape', 's\n'),
  ];
  const after = [
    file('content', 'a\nc\n'),
    link('link', 'there'),
    file('mode', 'm', { mode: 0o600, uid: 64045, gid: 7 }),
    file('new', 'n', { mode: 0o755 }),
    link('new-link', 'new'),
    link('shape', 'round'),
  ];
  expect(textOf({ n: state(before) }, { n: state(after) })).toBe(`node n: 4 files changed, 2 files added, 1 file removed
diff n/content
--- a/n/content
+++ b/n/content
@@ -1,2 +1,2 @@
 a
-b
+c
diff n/gone
deleted file mode 0644 owner 0:0
--- a/n/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
diff n/link
old target here
new target there
diff n/mode
old mode 0644
new mode 0600
old owner 0:0
new owner 64045:7
diff n/new
new file mode 0755 owner 0:0
--- /dev/null
+++ b/n/new
@@ -0,0 +1 @@
+n
\\ No newline at end of file
diff n/new-link
new symlink -> new
diff n/shape
old type file
new type symlink
old mode 0644
new mode 0777
new target round
--- a/n/shape
+++ /dev/null
@@ -1 +0,0 @@
-s
1 of 1 node differs: 4 files changed, 2 files added, 1 file removed.
`);
});

test('a change that nodes have alike is shown once', () => {
  const nodes = (content: string): Record<string, NodeState> => ({
    a: state([file('etc/hosts', content)]),
    b: state([file('etc/hosts', content)]),
    c: state([file('etc/hosts', 'own\n')]),
  });
  expect(textOf(nodes('1\n'), nodes('2\n'))).toBe(`node a: 1 file changed
diff a/etc/hosts
--- a/a/etc/hosts
+++ b/a/etc/hosts
@@ -1 +1 @@
-1
+2
node b: 1 file changed
diff b/etc/hosts
as in a/etc/hosts
unchanged: c
2 of 3 nodes differ: 2 files changed.
`);
});

test('what is no file of the image', () => {
  const before = { n: state([], image(['quiet'])) };
  expect(textOf(before, { n: state([], image(['quiet', 'debug'])) })).toBe(`node n: image changed, no file changed
diff n (image)
@@ -5,0 +6 @@
+kernel argument debug
1 of 1 node differs: no file changed.
`);
  expect(textOf(before, { n: state([], null) })).toBe('unchanged: n\nNo differences in 1 node.\n');
});

test('nodes that come and go are counted, and shown with verbose', () => {
  const [before, after] = [{ old: state([file('a', 'x\n')]) }, { new: state([file('a', 'x\n')]) }];
  const summary = '2 of 2 nodes differ: 1 file added, 1 file removed.\n';
  expect(textOf(before, after)).toBe(`node new: added, 1 file\nnode old: removed, 1 file\n${summary}`);
  expect(textOf(before, after, true)).toBe(`node new: added, 1 file
diff new/a
new file mode 0644 owner 0:0
--- /dev/null
+++ b/new/a
@@ -0,0 +1 @@
+x
node old: removed, 1 file
diff old/a
deleted file mode 0644 owner 0:0
--- a/old/a
+++ /dev/null
@@ -1 +0,0 @@
-x
${summary}`);
});

test('no nodes at all', () => {
  expect(summarize([])).toBe('No differences in 0 nodes.');
});

const hasPatch = ((): boolean => {
  try {
    execFileSync('patch', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasPatch)('patch(1) turns the old file into the new one (needs the program patch)', async () => {
  const root = await temporaryFolder();
  const path = join(root, 'n/f');
  mkdirSync(dirname(path));
  const text = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y'), { minLength: 1, maxLength: 15 }), fc.boolean())
    .map(([lines, ended]) => lines.join('\n') + (ended ? '\n' : ''))
    .filter((content) => content !== '');
  fc.assert(
    fc.property(text, text, (from, to) => {
      fc.pre(from !== to);
      const [before = null, after = null] = [...snapshotOf([file('f', from)]), ...snapshotOf([file('f', to)])];
      writeFileSync(path, from);
      const input = patchText('n/f', { path: 'f', before, after });
      execFileSync('patch', ['-p1', '--quiet', '--fuzz=0'], { cwd: root, input });
      expect(readFileSync(path, 'utf8')).toBe(to);
    }),
    { numRuns: 40 },
  );
});

/** The output format of diagnostics for people and for machines. */
import { expect, test } from 'vitest';
import { diagnostic, exitClass } from '../../src/diagnostics/codes.ts';
import { diagnosticToJson, formatDiagnostics } from '../../src/diagnostics/format.ts';
import { createReport } from '../../src/diagnostics/report.ts';
import { createSource } from '../../src/diagnostics/source.ts';

const text = 'cluster:\n  name: lab\nnodes:\n  - name: a\n    adress: 10.0.0.1\n\t\n  - name: a\n';
const source = createSource('cluster.yaml', text.replace('\t\n', ''));
const options = { colour: false, frame: source.frame };

test('a frame with a hint', () => {
  const at = source.locateKey(['nodes', 0, 'adress']).at;
  const values = { key: 'adress', parent: 'a node', known: '' };
  const found = diagnostic('config/unknown-key', values, { at, hint: 'did you mean `address`?' });
  expect(formatDiagnostics([found], options)).toBe(`error config/unknown-key: \`adress\` is not a setting of a node.
  --> cluster.yaml:5:5  nodes[0].adress
   |
 5 |     adress: 10.0.0.1
   |     ^^^^^^
   = hint: did you mean \`address\`?

1 error
`);
});

test('a related place, and a place without text', () => {
  const place = (index: number) => source.locate(['nodes', index, 'name']).at;
  const related = [{ message: 'first here', at: place(0) }];
  const found = diagnostic('node/duplicate-name', { node: 'a' }, { at: place(1), related, hint: null });
  const elsewhere = { file: 'nodes/b.yml', line: 12, column: 1, length: 1, path: '' };
  const ignored = diagnostic('node/ignored-file', { file: 'nodes/b.yml' }, { at: elsewhere });
  expect(
    formatDiagnostics([found, ignored], {
      colour: false,
      frame: (at) => (at.file === 'cluster.yaml' ? source.frame(at) : undefined),
    }),
  ).toBe(`error node/duplicate-name: Two nodes have the name \`a\`.
  --> cluster.yaml:6:11  nodes[1].name
   |
 6 |   - name: a
   |           ^
  --> cluster.yaml:4:11  nodes[0].name  (first here)
   |
 4 |   - name: a
   |           ^

warning node/ignored-file: \`nodes/b.yml\` is not read: only \`nodes/*.yaml\` are.
   --> nodes/b.yml:12:1
    = hint: rename it so that it ends in \`.yaml\`

1 error, 1 warning
`);
});

test('colour changes no letter', () => {
  const found = diagnostic('cluster/no-master', {}, { at: source.locate(['nodes']).at });
  const coloured = formatDiagnostics([found], { ...options, colour: true });
  // eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
  expect(coloured.replace(/\x1b\[[0-9;]*m/g, '')).toBe(formatDiagnostics([found], options));
  expect(coloured).toContain('\x1b[1;31merror cluster/no-master\x1b[0m');
});

test('nothing to say is no text', () => {
  expect(formatDiagnostics([], options)).toBe('');
});

test('JSON is one line with fixed keys', () => {
  const found = diagnostic('cluster/no-master', {}, { at: source.locate(['cluster', 'name']).at, hint: null });
  expect(diagnosticToJson(found)).toBe(
    '{"type":"diagnostic","severity":"error","code":"cluster/no-master",' +
      '"message":"No node has the role `master`, so the cluster cannot start.",' +
      '"at":{"file":"cluster.yaml","line":2,"column":9,"length":3,"path":"cluster.name"}}',
  );
});

test('a report sorts by place and lists a fact once', () => {
  const report = createReport();
  const at = (file: string, line: number) => ({ file, line, column: 1, length: 1, path: '' });
  report.add('config/tab-indent', {}, { at: at('nodes/a.yaml', 1) });
  report.add('config/tab-indent', {}, { at: at('cluster.yaml', 10) });
  report.add('config/tab-indent', {}, { at: at('cluster.yaml', 9) });
  report.add('config/tab-indent', {}, { at: at('cluster.yaml', 9) });
  report.add('config/not-found', { path: 'x' });
  const places = report.diagnostics().map((found) => `${found.at?.file ?? '-'}:${found.at?.line ?? 0}`);
  expect(places).toEqual(['-:0', 'cluster.yaml:9', 'cluster.yaml:10', 'nodes/a.yaml:1']);
});

test('the exit code follows the errors', () => {
  const wrong = diagnostic('cluster/no-master', {});
  const unsupported = diagnostic('kubernetes/unsupported-version', {
    version: '1.20',
    reason: 'old',
    supported: '1.33',
  });
  const warning = diagnostic('cluster/no-worker', {});
  expect([[], [warning], [unsupported, warning], [unsupported, wrong]].map(exitClass)).toEqual([0, 0, 3, 2]);
});

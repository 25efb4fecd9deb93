/** Usual slips in YAML: one diagnostic each, at the slip, with a useful hint; and unusual but valid YAML. */
import { expect, test } from 'vitest';
import { readYaml } from '../../../src/config/yaml/yaml.ts';
import { createReport } from '../../../src/diagnostics/report.ts';

const GOOD = `cluster:
  name: lab
  networking:
    gateway: 10.0.0.1
    dns: [10.0.0.2]
nodes:
  - name: a
    ip: 10.0.0.3
    roles: [master]
  - name: b
    ip: 10.0.0.4
    labels: { x: y }
`;

function said(text: string): string[] {
  const report = createReport();
  readYaml('cluster.yaml', text, report);
  return report.diagnostics().map(({ message, hint, at }) => `${String(at?.line)}: ${message} (${hint ?? ''})`);
}

test.each([
  ['an en dash as list mark', '  - name: b', '  – name: b', '10: This is not YAML: an en dash (U+2013) stands where'],
  ['a bullet as list mark', '  - name: a', '  • name: a', '7: This is not YAML: a bullet (U+2022)'],
  ['a full-width colon', 'gateway: ', 'gateway：', '4: This is not YAML: a full-width colon (U+FF1A)'],
  [
    'a non-breaking space in the indentation',
    '    gateway',
    '  \u00a0 gateway',
    '4: This is not YAML: a non-breaking space',
  ],
  ['a non-breaking space after the colon', 'gateway: ', 'gateway:\u00a0', '4: This is not YAML: a non-breaking space'],
  ['typographic quotes', 'name: lab', 'name: “lab: x”', '2: This is not YAML: a typographic quote (U+201C)'],
  ['no blank after the colon', 'name: lab', 'name:lab', '2: This is not YAML: a space is missing after the colon'],
  ['no blank after the dash', '- name: b', '-name: b', '10: This is not YAML: a space is missing after the `-`'],
  ['an equals sign', 'gateway: ', 'gateway = ', '4: This is not YAML: `=` stands where a colon is meant'],
  [
    'a colon in a bare text',
    'name: lab',
    'name: lab: x',
    '2: This is not YAML: a text without quotes cannot hold a colon',
  ],
  [
    'a bare text that begins with @',
    'name: lab',
    'name: @lab',
    '2: This is not YAML: a text without quotes cannot start with `@`',
  ],
  ['a bare text that begins with *', 'name: lab', 'name: *.lab', '2: This is not YAML: `*` in front of a text means'],
  [
    'a marked value that is not there',
    'gateway: 10.0.0.1',
    'gateway: *gw',
    '4: This is not YAML: `*gw` repeats the value that `&gw` marks, but there is no `&gw` before it. (write `&gw` in front of the value to repeat, further up in the file; if it is a text, put it in quotes)',
  ],
  [
    'a marked value under a misspelt name',
    'ip: 10.0.0.3\n    roles: [master]\n  - name: b\n    ip: 10.0.0.4',
    'ip: &address 10.0.0.3\n    roles: [master]\n  - name: b\n    ip: *adress',
    '11: This is not YAML: `*adress` repeats the value that `&adress` marks, but there is no `&adress` before it. (did you mean `*address`?)',
  ],
  [
    'a marked map that is not there',
    'labels: { x: y }',
    '<<: *common',
    '12: This is not YAML: `*common` repeats the value that `&common` marks, but there is no `&common` before it. (write `&common` in front of the map to repeat, further up in the file)',
  ],
  ['a mark of a template', 'name: lab', 'name: {{ name }}', '2: This is not YAML: the mark of a template'],
  [
    'an open list',
    '[10.0.0.2]',
    '[10.0.0.2',
    '5: This is not YAML: the list that opens here is not closed. (close it with `]`)',
  ],
  [
    'an open map',
    '{ x: y }',
    '{ x: y',
    '12: This is not YAML: the map that opens here is not closed. (close it with `}`)',
  ],
  [
    'an open quote',
    'name: lab',
    'name: "lab',
    '2: This is not YAML: the quote that opens here is not closed. (close it with `"`)',
  ],
  ['a quote inside quotes', 'name: lab', "name: 'it's'", '2: This is not YAML: a quote inside the text ends it'],
  ['one bracket too many', '[10.0.0.2]', '[10.0.0.2]]', '5: This is not YAML: something follows what is complete'],
  [
    'a line too far to the left',
    '    gateway',
    '   gateway',
    '4: This is not YAML: this line begins too far to the left. (indent it with 4',
  ],
  [
    'a line too far to the right',
    '    dns',
    '     dns',
    '5: This is not YAML: this line begins too far to the right. (indent it with 4',
  ],
  [
    'an entry too far to the left',
    '  - name: b',
    ' - name: b',
    '10: This is not YAML: this line begins too far to the left. (indent it with 2',
  ],
  ['no value', 'gateway: 10.0.0.1', 'gateway', '4: This is not YAML: this is neither `key: value` nor an entry'],
  ['tabs', '    gateway: 10.0.0.1\n    dns', '\tgateway: 10.0.0.1\n\tdns', '4: The indentation contains a tab'],
  [
    'a merge conflict',
    '  name: lab',
    '<<<<<<< HEAD\n  name: lab\n=======\n  name: x\n>>>>>>> b',
    '2: This is not YAML: it contains an unresolved merge conflict of git',
  ],
  ['a second document', 'nodes:', '---\nnodes:', '6: A second YAML document starts here'],
])('%s', (_, from, to, expected) => {
  expect(GOOD).toContain(from);
  const found = said(GOOD.replace(from, to));
  expect(found.map((one) => one.slice(0, expected.length))).toEqual([expected]);
});

test('a value that must not be shown is not in the reason', () => {
  expect(said(GOOD.replace('name: lab', 'token: @hunter2: x')).join()).not.toContain('hunter2');
});

test.each([
  ['Windows line ends', GOOD.replaceAll('\n', '\r\n')],
  ['JSON', '{"cluster": {"name": "lab"}, "nodes": []}'],
  ['a mark at the start, and comments', `# a comment\n---\n${GOOD}`],
  ['anchors and merge keys', 'base: &b { x: 1 }\nother: { <<: *b, y: 2 }\n'],
])('%s are YAML', (_, text) => {
  expect(said(text)).toEqual([]);
});

test('a key that is set twice is open, with its path', () => {
  const report = createReport();
  const read = readYaml('cluster.yaml', GOOD.replace('    ip: 10.0.0.4', '    ip: 10.0.0.4\n    ip: 10.0.0.5'), report);
  expect(read.faults).toEqual([{ path: ['nodes', 1, 'ip'], open: [['nodes', 1, 'ip']] }]);
});

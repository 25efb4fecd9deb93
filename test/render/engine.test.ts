/**
 * The template engine: the error for a faulty template or value names template and line, and nothing is dropped
 * silently.
 */
import { expect, test } from 'vitest';
import { compileTemplate, TemplateError } from '../../src/render/engine/engine.ts';
import type { Format } from '../../src/render/engine/escape.ts';

const render = (text: string, view: object, format: Format = 'line'): string =>
  compileTemplate('etc/x.ejs', text, format)(view);

function failure(text: string, view: object): Pick<TemplateError, 'message' | 'line' | 'unrepresentable'> {
  try {
    render(text, view);
  } catch (error) {
    if (error instanceof TemplateError) return { ...error, message: error.message };
    throw error;
  }
  throw new Error('the template was rendered');
}

test('values are escaped for the format, text is not', () => {
  expect(render('A=<%= it.a %> "\n', { a: '$1' }, 'env')).toBe('A="\\$1" "\n');
});

test('a template sees lists, objects and conditions', () => {
  const text = '<% for (const { name } of it.list) { -%>\n<%= name %>\n<% } -%>\n';
  expect(render(text, { list: [{ name: 'a' }, { name: 'b' }] })).toBe('a\nb\n');
});

test('a list can be escaped as a whole', () => {
  expect(render('<%= it.list %>', { list: ['a', 'b'] }, 'keyfile')).toBe('a;b;');
});

test.each([
  ['a missing key', 'one\n<%= it.nope %>', '`nope` is not part of the view'],
  ['a missing key in a condition', 'one\n<% if (it.nope) { %>x<% } %>', '`nope` is not part of the view'],
  ['a missing key further down', 'one\n<%= it.a.nope %>', '`nope` is not part of the view'],
  ['a key that objects inherit', 'one\n<%= it.toString %>', '`toString` is not part of the view'],
  ['a name that is not a local', 'one\n<%= name %>', 'name is not defined'],
])('%s is an error of the template', (_, text, reason) => {
  expect(failure(text, { a: {}, name: 'x' })).toMatchObject({
    message: `templates/etc/x.ejs:2: ${reason}`,
    line: 2,
    unrepresentable: false,
  });
});

test('a value that the format cannot hold is told apart, and is not shown', () => {
  expect(failure('one\ntwo\n<%= it.a %>', { a: 'hunter2\n' })).toMatchObject({
    message: 'templates/etc/x.ejs:3: a control character or line break cannot be written here',
    line: 3,
    unrepresentable: true,
  });
});

/** The generated files are current, and the schema for editors accepts everything that the program accepts. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from '../../../scripts/generate-docs.ts';
import { jsonSchema } from '../../../src/config/schema/json-schema.ts';

const root = join(import.meta.dirname, '../../..');

test.each([...generatedFiles()])('%s is current; `npm run docs` makes it so', (path, text) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text);
});

const validate = new Ajv({ strict: false, allErrors: true }).compile(jsonSchema());
const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /(^|\/)(cluster|nodes\/[^/]+)\.yaml$/.test(path))
  .sort();

describe.each(examples)('examples/%s', (path) => {
  const text = readFileSync(join(root, 'examples', path), 'utf8');

  test('fits the JSON schema', () => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  test('names the schema for editors', () => {
    const up = '../'.repeat(path.split('/').length);
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${up}schema.json`);
  });
});

test('the JSON schema refuses what is misspelt', () => {
  expect(validate({ cluster: { name: 'lab', networkng: {} }, nodes: [{ name: 'a' }] })).toBe(false);
  expect(validate({ node: { name: 'a', adress: 'x' } })).toBe(false);
});

test('every setting is described', () => {
  const undescribed: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries((schema as { properties?: Record<string, object> }).properties ?? {})) {
      if (!('description' in value)) undescribed.push(`${path}.${key}`);
    }
    for (const [key, value] of Object.entries(schema)) visit(value, `${path}.${key}`);
  };
  visit(jsonSchema(), '');
  expect(undescribed).toEqual([]);
});

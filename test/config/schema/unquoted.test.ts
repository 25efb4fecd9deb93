/**
 * Every setting that is a text, written without quotes in each form that YAML reads as another type: there is one
 * diagnostic, with the user's text, and the value with the quotes that the hint proposes is accepted by the schema.
 */
import * as z from 'zod';
import { expect, test } from 'vitest';
import { createReport } from '../../../src/diagnostics/report.ts';
import { createSource } from '../../../src/diagnostics/source.ts';
import { reportIssues } from '../../../src/config/definition/issues.ts';
import { reportLiteralNumbers } from '../../../src/config/yaml/literal-numbers.ts';
import { clusterFile } from '../../../src/config/schema/cluster.ts';
import { parts } from './schema-parts.ts';

const FORMS = [
  '168430102',
  '0123',
  '0o17',
  '0x1F',
  '1.35',
  '-7',
  '.5',
  '1e5',
  '12345678901234567890',
  'true',
  'null',
  '~',
];

function said(key: string, schema: z.ZodType, value: string) {
  const source = createSource('cluster.yaml', `${key}: ${value}\n`);
  const checked = { source, schema: z.strictObject({ [key]: schema }), data: source.document.toJS() as unknown };
  const report = createReport();
  reportIssues(checked, report);
  reportLiteralNumbers(checked, report);
  return report.diagnostics();
}

const takesText = (schema: z.ZodType): boolean => ['a text', 'none'].some((text) => schema.safeParse(text).success);
const settings = [...parts(clusterFile, '')].flatMap(([path, schema]) => {
  const key = /\.(\w+)[^.]*$/.exec(path)?.[1];
  const type = (schema as z.ZodType).type;
  const isText = type === 'pipe' || type === 'string' || (type === 'union' && takesText(schema as z.ZodType));
  return key !== undefined && isText ? [[path, key, schema as z.ZodType] as const] : [];
});

test('there are settings of all kinds', () => {
  expect(settings.length).toBeGreaterThan(80);
});

test.each(settings)('%s', (_, key, schema) => {
  for (const form of FORMS) {
    const found = said(key, schema, form);
    const quoted = said(key, schema, `'${form}'`);
    const read = createSource('x', form).document.toJS() as unknown;
    // A number that is written as one may be accepted where numbers are.
    if (found.length === 0) expect(String(read), form).toBe(form);
    const [first] = found;
    if (!first) continue;
    expect(found, form).toHaveLength(1);
    const { code, message, hint = '' } = first;
    if (code !== 'config/wrong-secret') expect(message).toContain(`\`${form}\``);
    else expect(`${message}${hint}`).not.toContain(form);
    // It asks for quotes where they help, and only there.
    expect(hint.includes('in quotes'), `${form}: ${message} ${hint}`).toBe(quoted.length === 0);
  }
});

/**
 * Settings that accept a text or a number, e.g. kernel settings. A number is passed on as decimal digits, so users must write it
 * that way: YAML would change the text of `0x1F`, `010` or `1e5` (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
 */
import { visit } from 'yaml';
import type { Path } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Checked } from '../definition/checked.ts';
import { schemaAt, unwrap, type Schema } from '../schema/inspect.ts';
import type { Fault } from '../definition/suppose.ts';
import { reportWrongValue } from '../definition/wrong-value.ts';
import { pathOf } from './path.ts';

/** Reports numbers in another notation. */
export function reportLiteralNumbers(checked: Checked, report: Report): Fault[] {
  const paths: Path[] = [];
  visit(checked.source.document, {
    Scalar: (key, { value, source }, ancestors) => {
      if (key === 'key' || typeof value !== 'number' || source === String(value)) return;
      const path = pathOf(ancestors, key);
      const schema = schemaAt(checked.schema, path, checked.data);
      if (schema && isTextOrNumber(schema)) paths.push(path);
    },
  });
  for (const path of paths) reportWrongValue(checked, path, {}, report);
  return paths.map((path) => ({ path, open: [path] }));
}

function isTextOrNumber(schema: Schema): boolean {
  const inner = unwrap(schema)._zod.def as { type: string; options?: readonly Schema[] };
  return inner.type === 'union' && (inner.options ?? []).some((option) => unwrap(option)._zod.def.type === 'number');
}

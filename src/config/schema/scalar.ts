/**
 * Describes a text setting with its own format: a function that reads it into its canonical value, and a phrase for users that
 * describes the format.
 */
import * as z from 'zod';

/** The expected values of a schema, as the end of "must be …"; for values with a wrong type or format. */
export const expectations = z.registry<{ readonly expected: string }>();

interface ScalarOptions<T> {
  /** Ends the sentence "must be …". */
  readonly expected: string;
  /** Returns undefined for a text with another format. */
  readonly parse: (text: string) => T | undefined;
  /** For the JSON schema, if a regular expression can describe the format. */
  readonly pattern?: RegExp;
  readonly examples?: readonly string[];
}

/** A text that is read into a `T`. */
export function scalar<T>({ expected, parse, pattern, examples }: ScalarOptions<T>) {
  const schema = z
    .string()
    .meta({ ...(pattern ? { pattern: pattern.source } : {}), ...(examples ? { examples: [...examples] } : {}) })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: text, params: { expected } });
      return z.NEVER;
    });
  return schema.register(expectations, { expected });
}

/** A text that matches a pattern and is kept as it is. */
export function matching(expected: string, pattern: RegExp, examples: readonly string[] = []) {
  return scalar({ expected, pattern, examples, parse: (text) => (pattern.test(text) ? text : undefined) });
}

/** One value or a list of them, read as a list. */
export function oneOrMany<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]).transform((value): z.output<T>[] => {
    return Array.isArray(value) ? value : [value];
  });
}

/**
 * A text or a whole number, read as text: values of kernel settings may look like numbers. The kernel prints several values with
 * tabs between them, and also accepts blanks (kernel/sysctl.c, `proc_dointvec`).
 */
export const textOrNumber = z
  .union([z.string(), z.int()])
  .transform((value, context) => {
    const text = String(value).replace(/\t+/g, ' ');
    if (isLine(text)) return text;
    context.issues.push({ code: 'custom', input: value, params: { expected: 'text on one line' } });
    return z.NEVER;
  })
  .register(expectations, { expected: 'text on one line or a whole number' });

/** Whether a text is one line without control characters, not blank, and has no blanks around it. */
export function isLine(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the pattern has to find control characters
  return text.trim() === text && text !== '' && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}

/** A group of settings; the title reads "… is not a setting of <title>". */
export function group<S extends z.core.$ZodLooseShape>(title: string, shape: S) {
  return z.strictObject(shape).meta({ title });
}

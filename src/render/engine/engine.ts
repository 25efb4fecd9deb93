/**
 * The only wrapper around EJS: compiles a template once, and makes text from it and a view. A template sees only `it`.
 * Every `<%= %>` is escaped for the destination's format. Reading an absent key of the view is an error that names
 * template and line, also inside a condition.
 */
import ejs from 'ejs';
import { ESCAPES, type Format } from './escape.ts';
import { UnrepresentableError } from './error.ts';

/** A failure at one line of one template; `reason` contains no value of the view. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly template: string;
  readonly line: number;
  /** Whether the fault is in the value (the user's) or in the template (ours). */
  readonly unrepresentable: boolean;
  readonly reason: string;

  constructor(template: string, line: number, cause: unknown, reason: string) {
    super(`${template}:${String(line)}: ${reason}`, { cause });
    this.template = template;
    this.line = line;
    this.reason = reason;
    this.unrepresentable = cause instanceof UnrepresentableError;
  }
}

export type Template = (view: object) => string;

/**
 * @param name path of the template under `templates/`, for messages
 * @throws SyntaxError when the template is not EJS
 */
export function compileTemplate(name: string, text: string, format: Format): Template {
  const escape = ESCAPES[format];
  // EJS calls the same function with the file's name when it reports an error, hence the check.
  const escapeUnlessName = (value: unknown): string => (value === name ? name : escape(unwrap(value)));
  const render = ejs.compile(text, {
    strict: true,
    _with: false,
    localsName: 'it',
    filename: name,
    escape: escapeUnlessName,
    // Otherwise EJS copies the view into a plain object, and an absent key of the top level reads as undefined.
    unsafePrototypeLocals: true,
  } as ejs.Options) as (view: ejs.Data) => string;
  return (view) => {
    try {
      return render(strictView(view));
    } catch (error) {
      throw new TemplateError(`templates/${name}`, lineOf(error), error, originalMessage(error));
    }
  };
}

// EJS prepends `<name>:<line>`, an excerpt and an empty line to the message of the original error.
function originalMessage(error: unknown): string {
  return error instanceof Error ? error.message.slice(error.message.lastIndexOf('\n\n') + 1).trim() : String(error);
}

function lineOf(error: unknown): number {
  return error instanceof Error ? Number(/:(\d+)\n/.exec(error.message)?.[1] ?? 0) : 0;
}

const ORIGINAL = Symbol('the object behind a view');

// Escapers of whole values enumerate their keys, so they get the object itself.
function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, ORIGINAL) ?? value) : value;
}

/** A view of `target` that throws when an absent key is read. Optional values are null, never absent. */
function strictView<T extends object>(target: T): T {
  return new Proxy<T>(target, STRICTLY);
}

const STRICTLY: ProxyHandler<object> = {
  get: (target, key) => {
    if (key === ORIGINAL) return target;
    const present = Array.isArray(target) ? key in target : Object.hasOwn(target, key);
    if (!present && typeof key === 'string') throw new Error(`\`${key}\` is not part of the view`);
    const value: unknown = Reflect.get(target, key);
    return typeof value === 'object' && value !== null ? strictView(value) : value;
  },
};

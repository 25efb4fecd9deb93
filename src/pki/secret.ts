/**
 * A value that cannot leak by accident: printing, joining, serialising and inspecting it give `[secret]`. Only `reveal`
 * returns the text, so a search for its callers finds every place where a secret goes.
 */
export interface Secret {
  readonly toString: () => '[secret]';
  readonly toJSON: () => '[secret]';
}

const MASK = '[secret]';
const texts = new WeakMap<object, string>();

const masked = {
  toString: () => MASK,
  toJSON: () => MASK,
  // console.log and vitest's messages call this: https://nodejs.org/api/util.html#utilinspectcustom
  [Symbol.for('nodejs.util.inspect.custom')]: () => MASK,
};

export function secret(text: string): Secret {
  const made = Object.freeze(Object.create(masked) as Secret);
  texts.set(made, text);
  return made;
}

/** The text of a secret. @throws Error for anything that {@link secret} did not make */
export function reveal(value: Secret): string {
  const text = texts.get(value);
  if (text === undefined) throw new Error('not a secret of this process');
  return text;
}

/**
 * A function of an object that is computed once for each object, and forgotten with it. A rule about each node asks the same of
 * the whole cluster again and again: without this, its cost would grow with the square of the number of nodes.
 */
export function memo<K extends object, T>(make: (of: K) => T): (of: K) => T {
  const made = new WeakMap<K, { readonly value: T }>();
  return (of) => {
    let found = made.get(of);
    if (found === undefined) made.set(of, (found = { value: make(of) }));
    return found.value;
  };
}

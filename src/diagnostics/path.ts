/** Setting paths: `nodes[0].ip` as text, `['nodes', 0, 'ip']` as steps. A node's name is allowed: `nodes[master-01].ip`. */

/** A number is a position in a list, a text is a key of a map (or a node's name after `nodes`). */
export type Path = readonly (string | number)[];

/** A path as text for the user; keys with special characters get brackets. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step, index) => {
    const bracketed = typeof step === 'number' || !/^\w+$/.test(step) || path[index - 1] === 'nodes';
    if (bracketed) return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** The inverse of `formatPath`. */
export function parsePath(text: string): Path {
  return [...text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, word]) => {
    if (bracketed === undefined) return word ?? '';
    return /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed;
  });
}

/** Whether a path is equal to another one or below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

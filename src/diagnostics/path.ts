/** Setting paths: `nodes[0].ip` as text, `['nodes', 0, 'ip']` as steps. A node may be named: `nodes[master-01].ip`. */

/** A number is a position in a list; a text a key of a map (or a node's name behind `nodes`). */
export type Path = readonly (string | number)[];

/** Text of a path as the user reads it; keys that are no plain words are bracketed. */
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

/** Whether a path leads to what another one leads to, or below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

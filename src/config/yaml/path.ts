/** Paths of nodes in a YAML document. */
import type { visit } from 'yaml';
import { isPair, isScalar, isSeq } from 'yaml';
import type { Path } from '../../diagnostics/path.ts';

type Ancestors = Parameters<Extract<Parameters<typeof visit>[1], (...args: never[]) => unknown>>[2];

/** The path of a visitor's current node. @param key the position of the node, as passed to the visitor */
export function pathOf(ancestors: Ancestors, key: number | 'key' | 'value' | null): Path {
  return ancestors.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : [];
    if (!isSeq(node)) return [];
    const next = ancestors[index + 1];
    return next ? [node.items.indexOf(next)] : typeof key === 'number' ? [key] : [];
  });
}

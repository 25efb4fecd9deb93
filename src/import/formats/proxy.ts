/** HTTP proxies, which all formats say with three settings. */
import type { Field } from '../input/field.ts';
import { type NodeDraft, share } from '../model.ts';
import { Leaf, OutList } from '../write/out.ts';

/** @param keys the names of the format */
export function putProxy(
  field: Field | undefined,
  nodes: readonly NodeDraft[],
  keys: Readonly<Record<'http' | 'https' | 'no_proxy', string>>,
): void {
  for (const setting of ['http', 'https'] as const) {
    const value = field?.get(keys[setting])?.said();
    if (value && value.value !== '') share(nodes, 'proxy', setting, new Leaf(value.value, value.from));
  }
  const hosts = field?.get(keys.no_proxy)?.texts() ?? [];
  const words = hosts.flatMap(({ value, from }) => value.split(',').map((word) => new Leaf(word.trim(), from))).filter(({ value }) => value !== ''); // prettier-ignore
  if (words.length > 0) share(nodes, 'proxy', 'no_proxy', new OutList(words));
}

/** The nodes of a manifest's YAML, with aliases resolved, for the rules about its objects. */
import { type Document, type Pair, type YAMLMap, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Code, ValuesOf } from '../../../diagnostics/codes.ts';

/** Adds a diagnostic for the fault at an offset in the file. @param hint replaces the hint of the code; null for none */
export type AddFault = <C extends Code>(code: C, values: ValuesOf<C>, offset: number, hint?: string | null) => void;

/** The way through one object of a manifest. */
export interface Walk {
  readonly path: string;
  readonly document: Document;
  readonly add: AddFault;
  /** Diagnostics show no value of a Secret. */
  readonly isSecret: boolean;
  readonly start: number;
  /** Of Kubernetes. */
  readonly version: string;
}

/** The offset of a node in the file; `start` if it has none. */
export const offsetOf = (node: unknown, start: number): number => (isNode(node) ? node.range?.[0] : undefined) ?? start;

const resolved = ({ document }: Walk, node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

/** The map of a node, also through an alias. */
export function mapOf(walk: Walk, node: unknown): YAMLMap | undefined {
  const found = resolved(walk, node);
  return isMap(found) ? found : undefined;
}

export const get = (walk: Walk, map: YAMLMap, key: string): unknown => resolved(walk, map.get(key, true));

/** The node at a path like `spec.template`. */
export function at(walk: Walk, map: YAMLMap, path: string): unknown {
  const keys = path === '' ? [] : path.split('.');
  return keys.reduce<unknown>((node, key) => (isMap(node) ? get(walk, node, key) : undefined), map);
}

/** The text of a field; undefined for any other value. */
export function textOf(walk: Walk, map: YAMLMap, key: string): string | undefined {
  const node = get(walk, map, key);
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/** The items of a list; none of anything else. */
export function elements(walk: Walk, node: unknown): readonly unknown[] {
  const list = resolved(walk, node);
  return isSeq(list) ? list.items.map((item) => resolved(walk, item)) : [];
}

/** The entries of a mapping whose keys are scalars. */
export function pairs(walk: Walk, node: unknown) {
  const map = mapOf(walk, node);
  return (map?.items ?? []).flatMap(({ key, value }: Pair) =>
    isScalar(key) && key.value !== '<<' ? [{ key, value: resolved(walk, value) }] : [],
  );
}

/** Places of settings: resolves paths of the joined definition to the file with the setting. */
import type { Location } from '../../diagnostics/diagnostic.ts';
import { type Path, parsePath } from '../../diagnostics/path.ts';
import type { Located, Source } from '../../diagnostics/source.ts';

/** One of the files that describe a node: `cluster.yaml` (with the position in `nodes`) or `nodes/<name>.yaml`. */
export interface NodePlace {
  readonly name: string;
  readonly source: Source;
  readonly index: number | undefined;
}

export interface Places {
  /** The place of a setting. Nodes are given by name: `nodes[master-01].ip`. If a step is missing, its deepest existing parent. */
  readonly at: (path: Path | string) => Location;
  /** The place of a line of a text setting, counted from 1. */
  readonly line: (path: Path | string, line: number) => Location;
  /** The place of the setting's key. */
  readonly key: (path: Path | string) => Location;
  /** Whether the user wrote the setting at all. */
  readonly has: (path: Path | string) => boolean;
}

/** Resolves paths over `cluster.yaml` and the files of the nodes. */
export function createPlaces(cluster: Source, nodes: readonly NodePlace[]): Places {
  const byName = new Map<string, NodePlace[]>();
  for (const place of nodes) byName.set(place.name, [...(byName.get(place.name) ?? []), place]);
  const candidates = (path: Path): { readonly source: Source; readonly path: Path }[] => {
    const [root, name, ...rest] = path;
    if (root !== 'nodes' || typeof name !== 'string') return [{ source: cluster, path }];
    const said = (byName.get(name) ?? []).map((place) => inFile(place, rest));
    return said.length > 0 ? said : [{ source: cluster, path: ['nodes'] }];
  };
  type Locate = (source: Source, path: Path) => Located;
  const find = (given: Path | string, locate: Locate): Located & { readonly complete: boolean } => {
    const path = typeof given === 'string' ? parsePath(given) : given;
    const found = candidates(path).map(({ source, path: own }) => ({ ...locate(source, own), length: own.length }));
    // Compare the unresolved rest of the path, because the files start at different depths.
    const best = found.reduce((a, b) => (b.length - b.depth < a.length - a.depth ? b : a));
    return { ...best, complete: best.depth === best.length };
  };
  return {
    at: (path) => find(path, value).at,
    line: (path, line) => find(path, (source, own) => source.locateLine(own, line)).at,
    key: (path) => find(path, (source, own) => source.locateKey(own)).at,
    has: (path) => find(path, value).complete,
  };
}

const value = (source: Source, path: Path): Located => source.locate(path);

function inFile({ source, index }: NodePlace, rest: Path): { readonly source: Source; readonly path: Path } {
  return { source, path: index === undefined ? ['node', ...rest] : ['nodes', index, ...rest] };
}

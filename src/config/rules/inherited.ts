/**
 * The place where a setting of an interface was written: at the interface, the node or the cluster. A fault in a setting of
 * the cluster is reported there once, not again for every node that inherits it.
 */
import type { Path } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Facts } from './rule.ts';

/** The settings that interfaces inherit from their node or the cluster. */
type Inheritable = 'mtu' | 'gateway' | 'dns' | 'search_domains' | 'routes';

/** The setting that an interface's value comes from; the interface's own setting if none is written. */
export function originOf(facts: Facts, node: string, index: number, key: Inheritable): Path {
  const own: Path = ['nodes', node, 'network', 'interfaces', index, key];
  const further: readonly Path[] = [
    ['nodes', node, 'network', key],
    ['cluster', 'networking', key],
  ];
  return [own, ...further].find((path) => facts.has(path)) ?? own;
}

/** Whether the setting is in the cluster file, so that it applies to all nodes. */
export const isOfCluster = (path: Path): boolean => path[0] === 'cluster';

/** A report that accepts each code once for each place: one diagnostic for an inherited setting is enough. */
export function oncePerPlace(report: Report): Report {
  const said = new Set<string>();
  return {
    ...report,
    add: (code, values, placement) => {
      const key = JSON.stringify([code, placement?.at]);
      if (!said.has(key)) report.add(code, values, placement);
      said.add(key);
    },
  };
}

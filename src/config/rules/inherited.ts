/**
 * Where a setting of an interface was written: at the interface, or at the node or the cluster that it has it from. What is
 * wrong with a setting of the cluster's is said there, once, and not again for every node that inherits it.
 */
import type { Path } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import type { Facts } from './rule.ts';

/** What interfaces have from their node or the cluster where they say nothing themselves. */
type Inheritable = 'mtu' | 'gateway' | 'dns' | 'search_domains' | 'routes';

/** The setting that an interface's value comes from. Where nobody wrote one, the interface's. */
export function originOf(facts: Facts, node: string, index: number, key: Inheritable): Path {
  const own: Path = ['nodes', node, 'network', 'interfaces', index, key];
  const further: readonly Path[] = [
    ['nodes', node, 'network', key],
    ['cluster', 'networking', key],
  ];
  return [own, ...further].find((path) => facts.has(path)) ?? own;
}

/** Whether the setting stands at the cluster, so that it is said of all nodes. */
export const isOfCluster = (path: Path): boolean => path[0] === 'cluster';

/** A report that takes each code once at each place: the first word about an inherited setting is enough. */
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

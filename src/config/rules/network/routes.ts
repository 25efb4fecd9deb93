/** Rules about routes: their destination, their next hop, and conflicts between two routes of a node. */
import type { Cluster, Interface, Node, Route } from '../../cluster.ts';
import type { Path } from '../../../diagnostics/path.ts';
import { type Metric, mayTie } from '../../network/metrics.ts';
import { contains, type IpRange, ipOf, networkOf, rangeOf } from '../../network/net.ts';
import type { WrittenRoute } from '../../schema/network.ts';
import { clusterNetworkOf, isWithin, relatedTo } from './cluster-networks.ts';
import { oncePerPlace, originOf } from '../inherited.ts';
import { ownAddresses } from './node-addresses.ts';
import { isOnLink, speaks } from '../../network/on-link.ts';
import { type Facts, nodesOf, type Rule, writtenByName } from '../rule.ts';
import { isSpecial } from './usable-addresses.ts';
import { writtenAddresses } from './written-addresses.ts';

/** A route of an interface, with its place in the definition. */
interface PlacedRoute extends Route {
  readonly one: Interface;
  readonly path: Path;
}

function routesOf(node: Node, facts: Facts): readonly PlacedRoute[] {
  return node.interfaces.flatMap((one, index) => {
    const list = originOf(facts, node.name, index, 'routes');
    const families = one.routes.map(familyOf);
    // An interface gets all routes of its families from the list, in the same order.
    const positions = writtenRoutes(facts, list).flatMap((route, at) =>
      families.includes(familyOf(route)) ? [at] : [],
    );
    return one.routes.map((route, at) => ({ ...route, one, path: [...list, positions[at] ?? at] }));
  });
}

const familyOf = ({ to }: Pick<Route, 'to'>) => rangeOf(to).family;

function writtenRoutes({ cluster, nodes }: Facts, [root, name, , where, index]: Path): readonly WrittenRoute[] {
  if (root === 'cluster') return cluster.networking.routes ?? [];
  const network = writtenByName(nodes).get(String(name))?.network;
  return (where === 'interfaces' ? network?.interfaces?.[Number(index)]?.routes : network?.routes) ?? [];
}

const outsideOfCluster: Rule = {
  name: 'no route leads into the pod or service network',
  check: (cluster, facts, report) => {
    for (const { text, path } of writtenAddresses(facts).filter(({ use }) => use === 'destination')) {
      // A wider route does no harm: the routes of pods and services are more specific.
      const network = clusterNetworkOf(cluster, rangeOf(text));
      if (!network) continue;
      const values = { to: text, of: network.of, cidr: network.cidr };
      report.add('interface/route-into-cluster', values, { at: facts.at(path), related: relatedTo(network, facts) });
    }
  },
};

const reachableHops: Rule = {
  name: "a next hop is another machine's, on the link, and of the family of its route",
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      const own = ownAddresses(node);
      for (const { to, via, one, path } of routesOf(node, facts)) {
        const at = facts.at([...path, via === null ? 'to' : 'via']);
        const family = familyOf({ to });
        const values = { name: one.name, node: node.name };
        if (via !== null && ipOf(via).family !== family) once.add('interface/route-family', { to, via }, { at });
        else if (!speaks(one, family)) once.add('interface/route-no-address', { ...values, to, family }, { at });
        else if (via === null) continue;
        else if (own.includes(via)) once.add('interface/next-hop-self', { via, node: node.name }, { at });
        else if (!isOnLink(one, via) && !isSpecial(via, 'hop'))
          once.add('interface/next-hop-outside', { ...values, via }, { at });
      }
    }
  },
};

/** Every item that may have the same metric as an earlier item with the same key, with the first such item. */
const ties = <T extends Metric>(items: readonly T[], keyOf: (item: T) => string) =>
  items.flatMap((again, index) => {
    const first = items.slice(0, index).find((other) => keyOf(other) === keyOf(again) && mayTie(other, again));
    return first === undefined ? [] : [{ again, first }];
  });

const routesOnce: Rule = {
  name: 'a node has a route once',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      const routes = routesOf(node, facts);
      const further = routes.filter(({ to }) => rangeOf(to).prefix > 0);
      for (const { again, first } of ties(further, ({ to }) => networkOf(rangeOf(to)))) {
        const related = [{ message: 'first here', at: facts.at([...first.path, 'to']) }];
        once.add(
          'interface/route-repeated',
          { to: again.to, node: node.name },
          { at: facts.at([...again.path, 'to']), related },
        );
      }
    }
  },
};

const routesFurther: Rule = {
  name: "no route leads to what is on the node's own link",
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      for (const { to, via, one, path } of routesOf(node, facts)) {
        const own = node.interfaces.flatMap((each) => each.addresses.map((cidr) => ({ each, range: rangeOf(cidr) })));
        const same = own.find(({ each, range }) => {
          const isInside = via === null && each === one && isWithin(range, rangeOf(to));
          return isInside || networkOf(range) === networkOf(rangeOf(to));
        });
        if (same === undefined) continue;
        const values = { to, name: same.each.name, node: node.name, network: networkOf(same.range) };
        once.add('interface/route-on-link', values, { at: facts.at([...path, 'to']) });
      }
    }
  },
};

const routesOutwards: Rule = {
  name: 'no route leads around the link that its destination is on',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      const links = node.interfaces.flatMap(({ addresses }) => addresses.map(rangeOf));
      for (const { to, via, path } of routesOf(node, facts)) {
        const range = rangeOf(to);
        const link = links.find((each) => each.prefix < range.prefix && contains(each, range));
        const owner = via !== null && link && inhabitantOf(range, via, node, cluster);
        if (!owner) continue;
        const values = { to, via, owner, node: node.name, network: networkOf(link) };
        once.add('interface/route-around-link', values, { at: facts.at([...path, 'to']) });
      }
    }
  },
};

/** An address in the network that the node reaches without a router, in words. */
function inhabitantOf(range: IpRange, via: string, node: Node, { nodes, controlPlane }: Cluster): string | undefined {
  const holds = (address: string): boolean => contains(range, ipOf(address));
  if (holds(via)) return 'the next hop itself';
  const other = nodes.find(({ name, ips }) => name !== node.name && ips.some(holds));
  if (other) return `node \`${other.name}\``;
  if (controlPlane.virtualIp !== null && holds(controlPlane.virtualIp)) return 'the virtual address';
  return ownAddresses(node).some(holds) ? 'an address of its own' : undefined;
}

const routesTaken: Rule = {
  name: 'a route of the cluster or a node is of a family that some node has',
  check: (cluster, facts, report) => {
    const shared = writtenAddresses(facts).filter(({ path, use }) => use === 'destination' && path[3] !== 'interfaces');
    for (const { text, path } of shared) {
      const { family } = rangeOf(text);
      if (nodesOf(cluster, path).some(({ ips }) => ips.some((address) => ipOf(address).family === family))) continue;
      report.add('network/route-family-missing', { to: text, family }, { at: facts.at(path) });
    }
  },
};

/** Two default routes with different metrics are allowed: one is the backup. */
const oneDefaultRoute: Rule = {
  name: 'a node has one default route per family and metric',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      for (const { again, first } of ties(defaultRoutes(node, facts), ({ family }) => String(family))) {
        // Two gateways are `interface/two-gateways`.
        if (again.isGateway) continue;
        const related = [{ message: 'the other', at: facts.at(first.path) }];
        const values = { node: node.name, family: again.family };
        once.add('interface/two-default-routes', values, { at: facts.at(again.path), related });
      }
    }
  },
};

/** The default routes of a node, gateways first. */
function defaultRoutes(node: Node, facts: Facts) {
  const gateways = node.interfaces.flatMap((one, index) =>
    one.gateways.map((gateway) => {
      const path = originOf(facts, node.name, index, 'gateway');
      return { family: ipOf(gateway).family, one, metric: null, path, isGateway: true };
    }),
  );
  const routes = routesOf(node, facts)
    .filter(({ to }) => rangeOf(to).prefix === 0)
    .map((route) => ({ ...route, family: familyOf(route), path: [...route.path, 'to'], isGateway: false }));
  return [...gateways, ...routes];
}

export const routeRules: readonly Rule[] = [
  outsideOfCluster,
  reachableHops,
  routesOnce,
  routesFurther,
  routesOutwards,
  routesTaken,
  oneDefaultRoute,
];

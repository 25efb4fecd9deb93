/** Rules about ports: which interfaces may be ports, which may be on top of a port, and which have no use. */
import type { Bond, Bridge, Cluster, Interface, Node } from '../../cluster.ts';
import type { Location } from '../../../diagnostics/diagnostic.ts';
import { CARRIED, below, cycleFrom, placed, typeOf } from './interfaces.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';

type Owner = Bond | Bridge;

const KIND = { ethernet: 'NIC', bond: 'bond', vlan: 'VLAN', bridge: 'bridge' } as const;
const MADE_OF = {
  bond: 'A bond is made of NICs',
  bridge: 'A bridge connects NICs, bonds and VLANs',
} as const;

/**
 * Whether an interface cannot be a port. Here, bonds accept NICs only; a bridge accepts no bridge (br_add_if in the kernel's
 * net/bridge/br_if.c). Another rule reports cycles.
 */
function isWrongPort(owner: Owner, port: string, node: Node): boolean {
  const type = typeOf(node, port);
  if (type === undefined || cycleFrom(owner.name, node.interfaces)) return false;
  return !CARRIED[owner.type].includes(type);
}

/** The bonds and bridges that list an interface as a port. */
const ownersOf = (node: Node, name: string): readonly Owner[] =>
  node.interfaces.flatMap((one) =>
    (one.type === 'bond' || one.type === 'bridge') && one.ports.includes(name) ? [one] : [],
  );

interface Port {
  readonly name: string;
  readonly node: Node;
  readonly owner: Owner;
  readonly at: Location;
}

const portsOf = (node: Node, facts: Facts): readonly Port[] =>
  placed(node, facts).flatMap(({ one, at }) =>
    one.type === 'bond' || one.type === 'bridge'
      ? one.ports.map((name, index) => ({ name, node, owner: one, at: at('ports', index) }))
      : [],
  );

const allPorts = (cluster: Cluster, facts: Facts) => cluster.nodes.flatMap((node) => portsOf(node, facts));

const rightPorts: Rule = {
  name: 'bonds are made of NICs, bridges of anything but bridges',
  check: (cluster, facts, report) => {
    for (const { name, node, owner, at } of allPorts(cluster, facts)) {
      if (!isWrongPort(owner, name, node)) continue;
      const values = { name, node: node.name, made: MADE_OF[owner.type], type: KIND[typeOf(node, name) ?? 'ethernet'] };
      report.add('interface/wrong-port', values, { at });
    }
  },
};

const onePortOnce: Rule = {
  name: 'an interface is a port of one other, once',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const { again, first } of repeats(portsOf(node, facts), ({ name }) => name)) {
        const values = { name: again.name, node: node.name, other: first.owner.name, owner: again.owner.name };
        const code = again.owner === first.owner ? 'interface/port-repeated' : 'interface/port-shared';
        report.add(code, values, { at: again.at, related: [{ message: 'first here', at: first.at }] });
      }
    }
  },
};

const barePorts: Rule = {
  name: 'a port has no addresses of its own',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const { one, at } of placed(node, facts)) {
        const owner = ownersOf(node, one.name).find((each) => isRightPort(each, one, node))?.name;
        const what = ownSetting(one);
        if (owner === undefined || what === undefined) continue;
        const values = { name: one.name, node: node.name, owner, what: what.text };
        report.add('interface/port-addressed', values, { at: at(what.key) });
      }
    }
  },
};

const isRightPort = (owner: Owner, port: Interface, node: Node): boolean =>
  !isWrongPort(owner, port.name, node) && !cycleFrom(port.name, node.interfaces);

function ownSetting(one: Interface): { readonly key: string; readonly text: string } | undefined {
  if (one.addresses.length > 0) return { key: 'addresses', text: 'addresses' };
  if (one.dhcp4) return { key: 'dhcp4', text: 'DHCP' };
  if (one.autoconf6) return { key: 'autoconf6', text: 'automatic addresses' };
  if (one.gateways.length > 0) return { key: 'gateway', text: 'a gateway' };
  if (one.routes.length > 0) return { key: 'routes', text: 'routes' };
  if (one.dns.length > 0) return { key: 'dns', text: 'name servers' };
  if (one.searchDomains.length > 0) return { key: 'search_domains', text: 'search domains' };
  return one.routeMetric === null ? undefined : { key: 'route_metric', text: 'a metric of routes' };
}

const rightParents: Rule = {
  name: 'a VLAN stands on a NIC, a bond or a bridge, and above a bond instead of below it',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const { one, at } of placed(node, facts)) {
        if (one.type !== 'vlan' || cycleFrom(one.name, node.interfaces)) continue;
        const values = { name: one.parent, node: node.name };
        const bond = ownersOf(node, one.parent).find(({ type }) => type === 'bond')?.name;
        if (typeOf(node, one.parent) === 'vlan') {
          report.add('interface/unsupported-nested-vlan', { ...values, vlan: one.name }, { at: at('parent') });
        } else if (bond !== undefined) {
          report.add('interface/vlan-on-port', { ...values, vlan: one.name, bond }, { at: at('parent') });
        }
      }
    }
  },
};

/**
 * Whether the stack of a node's interfaces has a fault: a name of no interface, an interface that cannot be a port, or a port
 * with settings that belong to its owner. Then an unused interface may be the one that the user meant.
 */
const isInDoubt = (node: Node): boolean =>
  node.interfaces.some((one) => {
    const lost = below(one).some((name) => typeOf(node, name) === undefined);
    const owners = ownersOf(node, one.name);
    const wrong = owners.some((owner) => isWrongPort(owner, one.name, node));
    return lost || wrong || !!cycleFrom(one.name, node.interfaces) || (owners.length > 0 && !!ownSetting(one));
  });

const someUse: Rule = {
  name: 'an interface is there for something',
  check: (cluster, facts, report) => {
    // Another rule reports a node without any address.
    for (const node of cluster.nodes.filter((each) => each.ips.length > 0 && !isInDoubt(each))) {
      for (const { one, at } of placed(node, facts)) {
        // A bridge may be for later use: virtual machines, and pods with a second interface.
        const isUsed = one.addresses.length > 0 || one.dhcp4 || one.autoconf6 || one.type === 'bridge';
        const carriesOther = node.interfaces.some((other) => below(other).includes(one.name));
        if (isUsed || carriesOther) continue;
        report.add('interface/nothing-configured', { name: one.name, node: node.name }, { at: at('name') });
      }
    }
  },
};

const someSource: Rule = {
  name: 'what an interface ignores is something that it asks for',
  check: (cluster, facts, report) => {
    for (const { one, node, at } of cluster.nodes.flatMap((each) => placed(each, facts))) {
      if (one.dhcp4 || one.autoconf6) continue;
      const ignored = [...(one.useDns ? [] : ['use_dns']), ...(one.useRoutes ? [] : ['use_routes'])];
      for (const setting of ignored) {
        const values = { setting, name: one.name, node: node.name };
        report.add('interface/nothing-learnt', values, { at: at(setting) });
      }
    }
  },
};

export const interfacePortRules: readonly Rule[] = [
  rightPorts,
  onePortOnce,
  barePorts,
  rightParents,
  someUse,
  someSource,
];

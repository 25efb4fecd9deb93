/** Rules about how one node's interfaces stand on each other: NICs, bonds, VLANs, bridges. */
import type { Cluster, Interface, Node } from '../cluster.ts';
import type { Location } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { type Facts, type Rule, quoted, repeats } from './rule.ts';

/** An interface with its node and place. */
export interface Placed {
  readonly node: Node;
  readonly one: Interface;
  /** The place of a setting of the interface. */
  readonly at: (...path: (string | number)[]) => Location;
}

/** A node's interfaces with their places. */
export function placed(node: Node, facts: Facts): readonly Placed[] {
  return node.interfaces.map((one, index) => ({
    node,
    one,
    at: (...path) => facts.at(['nodes', node.name, 'network', 'interfaces', index, ...path]),
  }));
}

/** The names of the interfaces that an interface stands on. */
export function below(one: Interface): readonly string[] {
  if (one.type === 'vlan') return [one.parent];
  return one.type === 'ethernet' ? [] : one.ports;
}

const forEachNode = (cluster: Cluster, facts: Facts, visit: (own: readonly Placed[], node: Node) => void): void => {
  for (const node of cluster.nodes) visit(placed(node, facts), node);
};

const uniqueNames: Rule = {
  name: "a node's interfaces have names of their own",
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      for (const { again, first } of repeats(own, ({ one }) => one.name)) {
        const related = [{ message: 'first here', at: first.at('name') }];
        report.add(
          'interface/duplicate-name',
          { node: node.name, name: again.one.name },
          { at: again.at('name'), related },
        );
      }
    });
  },
};

const knownNames: Rule = {
  name: 'ports and parents exist',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const known = own.map(({ one }) => one.name);
      for (const { one, at } of own) {
        below(one).forEach((name, index) => {
          if (known.includes(name)) return;
          const near = suggest(
            name,
            known.filter((other) => other !== one.name),
          );
          const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
          const place = one.type === 'vlan' ? at('parent') : at('ports', index);
          report.add('interface/unknown', { name, node: node.name, known: quoted(known) }, { at: place, hint });
        });
      }
    });
  },
};

const noCycles: Rule = {
  name: 'interfaces do not stand on each other in a circle',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const reported = new Set<string>();
      for (const { one, at } of own) {
        const cycle = cycleFrom(one.name, node.interfaces);
        const key = cycle?.toSorted().join();
        if (!cycle || key === undefined || reported.has(key)) continue;
        reported.add(key);
        const text = [...cycle, one.name].map((name) => `\`${name}\``).join(' on ');
        report.add('interface/cycle', { node: node.name, cycle: text }, { at: at('name') });
      }
    });
  },
};

/** The way down from an interface back to itself. */
function cycleFrom(
  start: string,
  all: readonly Interface[],
  path: readonly string[] = [start],
): readonly string[] | undefined {
  const last = all.find(({ name }) => name === path.at(-1));
  for (const next of last ? below(last) : []) {
    if (next === start) return path;
    const found = path.includes(next) ? undefined : cycleFrom(start, all, [...path, next]);
    if (found) return found;
  }
  return undefined;
}

const rightKinds: Rule = {
  name: 'bonds are made of NICs, VLANs stand on anything but VLANs',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const typeOf = (name: string) => node.interfaces.find((other) => other.name === name)?.type;
      for (const { one, at } of own) {
        if (one.type === 'vlan' && typeOf(one.parent) === 'vlan') {
          report.add(
            'interface/wrong-parent',
            { name: one.parent, node: node.name, type: 'VLAN' },
            { at: at('parent') },
          );
        }
        if (one.type !== 'bond') continue;
        one.ports.forEach((name, index) => {
          const type = typeOf(name);
          if (type === undefined || type === 'ethernet') return;
          const kind = type === 'vlan' ? 'VLAN' : type;
          report.add('interface/wrong-port', { name, node: node.name, type: kind }, { at: at('ports', index) });
        });
      }
    });
  },
};

const onePortOnce: Rule = {
  name: 'an interface is a port of one other, and has no addresses then',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const ports = own.flatMap(({ one, at }) =>
        one.type === 'bond' || one.type === 'bridge'
          ? one.ports.map((name, index) => ({ name, owner: one.name, at: at('ports', index) }))
          : [],
      );
      for (const { again, first } of repeats(ports, ({ name }) => name)) {
        const values = { name: again.name, node: node.name, other: first.owner, owner: again.owner };
        report.add('interface/port-shared', values, {
          at: again.at,
          related: [{ message: 'first here', at: first.at }],
        });
      }
      for (const { one, at } of own) {
        const owner = ports.find(({ name }) => name === one.name)?.owner;
        const what = ownSetting(one);
        if (owner === undefined || what === undefined) continue;
        report.add(
          'interface/port-addressed',
          { name: one.name, node: node.name, owner, what: what.text },
          { at: at(what.key) },
        );
      }
    });
  },
};

function ownSetting(one: Interface): { readonly key: string; readonly text: string } | undefined {
  if (one.addresses.length > 0) return { key: 'addresses', text: 'addresses' };
  if (one.dhcp4) return { key: 'dhcp4', text: 'DHCP' };
  if (one.autoconf6) return { key: 'autoconf6', text: 'automatic addresses' };
  if (one.gateways.length > 0) return { key: 'gateway', text: 'a gateway' };
  return one.routes.length > 0 ? { key: 'routes', text: 'routes' } : undefined;
}

const ownNics: Rule = {
  name: "an interface's MAC is one of the node's, and no other interface's",
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const nics = own.flatMap(({ one, at }) =>
        one.type === 'ethernet' ? [{ name: one.name, mac: one.mac, at: at('mac') }] : [],
      );
      for (const { mac, at } of nics.filter((nic) => !node.macs.includes(nic.mac))) {
        report.add('interface/foreign-mac', { mac, node: node.name }, { at });
      }
      for (const { again, first } of repeats(nics, ({ mac }) => mac)) {
        const values = { mac: again.mac, node: node.name, name: again.name, other: first.name };
        report.add('interface/mac-shared', values, {
          at: again.at,
          related: [{ message: 'first here', at: first.at }],
        });
      }
    });
  },
};

const uniqueVlans: Rule = {
  name: 'a VLAN exists once on its parent',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const vlans = own.flatMap(({ one, at }) => (one.type === 'vlan' ? [{ one, at }] : []));
      for (const { again, first } of repeats(vlans, ({ one }) => `${one.parent} ${one.id}`)) {
        const { id, parent } = again.one;
        const related = [{ message: 'first here', at: first.at('id') }];
        report.add('interface/duplicate-vlan', { id, parent, node: node.name }, { at: again.at('id'), related });
      }
    });
  },
};

export const interfaceRules: readonly Rule[] = [
  uniqueNames,
  knownNames,
  noCycles,
  rightKinds,
  onePortOnce,
  ownNics,
  uniqueVlans,
];

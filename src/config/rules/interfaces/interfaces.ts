/** Rules about the stack of one node's interfaces, down to the NICs. `ports.ts` has the rules about ports. */
import type { Cluster, Interface, Node } from '../../cluster.ts';
import type { Location } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { type Facts, type Rule, quoted, repeats } from '../rule.ts';

/** An interface with its node and its place in the definition. */
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

/** The names of the interfaces below an interface: the parent of a VLAN, the ports of a bond or bridge. */
export function below(one: Interface): readonly string[] {
  if (one.type === 'vlan') return [one.parent];
  return one.type === 'ethernet' ? [] : one.ports;
}

/** The type of the interface of this name; undefined if there is none. */
export function typeOf(node: Node, name: string): Interface['type'] | undefined {
  return node.interfaces.find((other) => other.name === name)?.type;
}

/** The types of interfaces that an interface of each type can stand on, or have as ports. */
export const CARRIED: Readonly<Record<Interface['type'], readonly Interface['type'][]>> = {
  ethernet: [],
  bond: ['ethernet'],
  vlan: ['ethernet', 'bond', 'bridge'],
  bridge: ['ethernet', 'bond', 'vlan'],
};

const forEachNode = (cluster: Cluster, facts: Facts, visit: (own: readonly Placed[], node: Node) => void): void => {
  for (const node of cluster.nodes) visit(placed(node, facts), node);
};

const knownNames: Rule = {
  name: 'ports and parents exist',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const all = own.map(({ one }) => one.name);
      for (const { one, at } of own) {
        below(one).forEach((name, index) => {
          if (all.includes(name)) return;
          const fitting = own.filter((other) => other.one !== one && CARRIED[one.type].includes(other.one.type));
          const known = fitting.map((other) => other.one.name);
          const near = suggest(name, known);
          const none = `add it to \`interfaces\`; no other interface of the node can be there`;
          const hint = near === undefined ? (known.length === 0 ? none : undefined) : `did you mean \`${near}\`?`;
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

/** The cycle from an interface down to itself; undefined if there is none. */
export function cycleFrom(
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

const ownNics: Rule = {
  name: "an interface's MAC is one of the node's, and no other interface's",
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const nics = own.flatMap(({ one, at }) =>
        one.type === 'ethernet' && one.mac !== null ? [{ name: one.name, mac: one.mac, at: at('mac') }] : [],
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

const knownNics: Rule = {
  name: 'an ethernet interface says its NIC, in one way, and not in the words of another interface',
  check: (cluster, facts, report) => {
    forEachNode(cluster, facts, (own, node) => {
      const cards = own.flatMap(({ one, at }) => (one.type === 'ethernet' ? [{ ...one, at }] : []));
      for (const { name, mac, match, at } of cards) {
        const values = { name, node: node.name };
        const isSaid = match !== null && Object.values(match).some((pattern) => pattern !== null);
        if (mac !== null && match !== null) report.add('interface/nic-twice', values, { at: at('match') });
        else if (mac === null && !isSaid) report.add('interface/no-nic', values, { at: at(match ? 'match' : 'name') });
      }
      for (const { again, first } of repeats(cards, ({ match }) => (match ? JSON.stringify(match) : undefined))) {
        const values = { node: node.name, name: again.name, other: first.name };
        const related = [{ message: 'first here', at: first.at('match') }];
        report.add('interface/match-shared', values, { at: again.at('match'), related });
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

export const interfaceRules: readonly Rule[] = [knownNames, noCycles, knownNics, ownNics, uniqueVlans];

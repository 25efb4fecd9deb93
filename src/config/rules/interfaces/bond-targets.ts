/**
 * Rules about the targets of a bond's link monitoring: they are neighbours that can answer. The kernel sends over the bond or over an
 * interface on top of it, and only if a route leads there (bond_arp_send_all and bond_ns_send_all in drivers/net/bonding/bond_main.c).
 */
import type { Bond, Interface, Node } from '../../cluster.ts';
import { ipOf } from '../../network/net.ts';
import { isOnLink, speaks } from '../../network/on-link.ts';
import { bondsOf } from './bonds.ts';
import { below } from './interfaces.ts';
import { ownAddresses } from '../network/node-addresses.ts';
import type { Rule } from '../rule.ts';
import { isSpecial } from '../network/usable-addresses.ts';

const TARGETS = ['arp_ip_target', 'ns_ip6_target'] as const;

/** An interface and all interfaces on top of it. */
function above(one: Interface, { interfaces }: Node): readonly Interface[] {
  const found = new Set([one.name]);
  for (const _ of interfaces) {
    for (const other of interfaces) if (below(other).some((name) => found.has(name))) found.add(other.name);
  }
  return interfaces.filter(({ name }) => found.has(name));
}

/** The code of the reason why a target cannot answer; undefined if it can. */
function reasonAgainst(target: string, one: Bond, node: Node) {
  const { family } = ipOf(target);
  if (ownAddresses(node).includes(target)) return 'interface/bond-target-self';
  const speaking = above(one, node).filter((each) => speaks(each, family));
  if (speaking.length === 0) return 'interface/bond-target-family';
  return speaking.some((each) => isOnLink(each, target)) ? undefined : 'interface/bond-target-outside';
}

const answeringTargets: Rule = {
  name: 'whom a bond asks is a neighbour',
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts)) {
      // Without `arp_interval` the bond asks no target; another rule reports that.
      for (const option of options.arp_interval === undefined ? [] : TARGETS) {
        (options[option]?.split(',') ?? []).forEach((target, index, all) => {
          if (isSpecial(target, 'hop') || all.indexOf(target) !== index) return;
          const code = reasonAgainst(target, one, node);
          const values = { target, family: ipOf(target).family, name: one.name, node: node.name };
          if (code) report.add(code, values, { at: at('options', option, index) });
        });
      }
    }
  },
};

export const bondTargetRules: readonly Rule[] = [answeringTargets];

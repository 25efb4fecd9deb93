/** Rules about the MTU of interfaces: a lower interface must carry the packets of the interfaces above it. */
import type { Interface, Node } from '../../cluster.ts';
import { isOfCluster, oncePerPlace, originOf } from '../inherited.ts';
import { below } from './interfaces.ts';
import { speaks } from '../../network/on-link.ts';
import type { Rule } from '../rule.ts';

/** The default of Ethernet (RFC 894), in bytes. */
const usualMtu = 1500;
/** RFC 8200, section 5; in bytes. */
const leastMtuOfIpv6 = 1280;

/** A VLAN begins with the MTU of its parent (register_vlan_device in net/8021q/vlan.c). */
function mtuOf(one: Interface, node: Node): number {
  const parent = one.type === 'vlan' ? node.interfaces.find(({ name }) => name === one.parent) : undefined;
  return one.mtu ?? (parent === undefined || parent === one ? usualMtu : mtuOf(parent, node));
}

/** The kernel gives the MTU of a bond to its ports (bond_enslave and bond_change_mtu in bond_main.c). */
function mtuBelow(above: Interface, part: Interface, node: Node): number {
  return part.mtu ?? mtuOf(above.type === 'bond' ? above : part, node);
}

const mtuFits: Rule = {
  name: 'an MTU is not above the one of what lies below',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      node.interfaces.forEach((one, index) => {
        const mtu = mtuOf(one, node);
        for (const name of below(one)) {
          const position = node.interfaces.findIndex((other) => other.name === name);
          const part = node.interfaces[position];
          if (!part || mtu <= mtuBelow(one, part, node)) continue;
          // If the upper MTU comes from the cluster, the lower interface deviates: the diagnostic points to its MTU.
          const own = originOf(facts, node.name, index, 'mtu');
          const [at, related] = isOfCluster(own) ? [originOf(facts, node.name, position, 'mtu'), own] : [own];
          const values = { mtu, name: one.name, parentmtu: mtuBelow(one, part, node), parent: name, node: node.name };
          const others = related ? [{ message: "the cluster's", at: facts.at(related) }] : [];
          once.add('interface/mtu-above-parent', values, { at: facts.at(at), related: others });
        }
      });
    }
  },
};

const portsFollowBond: Rule = {
  name: 'the MTU of a port is not above the one of its bond',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      for (const bond of node.interfaces.filter(({ type }) => type === 'bond')) {
        const bondmtu = bond.mtu ?? usualMtu;
        node.interfaces.forEach(({ name, mtu }, index) => {
          const own = ['nodes', node.name, 'network', 'interfaces', index, 'mtu'];
          if (!below(bond).includes(name) || mtu === null || mtu <= bondmtu || !facts.has(own)) return;
          const values = { node: node.name, name, mtu, bond: bond.name, bondmtu };
          report.add('interface/mtu-of-bond', values, { at: facts.at(own) });
        });
      }
    }
  },
};

const mtuForIpv6: Rule = {
  name: 'an MTU is enough for IPv6',
  check: (cluster, facts, report) => {
    const once = oncePerPlace(report);
    for (const node of cluster.nodes) {
      node.interfaces.forEach((one, index) => {
        if (mtuOf(one, node) >= leastMtuOfIpv6 || !speaks(one, 6)) return;
        const at = facts.at(originOf(facts, node.name, index, 'mtu'));
        once.add('interface/mtu-too-small', { name: one.name, node: node.name }, { at });
      });
    }
  },
};

export const interfaceMtuRules: readonly Rule[] = [mtuFits, portsFollowBond, mtuForIpv6];

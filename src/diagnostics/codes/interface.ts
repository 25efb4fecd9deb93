/** Codes about one node's interfaces: how they are stacked, addressed and routed. */
import type { CodeTable } from './table.ts';

export const interfaceCodes = {
  'interface/duplicate-name': {
    severity: 'error',
    message: 'Node `{node}` has two interfaces called `{name}`.',
    hint: 'ports and parents are named, so each name can be used once',
  },
  'interface/reserved-name': {
    severity: 'error',
    message: '`{name}` of node `{node}` cannot be called so: the name belongs to {owner}.',
    hint: 'choose another name',
  },
  'interface/nic-name': {
    severity: 'warning',
    message: '`{name}` of node `{node}` is called like a NIC, and the system may give this name to one first.',
    hint: 'choose another name, like `bond0`, `vlan30` or `br0`',
  },
  'interface/unknown': {
    severity: 'error',
    message: '`{name}` is not an interface of node `{node}`.',
    hint: 'its interfaces are: {known}',
  },
  'interface/cycle': {
    severity: 'error',
    message: 'The interfaces of node `{node}` stand on each other: {cycle}.',
    hint: 'every chain of ports and parents must end at a NIC',
  },
  'interface/wrong-port': {
    severity: 'error',
    message: '{made}, but `{name}` of node `{node}` is a {type}.',
    hint: 'list other interfaces; addresses and VLANs belong above a bond or a bridge',
  },
  'interface/unsupported-nested-vlan': {
    severity: 'error',
    message: 'VLAN `{vlan}` of node `{node}` stands on VLAN `{name}`: frames with two tags (QinQ) are not supported.',
    hint: 'name a NIC, a bond or a bridge as `parent`',
  },
  'interface/vlan-on-port': {
    severity: 'warning',
    message:
      'VLAN `{vlan}` of node `{node}` stands on `{name}`, a port of `{bond}`: it ends with that link instead of going over another port.',
    hint: 'write `parent: {bond}`',
  },
  'interface/port-repeated': {
    severity: 'error',
    message: '`{name}` of node `{node}` stands twice among the ports of `{owner}`.',
    hint: 'keep one of the two',
  },
  'interface/port-shared': {
    severity: 'error',
    message: '`{name}` of node `{node}` is a port of `{other}` and of `{owner}`.',
    hint: 'an interface can be a port once',
  },
  'interface/port-addressed': {
    severity: 'error',
    message: '`{name}` of node `{node}` is a port of `{owner}`, so it cannot have {what} itself.',
    hint: 'move it to `{owner}`',
  },
  'interface/foreign-mac': {
    severity: 'error',
    message: '`{mac}` is not among the MACs of node `{node}`.',
    hint: 'add it to `hardware.mac_addresses`, or correct it',
  },
  'interface/mac-shared': {
    severity: 'error',
    message: 'Interfaces `{other}` and `{name}` of node `{node}` have the same NIC `{mac}`.',
    hint: 'use one of them, or a VLAN on it',
  },
  'interface/duplicate-vlan': {
    severity: 'error',
    message: 'VLAN {id} exists twice on `{parent}` of node `{node}`.',
    hint: 'remove one of them, or correct its `id`',
  },
  'interface/bond-option-mode': {
    severity: 'error',
    message: 'Bond `{name}` of node `{node}` has the mode `{mode}`, which does not take {options}.',
    hint: 'remove it, or choose the mode that was meant: {modes}',
  },
  'interface/bond-option-unused': {
    severity: 'warning',
    message: '`{option}` has no effect on bond `{name}` of node `{node}`: its mode is `{mode}`.',
    hint: 'remove it, or choose the mode that was meant: {modes}',
  },
  'interface/bond-option-clash': {
    severity: 'error',
    message: 'Bond `{name}` of node `{node}` cannot have this `{option}`: {reason}.',
    hint: '{advice}',
  },
  'interface/bond-delay-rounded': {
    severity: 'warning',
    message:
      'The `{option}` of bond `{name}` of node `{node}` becomes {real}: {delay} is no multiple of `miimon`, which is {miimon}.',
    hint: 'write a multiple of {miimon}',
  },
  'interface/bond-unwatched': {
    severity: 'warning',
    message:
      'Bond `{name}` of node `{node}` does not watch its links, so traffic goes on to a port whose link is gone.',
    hint: 'set `miimon: 100`, or `arp_interval` and `arp_ip_target`',
  },
  'interface/bond-primary': {
    severity: 'error',
    message: 'The primary port `{primary}` of bond `{name}` of node `{node}` is none of its ports.',
    hint: 'its ports are: {ports}',
  },
  'interface/bond-target-self': {
    severity: 'error',
    message:
      'Bond `{name}` of node `{node}` asks `{target}`, an address of the node itself: no answer comes over a port.',
    hint: 'name a neighbour that always answers, as the gateway',
  },
  'interface/bond-target-outside': {
    severity: 'error',
    message: 'Bond `{name}` of node `{node}` asks `{target}`, which is on none of its links, so nobody answers.',
    hint: 'name a neighbour; one that is on the link all the same needs a route to it without `via`',
  },
  'interface/bond-target-family': {
    severity: 'warning',
    message:
      'Bond `{name}` of node `{node}` asks `{target}`, but neither it nor what stands on it has an IPv{family} address to ask from.',
    hint: 'give one of them an IPv{family} address, or ask a neighbour of the other family',
  },
  'interface/mtu-above-parent': {
    severity: 'error',
    message: 'The MTU {mtu} of `{name}` is larger than the {parentmtu} of `{parent}` below it, on node `{node}`.',
    hint: 'raise the MTU of `{parent}`, or lower this one',
  },
  'interface/mtu-too-small': {
    severity: 'error',
    message: '`{name}` of node `{node}` speaks IPv6, which needs an MTU of at least 1280.',
    hint: 'raise `mtu`',
  },
  'interface/node-ip-missing': {
    severity: 'error',
    message: 'No interface of node `{node}` has its address `{address}`.',
    hint: 'add `{address}/{prefix}` to the `addresses` of the interface that it belongs to',
  },
  'interface/address-twice': {
    severity: 'error',
    message: 'Interfaces `{other}` and `{name}` of node `{node}` both have the address `{address}`.',
    hint: 'keep it on one of them',
  },
  'interface/prefix-differs': {
    severity: 'error',
    message: '`{address}` of node `{node}` says /{prefix}, but its network is `{network}`.',
    hint: 'write `{right}`, or correct `cluster.networking.node_cidr`',
  },
  'interface/same-subnet': {
    severity: 'warning',
    message:
      'Interfaces `{other}` and `{name}` of node `{node}` are in the same network, so replies may leave by the wrong one.',
    hint: 'bond them, or use networks that are disjoint',
  },
  'interface/gateway-outside': {
    severity: 'error',
    message: 'The gateway `{gateway}` is in no network of `{name}` of node `{node}`.',
    hint: 'correct it, or the `addresses` of the interface; one on the link all the same needs a route to it without `via`',
  },
  'interface/two-gateways': {
    severity: 'error',
    message: 'Node `{node}` has two default gateways for IPv{family}: on `{other}` and on `{name}`.',
    hint: 'keep one, and reach the rest by `routes`',
  },
  'interface/next-hop-outside': {
    severity: 'error',
    message: 'The next hop `{via}` is in no network of `{name}` of node `{node}`.',
    hint: 'a next hop must be on the link; correct it, or the `addresses` of the interface',
  },
  'interface/route-family': {
    severity: 'error',
    message: 'The route to `{to}` cannot go by `{via}`: they are of different address families.',
    hint: 'name a next hop of the same family',
  },
  'interface/next-hop-self': {
    severity: 'error',
    message: 'The next hop `{via}` is an address of node `{node}` itself.',
    hint: 'name the router; for a destination on the link, leave `via` out',
  },
  'interface/route-no-address': {
    severity: 'error',
    message: '`{name}` of node `{node}` has no IPv{family} address, so its route to `{to}` cannot be set.',
    hint: 'add an IPv{family} address to `addresses`, or remove the route',
  },
  'interface/route-into-cluster': {
    severity: 'error',
    message: 'The route to `{to}` leads into `{cidr}`, the network of the {of}, whose packets would leave the cluster.',
    hint: 'remove the route, or choose another network for the {of}',
  },
  'interface/route-repeated': {
    severity: 'warning',
    message: 'Node `{node}` has two routes to `{to}`, and nothing says which of them counts.',
    hint: 'remove one of them, or give each a `metric`; the lower wins',
  },
  'interface/route-on-link': {
    severity: 'warning',
    message: 'The route to `{to}` says nothing new: `{name}` of node `{node}` is in `{network}` itself.',
    hint: 'remove the route',
  },
  'interface/route-around-link': {
    severity: 'warning',
    message:
      'The route to `{to}` leads node `{node}` over `{via}` to {owner}, although `{network}` is on its own link.',
    hint: 'remove the route',
  },
  'interface/two-default-routes': {
    severity: 'error',
    message: 'Node `{node}` has two default routes for IPv{family}, and nothing says which of them counts.',
    hint: 'keep the gateway or the route; for one in reserve, give the route a `metric` above 1000',
  },
  'interface/nothing-configured': {
    severity: 'warning',
    message: '`{name}` of node `{node}` has no address, asks for none, and nothing stands on it.',
    hint: 'give it `addresses`, or remove it',
  },
} as const satisfies CodeTable;

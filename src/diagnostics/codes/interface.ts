/** Codes about one node's interfaces: how they are stacked, addressed and routed. */
import type { CodeTable } from './table.ts';

export const interfaceCodes = {
  'interface/duplicate-name': {
    severity: 'error',
    message: 'Node `{node}` has two interfaces with the name `{name}`.',
    hint: 'rename one of them; ports and parents refer to interfaces by name',
  },
  'interface/reserved-name': {
    severity: 'error',
    message: 'An interface of node `{node}` cannot have the name `{name}`, which belongs to {owner}.',
    hint: 'choose another name',
  },
  'interface/nic-name': {
    severity: 'warning',
    message: '`{name}` of node `{node}` is a name of NICs, and the kernel may give it to a NIC.',
    hint: 'choose another name, like `bond0`, `vlan30` or `br0`',
  },
  'interface/unknown': {
    severity: 'error',
    message: '`{name}` is not an interface of node `{node}`.',
    hint: 'it can be one of {known}',
  },
  'interface/cycle': {
    severity: 'error',
    message: 'The ports and parents of interfaces of node `{node}` form a cycle: {cycle}.',
    hint: 'every chain of ports and parents must end at a NIC',
  },
  'interface/wrong-port': {
    severity: 'error',
    message: '{made}, but `{name}` of node `{node}` is a {type}.',
    hint: 'list other interfaces; addresses and VLANs belong above a bond or a bridge',
  },
  'interface/unsupported-nested-vlan': {
    severity: 'error',
    message:
      'The parent of VLAN `{vlan}` of node `{node}` is VLAN `{name}`: frames with two tags (QinQ) are not supported.',
    hint: 'name a NIC, a bond or a bridge as `parent`',
  },
  'interface/vlan-on-port': {
    severity: 'warning',
    message:
      'The parent of VLAN `{vlan}` of node `{node}` is `{name}`, a port of `{bond}`: if this link fails, the VLAN fails, too.',
    hint: 'write `parent: {bond}`',
  },
  'interface/port-repeated': {
    severity: 'error',
    message: '`{name}` of node `{node}` is listed twice in the ports of `{owner}`.',
    hint: 'remove one of the two',
  },
  'interface/port-shared': {
    severity: 'error',
    message: '`{name}` of node `{node}` is a port of `{other}` and of `{owner}`.',
    hint: 'remove it from one of them; an interface can be a port only once',
  },
  'interface/port-addressed': {
    severity: 'error',
    message: '`{name}` of node `{node}` is a port of `{owner}`, so it cannot have {what} itself.',
    hint: 'move it to `{owner}`',
  },
  'interface/foreign-mac': {
    severity: 'error',
    message: '`{mac}` is not a MAC of node `{node}`.',
    hint: 'add it to `hardware.mac_addresses`, or correct it',
  },
  'interface/no-nic': {
    severity: 'error',
    message: 'Nothing says which NIC interface `{name}` of node `{node}` is.',
    hint: "add the NIC's `mac`; if it is not known, add `match` with a `name`, `driver`, `path` or a part of the MAC",
  },
  'interface/nic-twice': {
    severity: 'error',
    message: 'Interface `{name}` of node `{node}` has both `mac` and `match`.',
    hint: 'keep `mac`, which is exact; `match` is for a NIC whose MAC is not known',
  },
  'interface/match-shared': {
    severity: 'error',
    message: 'Interfaces `{other}` and `{name}` of node `{node}` have the same `match`, which must find one NIC only.',
    hint: 'add a `name` or a `path` to each, or write the MACs',
  },
  'interface/mac-shared': {
    severity: 'error',
    message: 'Interfaces `{other}` and `{name}` of node `{node}` use the same NIC `{mac}`.',
    hint: 'remove one of them, or make it a VLAN on the NIC',
  },
  'interface/duplicate-vlan': {
    severity: 'error',
    message: 'VLAN {id} exists twice on `{parent}` of node `{node}`.',
    hint: 'remove one of them, or correct its `id`',
  },
  'interface/mtu-above-parent': {
    severity: 'error',
    message: 'On node `{node}`, the MTU {mtu} of `{name}` is larger than the MTU {parentmtu} of `{parent}` below it.',
    hint: 'raise the MTU of `{parent}`, or lower this one',
  },
  'interface/mtu-of-bond': {
    severity: 'warning',
    message:
      'On node `{node}`, `mtu: {mtu}` of the port `{name}` has no effect: the bond `{bond}` gives its ports its own MTU of {bondmtu}.',
    hint: 'set `mtu: {mtu}` at `{bond}`, or remove it here',
  },
  'interface/mtu-too-small': {
    severity: 'error',
    message: '`{name}` of node `{node}` has IPv6, which needs an MTU of at least 1280.',
    hint: 'raise `mtu`',
  },
  'interface/node-ip-missing': {
    severity: 'error',
    message: 'No interface of node `{node}` has its address `{address}`.',
    hint: 'add `{address}/{prefix}` to the `addresses` of an interface; if the address is reserved at a DHCP server, set `dhcp4` or `autoconf6` there',
  },
  'interface/two-leases': {
    severity: 'error',
    message:
      'Interfaces `{name}` and `{other}` of node `{node}` both get addresses by DHCP or from routers, and no other interface has its address `{address}`.',
    hint: 'write `{address}` with its prefix into the `addresses` of its interface, or let only one of the two ask',
  },
  'interface/gateway-by-lease': {
    severity: 'error',
    message:
      '`{name}` of node `{node}` has a gateway, but no static IPv{family} address: its gateway comes with the address.',
    hint: 'remove `gateway`, or add the address to `addresses`; for another default route, use `routes` and `use_routes: false`',
  },
  'interface/address-twice': {
    severity: 'error',
    message: 'Interfaces `{other}` and `{name}` of node `{node}` both have the address `{address}`.',
    hint: 'remove it from one of them',
  },
  'interface/prefix-differs': {
    severity: 'error',
    message: '`{address}` of node `{node}` has the prefix length {prefix}, but its network is `{network}`.',
    hint: 'write `{right}`, or correct `cluster.networking.node_cidr`',
  },
  'interface/same-subnet': {
    severity: 'warning',
    message:
      'Interfaces `{other}` and `{name}` of node `{node}` are in the same network, so replies may leave through the wrong one.',
    hint: 'make them a bond, or use networks that do not overlap',
  },
  'interface/gateway-outside': {
    severity: 'error',
    message: 'The gateway `{gateway}` is in no network of `{name}` of node `{node}`.',
    hint: 'correct it, or the `addresses` of the interface; if the gateway is on the link, add a route to it without `via`',
  },
  'interface/two-gateways': {
    severity: 'error',
    message: 'Node `{node}` has two default gateways for IPv{family}: on `{other}` and on `{name}`.',
    hint: 'remove one of them; for a fallback, give its interface a higher `route_metric`; for single networks behind it, use `routes`',
  },
  'interface/next-hop-outside': {
    severity: 'error',
    message: 'The next hop `{via}` is in no network of `{name}` of node `{node}`.',
    hint: 'a next hop must be on the link; correct it, or the `addresses` of the interface',
  },
  'interface/route-family': {
    severity: 'error',
    message: 'The route to `{to}` cannot use the next hop `{via}`: their address families differ.',
    hint: 'name a next hop of the same family',
  },
  'interface/next-hop-self': {
    severity: 'error',
    message: 'The next hop `{via}` is an address of node `{node}` itself.',
    hint: 'name the router; for a destination on the link, remove `via`',
  },
  'interface/route-no-address': {
    severity: 'error',
    message: '`{name}` of node `{node}` has no IPv{family} address, so its route to `{to}` cannot be set.',
    hint: 'add an IPv{family} address to `addresses`, or remove the route',
  },
  'interface/route-into-cluster': {
    severity: 'error',
    message:
      'The route to `{to}` overlaps `{cidr}`, the network of the {of}, so their packets would leave the cluster.',
    hint: 'remove the route, or choose another network for the {of}',
  },
  'interface/route-repeated': {
    severity: 'warning',
    message: 'Node `{node}` has two routes to `{to}` with the same priority.',
    hint: 'remove one of them, or give each a `metric`; the lower metric has priority',
  },
  'interface/route-on-link': {
    severity: 'warning',
    message: 'The route to `{to}` has no effect: `{name}` of node `{node}` is in `{network}` itself.',
    hint: 'remove the route',
  },
  'interface/route-around-link': {
    severity: 'warning',
    message:
      'The route to `{to}` sends packets of node `{node}` for {owner} to `{via}`, although `{network}` is on its own link.',
    hint: 'remove the route',
  },
  'interface/two-default-routes': {
    severity: 'error',
    message: 'Node `{node}` has two default routes for IPv{family} with the same priority.',
    hint: 'remove the gateway or the route; for a fallback, give the route a `metric` above 1000',
  },
  'interface/nothing-learnt': {
    severity: 'warning',
    message:
      '`{setting}: false` has no effect: `{name}` of node `{node}` asks neither DHCP nor routers, so there is nothing to ignore.',
    hint: 'remove it, or set `dhcp4` or `autoconf6`',
  },
  'interface/nothing-configured': {
    severity: 'warning',
    message: '`{name}` of node `{node}` has no use: no addresses, no DHCP, and no interface on top of it.',
    hint: 'give it `addresses`, or remove it',
  },
} as const satisfies CodeTable;

/** Codes about the cluster's networks: whether they are valid, disjoint, large enough, and reachable. */
import type { CodeTable } from './table.ts';

export const networkCodes = {
  'network/host-bits': {
    severity: 'error',
    message: '`{cidr}` is an address inside a network, not a network.',
    hint: 'write `{network}`',
  },
  'network/duplicate-family': {
    severity: 'error',
    message: '`{setting}` has two IPv{family} entries; one per address family is allowed.',
    hint: 'remove one of them',
  },
  'network/gateway-none': {
    severity: 'error',
    message: '`{setting}` contains both `none` and a gateway.',
    hint: 'remove one of the two',
  },
  'network/overlap': {
    severity: 'error',
    message: '`{setting}` `{cidr}` overlaps `{other}` `{othercidr}`, so packets could go to the wrong network.',
    hint: 'choose networks that do not overlap',
  },
  'network/no-node-inside': {
    severity: 'error',
    message: 'No node has an address in the node network `{network}`: they have {addresses}.',
    hint: 'write the network that the machines are plugged into',
  },
  'network/node-cidr-too-small': {
    severity: 'error',
    message: '`{cidr}` has room for {room} machines only, but the nodes have {count} addresses.',
    hint: 'write the network that the machines are plugged into, with its prefix, e.g. `192.168.50.0/24`',
  },
  'network/node-outside': {
    severity: 'error',
    message: '`{address}` of node `{node}` is not in {networks}.',
    hint: 'correct the address, or `cluster.networking.node_cidr`; for a node in another network, set `network.node_cidr` of the node',
  },
  'network/node-unreachable': {
    severity: 'error',
    message: 'Node `{node}` has no way to node `{other}` (`{address}`) in another network: no gateway, and no route.',
    hint: 'set `network.gateway` or `network.routes` of the node',
  },
  'network/pods-unrouted': {
    severity: 'error',
    message:
      'The nodes of Kubernetes are in {networks}, and the routers between these networks know no routes to pods, which `cni: routed` needs.',
    hint: 'set `cni: calico`, which sends packets of pods from node to node in a tunnel, or `cni: none` and bring such a network, e.g. Cilium',
  },
  'network/address-reserved': {
    severity: 'error',
    message: '`{address}` is the {kind} address of `{network}`, which no machine can have.',
    hint: 'choose another address',
  },
  'network/address-special': {
    severity: 'error',
    message: '`{address}` is {kind}, so no machine can be reached at it.',
    hint: 'choose an ordinary address',
  },
  'network/address-doubtful': {
    severity: 'warning',
    message: '`{address}` is reserved for another purpose: each address of `{range}` is {kind}.',
    hint: 'the private networks are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8',
  },
  'network/special-range': {
    severity: 'error',
    message: '`{cidr}` cannot be used in `{setting}`: each address of `{range}` is {kind}.',
    hint: 'choose a private network: one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fd00::/8',
  },
  'network/address-is-gateway': {
    severity: 'error',
    message: 'Node `{node}` and the gateway have the same address `{address}`.',
    hint: 'correct one of the two',
  },
  'network/gateway-outside': {
    severity: 'error',
    message: 'The gateway `{gateway}` is in none of the node networks, so no node could reach it.',
    hint: 'correct the gateway, or `cluster.networking.node_cidr`; if the gateway is on the link, add a route to `{gateway}/{prefix}` without `via`',
  },
  'network/no-gateway': {
    severity: 'warning',
    message: 'No gateway is set, so nodes cannot reach machines outside of their own network.',
    hint: 'set `cluster.networking.gateway`, to `none` if you want no gateway',
  },
  'network/no-dns': {
    severity: 'warning',
    message:
      'No name server is set for {nodes}, so {names} cannot be resolved there, and pods cannot resolve names outside of the cluster.',
    hint: 'set `cluster.networking.dns`, or write addresses instead of these names',
  },
  'network/server-in-cluster': {
    severity: 'error',
    message: '`{address}` is in `{cidr}`, the network of the {of}: nodes need the server before the cluster runs.',
    hint: 'name a server outside of the cluster; pods use the cluster DNS automatically',
  },
  'network/dns-is-node': {
    severity: 'error',
    message: 'The name server `{address}` is node `{node}` itself, so it would send its queries to itself.',
    hint: 'name a server outside of the cluster',
  },
  'network/ntp-is-node': {
    severity: 'warning',
    message: 'The time server `{address}` is node `{node}` itself, which needs another source of time.',
    hint: 'name a server outside of the cluster; without one, nodes use a master or monitor automatically',
  },
  'network/mirror-is-node': {
    severity: 'warning',
    message:
      'The mirror `{address}` is node `{node}` itself, which downloads Kubernetes before any other service runs.',
    hint: 'name a server outside of the cluster, or set `delivery: embedded`',
  },
  'network/many-name-servers': {
    severity: 'warning',
    message: 'Node `{node}` has {count} name servers, but programs and pods use only the first {limit}.',
    hint: 'keep at most {limit}',
  },
  'network/many-search-domains': {
    severity: 'warning',
    message:
      'Node `{node}` has {count} search domains ({length} characters); pods can use at most {limit} with {characters} characters in total.',
    hint: 'remove unused ones; each unknown name is looked up in all of them',
  },
  'network/name-server-family': {
    severity: 'warning',
    message: 'The name server `{address}` is never used: none of its interfaces has an IPv{family} address.',
    hint: 'remove it, or give nodes an IPv{family} address',
  },
  'network/route-family-missing': {
    severity: 'error',
    message: 'The route to `{to}` is set on no node: none of its nodes has an IPv{family} address.',
    hint: 'give the nodes an IPv{family} address in `ip`, or remove the route',
  },
  'network/repeated-entry': {
    severity: 'warning',
    message: '`{entry}` is listed twice in `{setting}`.',
    hint: 'remove one',
  },
  'network/family-order': {
    severity: 'error',
    message:
      '`pod_cidr` has {pods} and `service_cidr` has {services}; Kubernetes needs the same families in the same order.',
    hint: 'use the same order in both; the first family is the default of services',
  },
  'network/node-family': {
    severity: 'error',
    message: 'The service network starts with IPv{family}, but the first address of node `{node}` is IPv{other}.',
    hint: 'list the addresses of each node in the order of `service_cidr`; peers and the API server use the first family',
  },
  'network/node-family-missing': {
    severity: 'error',
    message: 'Pods have IPv{family} addresses, but node `{node}` has none, so its pods could not be reached.',
    hint: 'add an IPv{family} address to its `ip`, or remove the family from `pod_cidr`',
  },
  'network/virtual-ip-outside': {
    severity: 'error',
    message: 'The virtual address `{address}` is in none of the node networks.',
    hint: 'choose a free address of {networks}',
  },
  'network/virtual-ip-apart': {
    severity: 'error',
    message: 'The masters are in {networks}; routers between them do not let the virtual address `{address}` move.',
    hint: 'put a load balancer before the masters and set `control_plane.endpoint` to its name, or put all masters into one network',
  },
  'network/virtual-ip-taken': {
    severity: 'error',
    message: 'The virtual address `{address}` is already {owner}.',
    hint: 'choose an unused address',
  },
  'network/virtual-ip-useless': {
    severity: 'warning',
    message: 'A virtual address moves between masters, but there is only one master.',
    hint: 'remove `virtual_ip`, or keep it in order to add masters later without new certificates',
  },
  'network/port-taken': {
    severity: 'error',
    message: 'On masters, {owner} already uses port {port}.',
    hint: 'choose another `{setting}`; the default is {usual}',
  },
} as const satisfies CodeTable;

/** Codes about the cluster's networks: whether they are legal, disjoint, large enough, and reachable. */
import type { CodeTable } from './table.ts';

export const networkCodes = {
  'network/host-bits': {
    severity: 'error',
    message: '`{cidr}` is an address inside a network, not a network.',
    hint: 'write `{network}`',
  },
  'network/duplicate-family': {
    severity: 'error',
    message: '`{setting}` holds two entries of IPv{family}; one per address family is possible.',
    hint: 'remove one of them',
  },
  'network/gateway-none': {
    severity: 'error',
    message: '`{setting}` says `none` and names a gateway as well.',
    hint: 'keep one of the two',
  },
  'network/overlap': {
    severity: 'error',
    message: '`{setting}` `{cidr}` overlaps `{other}` `{othercidr}`, so packets for one would go to the other.',
    hint: 'choose networks that are disjoint',
  },
  'network/node-outside': {
    severity: 'error',
    message: '`{address}` of node `{node}` is not in {networks}.',
    hint: 'correct the address, or `cluster.networking.node_cidr`',
  },
  'network/address-reserved': {
    severity: 'error',
    message: '`{address}` is the {kind} address of `{network}`, which no machine can have.',
    hint: 'choose another address',
  },
  'network/address-special': {
    severity: 'error',
    message: '`{address}` is {kind}, which no machine can be reached by.',
    hint: 'choose an ordinary address',
  },
  'network/address-doubtful': {
    severity: 'warning',
    message: '`{address}` is meant for something else: each address of `{range}` is {kind}.',
    hint: 'private addresses are those of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8',
  },
  'network/special-range': {
    severity: 'error',
    message: '`{cidr}` cannot be used in `{setting}`: each address of `{range}` is {kind}.',
    hint: 'choose a private network: one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fd00::/8',
  },
  'network/address-is-gateway': {
    severity: 'error',
    message: 'Node `{node}` has the address `{address}` of the gateway.',
    hint: 'one of the two is wrong',
  },
  'network/gateway-outside': {
    severity: 'error',
    message: 'The gateway `{gateway}` is in none of the node networks, so no node could reach it.',
    hint: 'correct the gateway, or `cluster.networking.node_cidr`; one that is on the link all the same needs a route to `{gateway}/{prefix}` without `via`',
  },
  'network/no-gateway': {
    severity: 'warning',
    message: 'No gateway is set, so nodes reach nothing outside their own network.',
    hint: 'set `cluster.networking.gateway`; write `none` when that is what you want',
  },
  'network/no-dns': {
    severity: 'warning',
    message:
      'No name server is set for {nodes}, so {names} cannot be looked up there, nor any name outside of the cluster by pods.',
    hint: 'set `cluster.networking.dns`, or write addresses instead of these names',
  },
  'network/server-in-cluster': {
    severity: 'error',
    message:
      '`{address}` is in `{cidr}`, the network of the {of}: a server there cannot be asked before the cluster is up.',
    hint: 'name a server outside of the cluster; pods find the cluster DNS by themselves',
  },
  'network/dns-is-node': {
    severity: 'error',
    message: 'The name server `{address}` is node `{node}` itself, so its questions would come back to it.',
    hint: 'name a server outside of the cluster',
  },
  'network/ntp-is-node': {
    severity: 'warning',
    message: 'The time server `{address}` is node `{node}` itself, which has to get the time from elsewhere.',
    hint: 'name a server outside of the cluster; without one, nodes follow a master or monitor by themselves',
  },
  'network/mirror-is-node': {
    severity: 'warning',
    message:
      'The mirror `{address}` is node `{node}` itself, which downloads Kubernetes from there before it runs anything.',
    hint: 'name a server outside of the cluster, or write `delivery: embedded`',
  },
  'network/many-name-servers': {
    severity: 'warning',
    message: 'Node `{node}` has {count} name servers, but programs and pods ask the first {limit} only.',
    hint: 'keep the {limit} best',
  },
  'network/many-search-domains': {
    severity: 'warning',
    message:
      'Node `{node}` has {count} search domains ({length} characters); pods get {limit} of at most {characters} characters.',
    hint: 'remove the ones that nobody uses; each wrong name is looked up in all of them',
  },
  'network/name-server-family': {
    severity: 'warning',
    message: 'The name server `{address}` is never asked: no interface that gets it has an IPv{family} address.',
    hint: 'remove it, or give nodes an IPv{family} address',
  },
  'network/route-family-missing': {
    severity: 'error',
    message: 'The route to `{to}` is set nowhere: no node that it is for has an IPv{family} address.',
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
      '`pod_cidr` holds {pods} and `service_cidr` {services}; Kubernetes wants the same families in the same order.',
    hint: 'list both the same way; the first family is the one that services get by default',
  },
  'network/node-family': {
    severity: 'error',
    message: 'The service network starts with IPv{family}, but the first address of node `{node}` is IPv{other}.',
    hint: 'peers and the API server use the first family; list the addresses of each node in the order of `service_cidr`',
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
  'network/virtual-ip-taken': {
    severity: 'error',
    message: 'The virtual address `{address}` is already {owner}.',
    hint: 'choose an address that nothing else has',
  },
  'network/virtual-ip-useless': {
    severity: 'warning',
    message: 'A virtual address moves between masters, but there is only one.',
    hint: 'remove `virtual_ip`, or keep it to add masters later without new certificates',
  },
  'network/port-taken': {
    severity: 'error',
    message: 'Port {port} is used on masters by {owner}.',
    hint: 'choose another `{setting}`; {usual} is usual',
  },
} as const satisfies CodeTable;

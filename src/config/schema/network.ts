/** Settings of the cluster's networks and of one node's interfaces. */
import * as z from 'zod';
import { bondOptions } from './bond-options.ts';
import { address, addressOrHost, cidr, domain, gateway, glob, hostname, mac, macGlob } from './forms.ts';
import { interfaceName, manifest, proxyUrl } from './names.ts';
import { group, oneOrMany, scalar } from './scalar.ts';
import { parseCidr } from '../network/net.ts';
import { CALICO_MANIFEST } from '../support.ts';

/** The notation of Go's programs and curl. `*.lab.example` becomes `.lab.example`, because curl does not support the former. */
const reachedDirectly = scalar({
  expected: 'one host, a domain like `.lab.example`, an address or a network',
  examples: ['.lab.example'],
  parse: (text) => {
    if (text.includes('/')) return parseCidr(text) && text;
    return /^(\*|(\*?\.)?[A-Za-z0-9_][A-Za-z0-9_.-]*(:\d{1,5})?|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?(:\d{1,5})?)$/.test(
      text,
    )
      ? text.replace(/^\*\./, '.')
      : undefined;
  },
});

const mtu = z.int().min(576).max(65_535);

export const proxy = group('the proxy', {
  http: proxyUrl.optional().describe('Proxy for http, as a URL. A password in it is treated as a secret.'),
  https: proxyUrl.optional().describe('Proxy for https, as a URL. Default: the one for http.'),
  no_proxy: z
    .array(reachedDirectly)
    .prefault([])
    .describe(
      "Hosts, domains and networks that need no proxy. The cluster's own networks, names and end point are added.",
    ),
});

export const route = group('a route', {
  to: cidr.describe('Destination network.'),
  via: address.optional().describe('Next hop. Default: the destination is on the link.'),
  metric: z.int().min(0).max(4_294_967_295).optional().describe("Metric; the lower wins. Default: NetworkManager's."),
});

export const routes = z.array(route);

/** hosts(5); Kubernetes' `hostAliases`. */
export const hostEntry = group('an entry for hosts', {
  ip: address.describe('Address of the machine.'),
  hostnames: z.array(hostname).min(1).describe('Names of the machine; the canonical one first.'),
});

export const hosts = z.array(hostEntry);

export const networking = group('the networking', {
  node_cidr: oneOrMany(cidr)
    .optional()
    .describe(
      "Network of the nodes, one per address family. Default: that of the first node's `ip`, with the prefix that `addresses` of its interface have, or /24 (IPv4) and /64 (IPv6).",
    ),
  gateway: oneOrMany(gateway)
    .optional()
    .describe(
      'Default gateway of the nodes, one per address family; `none` for a network without one. It must be in the network of the nodes, be link-local (IPv6), or have a route in `routes` that says it is on the link.',
    ),
  dns: z.array(address).prefault([]).describe('Name servers of the nodes, in order of preference.'),
  search_domains: z.array(domain).prefault([]).describe('Domains in which short names are looked up.'),
  routes: routes
    .optional()
    .describe(
      "Static routes of the interface with the node's `ip`, e.g. the route to a `gateway` outside `node_cidr`.",
    ),
  ntp: z
    .array(addressOrHost)
    .prefault(['2.debian.pool.ntp.org'])
    .describe(
      'Time servers: addresses or names. If no node reaches one, all nodes follow one of the masters and monitors.',
    ),
  hosts: hosts.prefault([]).describe('Names of other machines in `/etc/hosts` of the nodes. Pods do not see them.'),
  mtu: mtu.optional().describe("MTU in bytes, for interfaces without one. Default: the driver's."),
  pod_cidr: oneOrMany(cidr).prefault('10.244.0.0/16').describe('Network of the pods, one per address family.'),
  service_cidr: oneOrMany(cidr).prefault('10.96.0.0/12').describe('Network of the services, one per address family.'),
  node_pod_prefix: oneOrMany(z.int().min(8).max(126))
    .optional()
    .describe(
      "Prefix length of one node's share of the pod network, one per family of `pod_cidr`. Default: 24 (IPv4), 64 (IPv6).",
    ),
  cni: z
    .enum(['routed', 'calico', 'none'])
    .prefault('routed')
    .describe('Pod network: `routed` sets routes between nodes, `calico` installs Calico, `none` leaves it to you.'),
  calico_manifest: manifest
    .optional()
    .describe(
      `Calico's manifest for \`cni: calico\`: a file relative to the folder of \`cluster.yaml\`, or a URL. Default: \`${CALICO_MANIFEST}\`.`,
    ),
  cluster_domain: domain.prefault('cluster.local').describe('DNS domain of Kubernetes services.'),
  proxy: proxy.optional().describe('HTTP proxy of the nodes.'),
});

const common = {
  name: interfaceName.describe(
    'Name of the connection. Bonds, VLANs and bridges also get it as device name. At most 15 characters.',
  ),
  mtu: mtu.optional().describe('MTU in bytes. Default: `cluster.networking.mtu`.'),
  addresses: z
    .array(cidr)
    .prefault([])
    .describe("Static addresses with prefix length. The node's `ip` is on exactly one interface."),
  gateway: oneOrMany(gateway)
    .optional()
    .describe(
      "Default gateway, one per family, or `none`. Default: the cluster's, on the interface with the node's `ip`.",
    ),
  routes: routes.optional().describe("Static routes. Default: the cluster's, on the interface with the node's `ip`."),
  dns: z
    .array(address)
    .optional()
    .describe("Name servers. Default: the cluster's, on the interface with the node's `ip`."),
  search_domains: z.array(domain).optional().describe('Search domains. Default: as for `dns`.'),
  dhcp4: z
    .boolean()
    .prefault(false)
    .describe(
      "Whether to get an IPv4 address by DHCP: a further one, or the node's `ip`, reserved at the server, if no `addresses` have it. Its default route is used if no other interface has a `gateway`, or if this one has a `route_metric`.",
    ),
  autoconf6: z
    .boolean()
    .prefault(false)
    .describe(
      "Whether to get IPv6 addresses from router advertisements and DHCPv6; also the node's `ip`, and the default route, as with `dhcp4`.",
    ),
  route_metric: z
    .int()
    .min(1)
    .max(4_294_967_295)
    .optional()
    .describe(
      "Metric of the interface's default route and of its routes without a `metric`, also of those from DHCP and router advertisements; the lower wins. Default: NetworkManager's.",
    ),
  use_dns: z
    .boolean()
    .prefault(true)
    .describe('Whether to use the name servers and search domains from DHCP and router advertisements.'),
  use_routes: z
    .boolean()
    .prefault(true)
    .describe('Whether to use the routes from DHCP and router advertisements, also the default route.'),
};

const ports = z.array(interfaceName).min(1);

/** systemd.link(5), `[Match]`; netplan's `match`. */
export const nicMatch = group('the match of a NIC', {
  name: glob.optional().describe('Name that udev gives to the NIC, e.g. `eno1`.'),
  driver: glob.optional().describe("Kernel module of the NIC's driver, e.g. `ixgbe`."),
  path: glob.optional().describe("Path of the NIC in the machine, udev's `ID_PATH`, e.g. `pci-0000:02:00.0`."),
  mac: macGlob.optional().describe("The NIC's permanent MAC, e.g. of one vendor: `3c:ec:ef:*`."),
});

const ethernet = group('an ethernet interface', {
  type: z.literal('ethernet').optional().meta({ default: 'ethernet' }).describe('A NIC, found by `mac` or by `match`.'),
  ...common,
  mac: mac.optional().describe("The NIC's permanent MAC; one of the node's `hardware.mac_addresses`."),
  match: nicMatch
    .optional()
    .describe(
      'How to find the NIC if its MAC is not known: exactly one NIC of the machine must match all given patterns (`*`, `?`, `[…]`).',
    ),
});

const bond = group('a bond', {
  type: z.literal('bond').describe('Several NICs as one.'),
  ...common,
  mode: z
    .enum(['active-backup', '802.3ad', 'balance-rr', 'balance-xor', 'broadcast', 'balance-tlb', 'balance-alb'])
    .prefault('active-backup')
    .describe('Bonding mode of the kernel.'),
  ports: ports.describe('Names of the ethernet interfaces in the bond.'),
  options: bondOptions.prefault({ miimon: 100 }).describe('Options of the kernel, as fits the mode.'),
});

const vlan = group('a VLAN', {
  type: z.literal('vlan').describe('A tagged VLAN on another interface.'),
  ...common,
  id: z.int().min(1).max(4094).describe('VLAN ID.'),
  parent: interfaceName.describe('Name of the interface that carries the VLAN.'),
});

const bridge = group('a bridge', {
  type: z.literal('bridge').describe('A bridge over other interfaces.'),
  ...common,
  ports: ports.describe('Names of the interfaces that the bridge connects.'),
  stp: z.boolean().prefault(false).describe('Whether the bridge speaks the spanning tree protocol.'),
});

/** An empty list would leave the node without a network. Without the setting, the node has an interface on its first NIC. */
export const interfaces = z.array(z.discriminatedUnion('type', [ethernet, bond, vlan, bridge])).min(1);

export type WrittenHost = z.output<typeof hostEntry>;
export type WrittenRoute = z.output<typeof route>;
export type WrittenProxy = z.output<typeof proxy>;
export type WrittenInterface = z.output<typeof interfaces>[number];

/** Settings of one node, the same in `nodes/<name>.yaml` (below `node`) and in `cluster.yaml` (below `nodes`). */
import * as z from 'zod';
import { CONTROL_PLANE, ROLE_NAMES, roleOf } from '../roles.ts';
import { kubelet } from './components.ts';
import { dataDisk, diskSelector, extras, kernelArgs, packages, users } from './extras.ts';
import { address, addressOrHost, cidr, content, domain, gateway, hostname, mac, name } from './forms.ts';
import { hosts, interfaces, proxy, routes } from './network.ts';
import { registries } from './registry.ts';
import { group, matching, oneOrMany, scalar } from './scalar.ts';

const role = scalar({
  expected: `one of ${ROLE_NAMES.map((known) => `\`${known}\``).join(', ')} (\`${CONTROL_PLANE}\` means \`master\`)`,
  pattern: new RegExp(`^(${ROLE_NAMES.join('|')}|${CONTROL_PLANE})$`),
  examples: ROLE_NAMES,
  parse: roleOf,
});

const labelName = String.raw`[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?`;
const labelPrefix = String.raw`(?=[^/]{1,253}/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*`;
const labelKey = matching(
  'a label key like `disk` or `lab.example/disk`',
  new RegExp(`^(${labelPrefix}/)?${labelName}$`),
  ['lab.example/disk'],
);
const labelValue = matching(
  'at most 63 letters, digits, `-`, `_` and dots, with a letter or digit at both ends, or empty',
  new RegExp(`^(${labelName})?$`),
);

const annotationKey = matching(
  "an annotation key in the form of a label's, not below `node.coldstart/`",
  new RegExp(`^(?!node\\.coldstart/)(${labelPrefix}/)?${labelName}$`),
  ['lab.example/rack'],
);

export const taint = group('a taint', {
  key: labelKey.describe("Key, in the form of a label's."),
  value: labelValue.prefault('').describe("Value, in the form of a label's."),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('Effect on pods that do not tolerate it.'),
});

const none = scalar({
  expected: '`none` or a group of settings',
  pattern: /^none$/,
  examples: ['none'],
  parse: (text) => (text === 'none' ? ('none' as const) : undefined),
});

const hardware = group('the hardware', {
  mac_addresses: z.array(mac).optional().describe('MACs of the NICs. The node recognises its machine by them.'),
  state_disk: diskSelector.optional().describe('The disk for `/var`. Exactly one disk must match all given settings.'),
  osd_disks: z
    .array(diskSelector)
    .optional()
    .describe('The disks for Ceph. Each disk that matches one of the selectors becomes an OSD as a whole.'),
  data_disks: z.array(dataDisk).optional().describe('Further disks: partitioned, formatted once, and mounted.'),
});

const network = group('the network of a node', {
  interfaces: interfaces
    .optional()
    .describe("Interfaces. Default: one ethernet interface on the first MAC, with the node's `ip`."),
  node_cidr: oneOrMany(cidr)
    .optional()
    .describe(
      "Network of the node instead of the cluster's, one per address family: for another rack or site, which routers connect.",
    ),
  gateway: oneOrMany(gateway).optional().describe("Default gateway instead of the cluster's."),
  routes: routes.optional().describe("Static routes instead of the cluster's, on the interface with the node's `ip`."),
  dns: z.array(address).optional().describe("Name servers instead of the cluster's."),
  search_domains: z.array(domain).optional().describe("Search domains instead of the cluster's."),
  ntp: z.array(addressOrHost).optional().describe('Further time servers.'),
  hosts: hosts.optional().describe('Further names of other machines in `/etc/hosts`.'),
});

export const node = group('a node', {
  name: name.describe('Name of the node; the file is `nodes/<name>.yaml`.'),
  hostname: hostname
    .optional()
    .describe('Host name, with or without a domain. Default: the name, followed by `cluster.domain`.'),
  ip: oneOrMany(address)
    .optional()
    .describe("The node's address, or one per address family. Other nodes use the first."),
  roles: z.array(role).min(1).optional().describe('What the node does.'),
  first_master: z
    .boolean()
    .optional()
    .describe('Whether this master initialises the cluster. Default: the first master by name does.'),
  hardware: hardware.optional().describe('The machine: its NICs and disks.'),
  network: network.optional().describe("Interfaces, and settings that differ from the cluster's networking."),
  labels: z.record(labelKey, labelValue).optional().describe('Kubernetes labels.'),
  annotations: z.record(annotationKey, content).optional().describe("Kubernetes annotations of the node's Node."),
  taints: z.array(taint).optional().describe('Kubernetes taints.'),
  kubelet: kubelet
    .optional()
    .describe("The node's kubelet: settings that are added to the cluster's, or replace them."),
  users: users
    .optional()
    .describe("Further accounts on this node. An account of the same name replaces the cluster's."),
  proxy: z
    .union([none, proxy])
    .optional()
    .describe(
      "HTTP proxy instead of the cluster's `networking.proxy`. It replaces all its settings. `none` for a node without a proxy.",
    ),
  registries: registries
    .optional()
    .describe("Further container registries. An entry of the same host replaces the cluster's."),
  kernel_args: kernelArgs
    .optional()
    .describe("Kernel arguments, after the cluster's. `-NAME` or `-NAME=VALUE` takes away one of the cluster's."),
  packages: packages.optional().describe("Debian packages in this node's base layer, besides the cluster's."),
  ...extras,
});

export type WrittenNode = z.output<typeof node>;

/** `nodes/<name>.yaml`. */
export const nodeFile = group('a node file', { node: node.describe('The node.') });

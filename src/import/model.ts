/** What readers find in a definition, in coldstart's terms: the same for all formats. `write/` turns it into files. */
import type { Field, Said } from './input/field.ts';
import { type Out, OutMap } from './write/out.ts';
import type { HostNetwork } from './network/links.ts';

/** Settings that a node and the cluster can both have: what all nodes say in the same way becomes the cluster's. */
export const SHARED = [
  ...([
    'sysctl',
    'kernel_modules',
    'kernel_args',
    'packages',
    'files',
    'units',
    'registries',
    'users',
    'proxy',
  ] as const),
  ...(['kubelet.config', 'kubelet.extra_args', 'containerd.config'] as const),
];
export type SharedSetting = (typeof SHARED)[number];

export interface NodeDraft {
  readonly name: string;
  /** Where the input describes the machine. */
  readonly from: Field;
  hostname: Said<string> | undefined;
  readonly isMaster: boolean;
  isWorker: boolean;
  /** Whether this master begins the cluster. */
  first: Said<boolean> | undefined;
  readonly ips: Said<string>[];
  /** Networks in which the kubelet looks for the node's address; a `!` in front excludes one. */
  readonly validSubnets: Said<string>[];
  readonly network: HostNetwork;
  /** MACs that belong to no link. */
  readonly macs: Said<string>[];
  disk: OutMap | undefined;
  readonly dataDisks: OutMap[];
  readonly ntp: Said<string>[];
  /** Entries for /etc/hosts. */
  readonly hosts: Out[];
  readonly labels: Map<string, Out>;
  readonly annotations: Map<string, Out>;
  readonly taints: OutMap[];
  /** By setting and name of the entry, e.g. `sysctl` and `vm.swappiness`. */
  readonly shared: ReadonlyMap<SharedSetting, Map<string, Out>>;
}

export interface Draft {
  /** The settings below `cluster`. */
  readonly cluster: OutMap;
  readonly nodes: NodeDraft[];
  /** Networks that the input says nodes are in, with their prefix. */
  readonly nodeNetworks: Said<string>[];
  /** The prefix length of one node's share of the pod network, by family. */
  readonly podPrefixes: Map<4 | 6, Said<number>>;
  /** Further names in the certificate of the API servers. */
  readonly apiNames: Said<string>[];
  /** Further files beside `cluster.yaml`, by path. */
  readonly files: Map<string, string>;
}

export const newDraft = (): Draft => ({
  cluster: new OutMap(),
  nodes: [],
  nodeNetworks: [],
  podPrefixes: new Map(),
  apiNames: [],
  files: new Map(),
});

export function newNode(name: string, from: Field, isMaster: boolean): NodeDraft {
  return {
    ...{
      name,
      from,
      isMaster,
      isWorker: !isMaster,
      hostname: undefined,
      first: undefined,
      ips: [],
      validSubnets: [],
      macs: [],
      disk: undefined,
      dataDisks: [],
    },
    ...{
      network: { links: [], dns: [], search: [], aliases: new Map() },
      ntp: [],
      hosts: [],
      labels: new Map(),
      annotations: new Map(),
      taints: [],
    },
    shared: new Map(SHARED.map((setting) => [setting, new Map<string, Out>()])),
  };
}

/** Adds an entry of a shared setting to nodes; a later one of the same name replaces it. */
export function share(nodes: readonly NodeDraft[], setting: SharedSetting, name: string, value: Out): void {
  for (const node of nodes) node.shared.get(setting)?.set(name, value);
}

/** Makes a name of coldstart: lower case, digits and `-`. */
export function plainName(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63); // prettier-ignore
  return /[a-z]/.test(name) ? name : `node-${name || '01'}`;
}

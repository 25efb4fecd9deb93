/** One node of the normalised cluster: its names and addresses, hardware, interfaces, files, units and hooks. */
import type * as z from 'zod';
import type { HttpProxy, Registry, User } from './definition/inheritable.ts';
import type { Address, Cidr } from './network/net.ts';
import type { Normalised } from './notation.ts';
import type { BootRole, Role } from './roles.ts';
import type { kubelet } from './schema/components.ts';
import type { dataDisk, diskSelector } from './schema/extras.ts';
import type { hostEntry, nicMatch, route } from './schema/network.ts';
import type { taint } from './schema/node.ts';

export interface Node {
  readonly name: string;
  /** RFC 1123, possibly qualified. */
  readonly hostname: string;
  /** The node's own addresses, at most one per family; peers use the first. */
  readonly ips: readonly Address[];
  /** The networks of `ips`, at most one per family: the node's own, otherwise the same object as the cluster's. */
  readonly nodeCidrs: readonly Cidr[];
  /** Sorted, without aliases. */
  readonly roles: readonly Role[];
  readonly bootRole: BootRole;
  readonly macs: readonly string[];
  readonly stateDisk: DiskSelector | null;
  readonly osdDisks: readonly DiskSelector[];
  readonly dataDisks: readonly DataDisk[];
  readonly interfaces: readonly Interface[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly Normalised<z.output<typeof taint>>[];
  /** The cluster's settings with the node's. */
  readonly kubelet: Normalised<z.output<typeof kubelet>>;
  // For the following, a node without its own values has the same object as the cluster.
  /** The cluster's users, then the node's. A user of the node replaces the cluster's user of the same name at its position. */
  readonly users: readonly User[];
  /** The node's proxy, otherwise the cluster's. */
  readonly proxy: HttpProxy | null;
  /** Combined like the users, but by host. */
  readonly registries: readonly Registry[];
  // The following contain the cluster's values first, then the node's own.
  readonly ntp: readonly string[];
  readonly hosts: readonly HostEntry[];
  readonly kernelArgs: readonly string[];
  readonly kernelModules: readonly string[];
  readonly sysctl: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
  readonly files: readonly ExtraFile[];
  readonly units: readonly ExtraUnit[];
  readonly hooks: readonly Hook[];
}

/** A disk must match all given conditions. A state disk's selector must match exactly one disk; OSDs use all matching disks. */
export type DiskSelector = Normalised<z.output<typeof diskSelector>>;

/** A further disk with partitions that the node mounts. */
export type DataDisk = Normalised<z.output<typeof dataDisk>>;

/** Without `via`, the destination is on the link; without `metric`, NetworkManager chooses one. */
export type Route = Normalised<z.output<typeof route>>;

/** Patterns of fnmatch(3). Exactly one NIC of the machine must match all of them. */
export type NicMatch = Normalised<z.output<typeof nicMatch>>;

/** A line of /etc/hosts. */
type HostEntry = Normalised<z.output<typeof hostEntry>>;

interface InterfaceBase {
  /** Name of the connection and, except for NICs, of the kernel's device. At most 15 bytes. */
  readonly name: string;
  readonly mtu: number | null;
  readonly addresses: readonly Cidr[];
  /** The node's own addresses that the interface gets by DHCP or router advertisements. */
  readonly leased: readonly Address[];
  readonly gateways: readonly Address[];
  readonly routes: readonly Route[];
  readonly dns: readonly Address[];
  readonly searchDomains: readonly string[];
  readonly dhcp4: boolean;
  /** IPv6 router advertisements, and DHCPv6 if they request it. */
  readonly autoconf6: boolean;
  /** Of the default route and of routes without a metric. Null: NetworkManager chooses one. */
  readonly routeMetric: number | null;
  /** Whether name servers and search domains, and routes, from DHCP and router advertisements are used. */
  readonly useDns: boolean;
  readonly useRoutes: boolean;
}

export interface Ethernet extends InterfaceBase {
  readonly type: 'ethernet';
  /** The permanent MAC. Null if `match` finds the NIC. */
  readonly mac: string | null;
  readonly match: NicMatch | null;
}
export interface Bond extends InterfaceBase {
  readonly type: 'bond';
  readonly mode:
    'active-backup' | '802.3ad' | 'balance-rr' | 'balance-xor' | 'broadcast' | 'balance-tlb' | 'balance-alb';
  /** Names of other interfaces of this node. */
  readonly ports: readonly string[];
  /** Kernel bonding options, e.g. `miimon`, `lacp_rate`. */
  readonly options: Readonly<Record<string, string>>;
}
export interface Vlan extends InterfaceBase {
  readonly type: 'vlan';
  readonly id: number;
  readonly parent: string;
}
export interface Bridge extends InterfaceBase {
  readonly type: 'bridge';
  readonly ports: readonly string[];
  readonly stp: boolean;
}
export type Interface = Ethernet | Bond | Vlan | Bridge;

/** An entry of a list of the cluster, to which a node adds its own entries. */
interface Extra {
  /** Where the user wrote it: `cluster.files[0]` or `nodes[worker-01].files[0]`. */
  readonly setting: string;
}

export interface ExtraFile extends Extra {
  /** Absolute path on the node. */
  readonly path: string;
  /** Octal permission bits as a number, e.g. 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: string;
  readonly secret: boolean;
}

export interface ExtraUnit extends Extra {
  /** File name with suffix, e.g. `backup.timer`. */
  readonly name: string;
  readonly content: string;
  readonly enabled: boolean;
}

/** A script of the user that the node runs at a stage of its start: `when`. */
export interface Hook extends Extra {
  readonly name: string;
  readonly when: 'after-network' | 'before-bootstrap' | 'after-join';
  readonly content: string;
}

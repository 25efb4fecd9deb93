/** One node of the normalised cluster: its place, its machine, its interfaces and what it gets beside the system. */
import type * as z from 'zod';
import type { HttpProxy, Registry, User } from './definition/inheritable.ts';
import type { Address, Cidr } from './network/net.ts';
import type { Normalised } from './notation.ts';
import type { BootRole, Role } from './roles.ts';
import type { diskSelector } from './schema/extras.ts';
import type { route } from './schema/network.ts';
import type { taint } from './schema/node.ts';

export interface Node {
  readonly name: string;
  /** RFC 1123, possibly qualified. */
  readonly hostname: string;
  /** The node's own addresses, at most one per family; the first is the one that peers use. */
  readonly ips: readonly Address[];
  /** Sorted, without aliases. */
  readonly roles: readonly Role[];
  readonly bootRole: BootRole;
  readonly macs: readonly string[];
  readonly stateDisk: DiskSelector | null;
  readonly osdDisks: readonly DiskSelector[];
  readonly interfaces: readonly Interface[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Normalised<z.output<typeof taint>>[];
  /** This node's share of each pod network, by position of the node among the Kubernetes nodes. */
  readonly podCidrs: readonly Cidr[];
  // Of the following, a node without values of its own has the very object of the cluster.
  /** The cluster's, those of the same name replaced in their place, and the node's further ones. */
  readonly users: readonly User[];
  /** The node's, or else the cluster's. */
  readonly proxy: HttpProxy | null;
  /** As for the users, by host. */
  readonly registries: readonly Registry[];
  // The following hold the cluster's values first and the node's own after them.
  readonly ntp: readonly string[];
  readonly kernelArgs: readonly string[];
  readonly kernelModules: readonly string[];
  readonly sysctl: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
  readonly files: readonly ExtraFile[];
  readonly units: readonly ExtraUnit[];
  readonly hooks: readonly Hook[];
}

/** All that are given must hold. Of a state disk's exactly one disk of the machine must be left; OSDs take all that fit. */
export type DiskSelector = Normalised<z.output<typeof diskSelector>>;

/** Without `via`, the destination is on the link; without `metric`, NetworkManager chooses one. */
export type Route = Normalised<z.output<typeof route>>;

interface InterfaceBase {
  /** Name of the connection; of the kernel's device too, unless it is a NIC. At most 15 bytes. */
  readonly name: string;
  readonly mtu: number | null;
  readonly addresses: readonly Cidr[];
  readonly gateways: readonly Address[];
  readonly routes: readonly Route[];
  readonly dns: readonly Address[];
  readonly searchDomains: readonly string[];
  readonly dhcp4: boolean;
  /** IPv6 router advertisements and DHCPv6 as they ask for it. */
  readonly autoconf6: boolean;
}

export interface Ethernet extends InterfaceBase {
  readonly type: 'ethernet';
  readonly mac: string;
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

/** An entry of a list that the cluster has and a node adds to. */
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

/** A script of the user's that the node runs at a named moment. */
export interface Hook extends Extra {
  readonly name: string;
  readonly when: 'after-network' | 'before-bootstrap' | 'after-join';
  readonly content: string;
}

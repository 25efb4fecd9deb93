/**
 * The normalised cluster: `load.ts` makes it from valid `cluster.yaml` and `nodes/*.yaml`. Absent settings are `null` or an empty
 * list, aliases are resolved, defaults are filled in, addresses are in canonical form, MACs are in lower case with colons, sizes
 * are in bytes. All code after the front end uses only this type.
 */

import type * as z from 'zod';
import type { HttpProxy, Registry, User } from './definition/inheritable.ts';
import type { Lock } from './files/lock-file.ts';
import type { Containerd } from './kubernetes/containerd.ts';
import type { Address, Cidr } from './network/net.ts';
import type { Node, Route } from './node.ts';
import type { Normalised } from './notation.ts';
import type { pool } from './schema/ceph.ts';
import type * as schema from './schema/cluster.ts';
import type { WrittenCluster } from './schema/cluster.ts';

export type { HttpProxy, Registry, User } from './definition/inheritable.ts';
export type { Address, Cidr } from './network/net.ts';

export type {
  Bond,
  Bridge,
  DataDisk,
  DiskSelector,
  Ethernet,
  ExtraFile,
  ExtraUnit,
  Interface,
  Node,
  Route,
  Vlan,
} from './node.ts';

export interface Cluster {
  readonly name: string;
  /** DNS domain of the nodes, or null; a node's default hostname is `<name>.<domain>`. */
  readonly domain: string | null;
  /** IANA time zone name. */
  readonly timezone: string;
  readonly networking: Networking;
  readonly controlPlane: ControlPlane;
  readonly kubernetes: Kubernetes;
  readonly registries: readonly Registry[];
  readonly bootstrap: Bootstrap;
  /** Null if no node has a Ceph role. */
  readonly ceph: Ceph | null;
  readonly image: Image;
  /** Where nodes fetch their updates; null if they do not. */
  readonly update: FetchedUpdates | null;
  readonly secrets: Secrets;
  readonly users: readonly User[];
  readonly ssh: Normalised<z.output<typeof schema.ssh>>;
  /** The content of `coldstart.lock.yaml`; null if there is none. */
  readonly lock: Lock | null;
  /** As written, sorted by name in byte order. */
  readonly nodes: readonly Node[];
}

export interface Networking {
  /** Of the nodes that have no network of their own; at most one per family. */
  readonly nodeCidrs: readonly Cidr[];
  /** Default gateways, at most one per family; empty for a closed network. */
  readonly gateways: readonly Address[];
  readonly dns: readonly Address[];
  readonly searchDomains: readonly string[];
  /** Routes that the interfaces with a node's addresses inherit. */
  readonly routes: readonly Route[];
  /** Addresses or host names. */
  readonly ntp: readonly string[];
  /** Bytes; null for the driver's default. */
  readonly mtu: number | null;
  readonly podCidrs: readonly Cidr[];
  readonly serviceCidrs: readonly Cidr[];
  /** Prefix length of one node's share of the pod network, per family of `podCidrs`. */
  readonly nodePodPrefixes: readonly number[];
  readonly cni: 'routed' | 'calico' | 'none';
  /** For `calico`, null otherwise. */
  readonly calicoManifest: Manifest | null;
  /** DNS domain of Kubernetes services. */
  readonly clusterDomain: string;
  readonly proxy: HttpProxy | null;
}

type WrittenControlPlane = Normalised<z.output<typeof schema.controlPlane>>;

interface ControlPlane extends Omit<WrittenControlPlane, 'etcdSnapshots'> {
  readonly etcdSnapshots: Omit<WrittenControlPlane['etcdSnapshots'], 'store'> & {
    readonly store: SnapshotStore | null;
  };
}

/** The user's S3 storage, to which masters copy the snapshots of etcd. */
interface SnapshotStore {
  /** Without a slash at its end. */
  readonly url: string;
  readonly region: string;
  /** PEM text. */
  readonly ca: string | null;
  /** `ACCESS_KEY_ID:SECRET_ACCESS_KEY`; a secret. Null if the file cannot be read. */
  readonly credentials: string | null;
}

interface Kubernetes extends Omit<Normalised<z.output<typeof schema.kubernetes>>, 'manifests' | 'containerd'> {
  readonly containerd: Containerd;
  /** Applied after the add-ons, in this order. */
  readonly manifests: readonly Manifest[];
}

/** A manifest of the user: a local file, or a download that has to be pinned. */
export type Manifest = { readonly name: string } & (
  { readonly content: string; readonly url: null } | { readonly content: null; readonly url: string }
);

interface Bootstrap extends Omit<
  Normalised<z.output<typeof schema.bootstrap>>,
  'tokenDistribution' | 'port' | 'external'
> {
  readonly tokenDistribution: NonNullable<WrittenCluster['bootstrap']['token_distribution']>;
  readonly port: number;
  readonly external: ExternalStore | null;
}

/** The user's token store, through which nodes get their tokens from the masters. */
export interface ExternalStore {
  readonly type: NonNullable<WrittenCluster['bootstrap']['external']>['type'];
  /** URL of a node's token, with `{node}` in place of its name. */
  readonly url: string;
  /** For `s3`. */
  readonly region: string;
  /** PEM text. */
  readonly ca: string | null;
  /** The credentials of each Kubernetes node for the store, by the node's name; secrets. */
  readonly credentials: Readonly<Record<string, string>>;
}

interface FetchedUpdates {
  /** Without a slash at its end. */
  readonly url: string;
  /** Parts of each day like `22:00-04:00`, in the time zone of the nodes. */
  readonly hours: readonly string[];
  /** PEM text. */
  readonly ca: string | null;
}

export interface Ceph extends Omit<
  Normalised<WrittenCluster['ceph']>,
  'publicCidr' | 'clusterCidr' | 'replicas' | 'minReplicas' | 'adminNodes' | 'pools' | 'csi' | 'csiUrl'
> {
  readonly publicCidrs: readonly Cidr[];
  readonly clusterCidrs: readonly Cidr[];
  readonly replicas: number;
  readonly minReplicas: number;
  readonly adminNodes: readonly string[];
  readonly pools: readonly Normalised<z.output<typeof pool>>[];
  /** URL of the folder `deploy` of a release of ceph-csi, whose drivers masters apply; null if Kubernetes gets no drivers. */
  readonly csi: string | null;
}

/** Kernel arguments and packages are settings of the nodes. */
export interface Image extends Omit<
  Normalised<WrittenCluster['image']>,
  'install' | 'nonFreeFirmware' | 'kernelArgs' | 'packages'
> {
  readonly install: boolean;
  readonly nonFreeFirmware: boolean;
}

type Secrets = Normalised<z.output<typeof schema.secrets>>;

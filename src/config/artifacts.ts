/**
 * The programs of a Kubernetes node that Debian does not package, as data: their URLs, and their digests in the lock. Other
 * modules decide how they get onto the node.
 */
import type { Cluster, Node } from './cluster.ts';
import type { LockedArtifact } from './files/lock-file.ts';
import { UPSTREAM_CONTAINERD } from './kubernetes/releases.ts';
import { isMember, ROLES } from './roles.ts';

export interface Program {
  /** The name of its file in an artifact folder and in the lock: `kubelet`, `containerd-2.3.4-linux-amd64.tar.gz`. */
  readonly name: string;
  /** URL at upstream; the lock contains this one. */
  readonly upstream: string;
  /** URL of the download: upstream, or the mirror. */
  readonly url: string;
  /** URL of the file that upstream publishes with its digest. */
  readonly digestUrl: string;
  /** From the lock; null if the lock has none for this version. */
  readonly sha256: string | null;
  /** A text that every file of this version contains, to detect another version; null for a compressed file. */
  readonly marker: string | null;
  /** The programs in it, each with its path on the node, relative to the root. */
  readonly installs: readonly Install[];
}

interface Install {
  readonly path: string;
  /** The path in the archive (`tar.gz`); null if the file is the program itself. */
  readonly member: string | null;
}

const BIN = 'usr/local/bin';

/** Upstream publishes the programs of Kubernetes here, each with its digest in `<name>.sha256`. */
const UPSTREAM = 'https://dl.k8s.io';
/** Debian's, Go's and Kubernetes' name of the only architecture that images are built for. */
const ARCHITECTURE = 'amd64';

/** The programs of Kubernetes on a node, sorted by name; none on a node that is only for storage. */
export function programsOf(cluster: Cluster, { roles }: Pick<Node, 'roles'>): readonly Program[] {
  const names = new Set(roles.flatMap((role) => ROLES[role].programs));
  if (!cluster.kubernetes.kubeProxy.enabled) names.delete('kube-proxy');
  return [...names].toSorted().map((name) => program(cluster, name));
}

function program(cluster: Cluster, name: string): Program {
  const { version, mirror } = cluster.kubernetes;
  const path = `/v${version}/bin/linux/${ARCHITECTURE}/${name}`;
  const url = `${mirror ?? UPSTREAM}${path}`;
  const origin = { name, url, digestUrl: `${url}.sha256`, upstream: `${UPSTREAM}${path}` };
  return pinned(cluster, { ...origin, marker: `v${version}`, installs: [{ path: `${BIN}/${name}`, member: null }] });
}

/** The programs of containerd 2 that a node needs; the archive also holds one for load tests. */
const CONTAINERD = ['containerd', 'containerd-shim-runc-v2', 'ctr'];

/** Upstream's containerd and runc, if the node has these. Images contain them, whatever `kubernetes.delivery` is. */
export function runtimeOf(cluster: Cluster, node: Pick<Node, 'roles'>): readonly Program[] {
  const { source, version, runcVersion, mirror } = cluster.kubernetes.containerd;
  if (source === 'debian' || !isMember(node)) return [];
  const origin = (repository: string, release: string, name: string, digests: string) => {
    const folder = `/${repository}/releases/download/v${release}`;
    const upstream = `${UPSTREAM_CONTAINERD.mirror}${folder}/${name}`;
    return { name, upstream, url: `${mirror}${folder}/${name}`, digestUrl: `${mirror}${folder}/${digests}` };
  };
  const archive = `containerd-${version}-linux-${ARCHITECTURE}.tar.gz`;
  const containerd = {
    ...origin('containerd/containerd', version, archive, `${archive}.sha256sum`),
    ...{ marker: null, installs: CONTAINERD.map((name) => ({ path: `${BIN}/${name}`, member: `bin/${name}` })) },
  };
  const runc = {
    ...origin('opencontainers/runc', runcVersion, `runc.${ARCHITECTURE}`, 'runc.sha256sum'),
    ...{ marker: runcVersion, installs: [{ path: `${BIN}/runc`, member: null }] },
  };
  return [pinned(cluster, containerd), pinned(cluster, runc)];
}

const pinned = (cluster: Cluster, one: Omit<Program, 'sha256'>): Program => ({
  ...one,
  sha256: lockedArtifact(cluster, one.name, one.upstream)?.sha256 ?? null,
});

/** The programs of all nodes together, sorted by name. */
export function allPrograms(cluster: Cluster): readonly Program[] {
  const programs = cluster.nodes.flatMap((node) => [...programsOf(cluster, node), ...runtimeOf(cluster, node)]);
  const byName = new Map(programs.map((one) => [one.name, one]));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The lock's entry for an artifact; null if it has another URL, because that is another version. */
export function lockedArtifact(cluster: Cluster, name: string, url: string | null): LockedArtifact | undefined {
  return cluster.lock?.artifacts.find((one) => one.name === name && one.url === url);
}

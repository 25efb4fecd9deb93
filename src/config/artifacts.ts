/**
 * The programs of a Kubernetes node that Debian does not package, as data: their URLs, and their digests in the lock. Other
 * modules decide how they get onto the node.
 */
import type { Cluster, Node } from './cluster.ts';
import type { LockedArtifact } from './files/lock-file.ts';
import { ROLES } from './roles.ts';

export interface Program {
  /** Its file name, e.g. `kubelet`. */
  readonly name: string;
  /** URL at upstream; the lock contains this one. */
  readonly upstream: string;
  /** URL of the download: upstream, or the mirror. */
  readonly url: string;
  /** From the lock; null if the lock has none for this version. */
  readonly sha256: string | null;
}

/** Upstream publishes the programs here, each with its digest in `<name>.sha256`. */
const UPSTREAM = 'https://dl.k8s.io';
/** Debian's and Kubernetes' name of the only architecture that images are built for. */
const ARCHITECTURE = 'amd64';

/** The programs of Kubernetes on a node, sorted by name; none on a node that is only for storage. */
export function programsOf(cluster: Cluster, { roles }: Node): readonly Program[] {
  const names = new Set(roles.flatMap((role) => ROLES[role].programs));
  return [...names].toSorted().map((name) => program(cluster, name));
}

/** The programs of all nodes together, sorted by name. */
export function allPrograms(cluster: Cluster): readonly Program[] {
  const programs = cluster.nodes.flatMap((node) => programsOf(cluster, node));
  const byName = new Map(programs.map((one) => [one.name, one]));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function program(cluster: Cluster, name: string): Program {
  const { version, mirror } = cluster.kubernetes;
  const path = `/v${version}/bin/linux/${ARCHITECTURE}/${name}`;
  const upstream = `${UPSTREAM}${path}`;
  const sha256 = lockedArtifact(cluster, name, upstream)?.sha256 ?? null;
  return { name, upstream, url: `${mirror ?? UPSTREAM}${path}`, sha256 };
}

/** The lock's entry for an artifact; null if it has another URL, because that is another version. */
export function lockedArtifact(cluster: Cluster, name: string, url: string | null): LockedArtifact | undefined {
  return cluster.lock?.artifacts.find((one) => one.name === name && one.url === url);
}

/**
 * What a Kubernetes node needs that Debian lacks, as data: the programs of its roles with their addresses, and the digests
 * that the lock holds of them. How they get onto the node is decided elsewhere.
 */
import type { Cluster, Node } from './cluster.ts';
import type { LockedArtifact } from './files/lock-file.ts';
import { ROLES } from './roles.ts';

export interface Program {
  /** Its file name, e.g. `kubelet`. */
  readonly name: string;
  /** Where upstream publishes it; this is what the lock names. */
  readonly upstream: string;
  /** Where it is fetched from: upstream, or the mirror. */
  readonly url: string;
  /** From the lock; null where it holds none for this version. */
  readonly sha256: string | null;
}

/** Upstream publishes single programs here, each with its digest in `<name>.sha256` beside it. */
const UPSTREAM = 'https://dl.k8s.io';
/** Debian's and Kubernetes' name of the only architecture that images are built for. */
const ARCHITECTURE = 'amd64';

/** The programs of Kubernetes on a node, sorted by name; none on a node that is for storage alone. */
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

/** What the lock says of an artifact; nothing when it was written for another URL, as that is another version. */
export function lockedArtifact(cluster: Cluster, name: string, url: string | null): LockedArtifact | undefined {
  return cluster.lock?.artifacts.find((one) => one.name === name && one.url === url);
}

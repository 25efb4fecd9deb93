/**
 * The container runtime of a cluster, containerd with runc: Debian's packages, or upstream's archives as artifacts. The version of
 * Kubernetes decides, unless the user does (docs/decisions/0018-containerd-by-version.md).
 */
import type { WrittenCluster } from '../schema/cluster.ts';
import type { Fields } from './documents.ts';
import { DEBIAN_CONTAINERD, releaseOf, UPSTREAM_CONTAINERD as UPSTREAM } from './releases.ts';

/** Normalised `kubernetes.containerd`. */
export interface Containerd {
  readonly source: 'debian' | 'upstream';
  /** Of containerd, in three parts. */
  readonly version: string;
  /** Of upstream's runc. */
  readonly runcVersion: string;
  /** Base URL of upstream's archives. */
  readonly mirror: string;
  /** The user's part of `config.toml`. */
  readonly config: Fields | null;
}

/** containerd of a definition. */
export function normaliseContainerd({ kubernetes, image }: Pick<WrittenCluster, 'kubernetes' | 'image'>): Containerd {
  const { source: chosen, version, runc_version: runcVersion, mirror, config } = kubernetes.containerd;
  const debian = DEBIAN_CONTAINERD[image.suite];
  const source = chosen ?? (isAtLeast(debian, releaseOf(kubernetes.version).leastContainerd) ? 'debian' : 'upstream');
  return {
    source,
    version: source === 'debian' ? debian : (version ?? UPSTREAM.version),
    runcVersion: runcVersion ?? UPSTREAM.runcVersion,
    mirror: mirror ?? UPSTREAM.mirror,
    config: config ?? null,
  };
}

/** Whether a version in three parts is the same as another one, or newer. */
export function isAtLeast(version: string, least: string): boolean {
  const [own, other] = [version, least].map((one) => one.split('.').map(Number));
  const difference = (own ?? []).map((part, index) => part - (other?.[index] ?? 0)).find((one) => one !== 0);
  return (difference ?? 0) >= 0;
}

/** Its major version, which decides the form of its configuration and what it tells the kubelet. */
export const majorOf = ({ version }: Pick<Containerd, 'version'>): number => Number(version.split('.')[0]);

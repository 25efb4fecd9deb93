/**
 * The minor versions of Kubernetes that this version builds, one row each, with all that differs between them. Views and rules
 * ask the row; no other code names a minor version. docs/HACKING.md, "To add a version of Kubernetes".
 */
import type { Suite } from '../support.ts';

interface Release {
  /** The last day of upstream's fixes, in UTC: `https://kubernetes.io/releases/<minor version>/`. */
  readonly endOfLife: string;
  /** The least containerd: "Kubernetes Support" on containerd's releases page; docs/decisions/0018-containerd-by-version.md. */
  readonly leastContainerd: string;
  /**
   * The tag of the pause image: `PauseVersion` in kubeadm's constants.go. containerd must use the same image; otherwise containerd
   * and the kubelet's garbage collection disagree about it.
   */
  readonly pause: string;
  /** The tag of the CoreDNS image, at least `CoreDNSVersion` in kubeadm's constants.go. */
  readonly coreDns: string;
  /** The API version of `AuthenticationConfiguration`: k8s.io/apiserver, pkg/apis/apiserver/<version>/register.go. */
  readonly authenticationApi: string;
}

const RELEASES: Readonly<Record<string, Release>> = {
  '1.33': {
    ...{ endOfLife: '2026-06-28', leastContainerd: '1.7.24', pause: '3.10', coreDns: 'v1.13.1' },
    authenticationApi: 'apiserver.config.k8s.io/v1beta1',
  },
  '1.34': {
    ...{ endOfLife: '2026-10-27', leastContainerd: '1.7.24', pause: '3.10.1', coreDns: 'v1.13.1' },
    authenticationApi: 'apiserver.config.k8s.io/v1',
  },
  '1.35': {
    ...{ endOfLife: '2027-02-28', leastContainerd: '1.7.24', pause: '3.10.1', coreDns: 'v1.13.1' },
    authenticationApi: 'apiserver.config.k8s.io/v1',
  },
  '1.36': {
    ...{ endOfLife: '2027-06-28', leastContainerd: '2.2.0', pause: '3.10.2', coreDns: 'v1.14.2' },
    authenticationApi: 'apiserver.config.k8s.io/v1',
  },
  '1.37': {
    ...{ endOfLife: '2027-10-28', leastContainerd: '2.2.0', pause: '3.10.2', coreDns: 'v1.14.6' },
    authenticationApi: 'apiserver.config.k8s.io/v1',
  },
};

/** containerd in each Debian release. */
export const DEBIAN_CONTAINERD: Readonly<Record<Suite, string>> = { trixie: '1.7.24' };

/** containerd 2.3 gets fixes until April 2028 (its releases page). `script/setup/runc-version` in its tag names the version of runc. */
export const UPSTREAM_CONTAINERD = { version: '2.3.4', runcVersion: '1.4.3', mirror: 'https://github.com' };

/** The version of a definition that names none: the newest patch, when this was written, that Debian's containerd serves. */
export const DEFAULT_KUBERNETES = '1.35.4';

const MINORS = Object.keys(RELEASES);
const OLDEST = MINORS[0] ?? '';
const NEWEST = MINORS.at(-1) ?? '';

/** The supported versions in words: `1.33 to 1.37`. */
export const SUPPORTED_KUBERNETES = `${OLDEST} to ${NEWEST}`;

/** The minor version of a version: `1.35` of `1.35.4`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/** How many minor versions `to` is above `from`; negative if it is below. */
export const minorsBetween = (from: string, to: string): number => minorNumber(to) - minorNumber(from);

const minorNumber = (version: string): number => Number(version.split('.')[1] ?? 0);

/** The row of a version such as `1.35.4`. A version outside the table, which a rule refuses, gets the newest. */
export function releaseOf(version: string): Release {
  const row = RELEASES[minorOf(version)] ?? RELEASES[NEWEST];
  if (row === undefined) throw new Error('the table of Kubernetes releases is empty');
  return row;
}

/** Milliseconds since 1970: the first moment without fixes. */
export const endOfFixes = (version: string): number => Date.parse(releaseOf(version).endOfLife) + 86_400_000;

/** Why a version is outside the table, as the end of a sentence; undefined if it is in the table. */
export function whyUnsupported(version: string): string | undefined {
  if (minorOf(version) in RELEASES) return undefined;
  if (!version.startsWith('1.')) return 'only major version 1 exists';
  const isOld = minorsBetween(OLDEST, version) < 0;
  return isOld
    ? 'it is too old for this version of coldstart'
    : 'it is newer than the versions that this version of coldstart knows';
}

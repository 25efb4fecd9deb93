/** Features that this version supports, out of those that the schema accepts: installing to disk, versions of downloads. */

/** Whether nodes can copy their layers to the state disk and boot from there. */
export const supportsInstall: boolean = false;

/** A version that supports nftables, which kube-proxy uses here, and was tested with Kubernetes 1.35 (its metadata.mk). */
const CALICO_VERSION = '3.32.1';
export const CALICO_MANIFEST = `https://raw.githubusercontent.com/projectcalico/calico/v${CALICO_VERSION}/manifests/calico.yaml`;

/**
 * The last minor version whose manifests are not deprecated (https://github.com/ceph/ceph-csi/pull/6507: untested in 3.18, gone in
 * 3.19); tested with Kubernetes 1.34 to 1.36 (https://github.com/ceph/ceph-csi/pull/6470).
 */
const CEPH_CSI_VERSION = '3.17.2';
export const CEPH_CSI_URL = `https://raw.githubusercontent.com/ceph/ceph-csi/v${CEPH_CSI_VERSION}/deploy`;

/** Debian releases for base layers. */
export const SUITES = ['trixie'] as const;
type Suite = (typeof SUITES)[number];

/** containerd's major version in each Debian release. */
const containerd: Readonly<Record<Suite, number>> = { trixie: 1 };

/** Oldest and newest minor version; from `needsContainerd2` on, the kubelet requires containerd 2 (CHANGELOG-1.36). */
const minors = { oldest: 33, newest: 35, needsContainerd2: 36 };

export const kubernetesSupport = {
  supported: `1.${minors.oldest} to 1.${minors.newest}`,

  /** Why a version cannot be used on a Debian release, as the end of a sentence; undefined if it can. */
  reasonAgainst: (version: string, suite: Suite): string | undefined => {
    const [major, minor = 0] = version.split('.').map(Number);
    if (major !== 1) return 'only major version 1 exists';
    if (minor < minors.oldest) return 'it is too old for the API clients of this version';
    if (minor >= minors.needsContainerd2 && containerd[suite] < 2) {
      return `it needs containerd 2, and Debian ${suite} has containerd ${containerd[suite]}`;
    }
    return minor > minors.newest ? 'it is newer than the versions that this version of coldstart supports' : undefined;
  },
};

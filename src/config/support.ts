/** Versions of downloads that this version was tested with. Those of Kubernetes are in `kubernetes/releases.ts`. */

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
export type Suite = (typeof SUITES)[number];

/**
 * The life of API versions that begins, or ends, near the versions of `releases.ts`: since when API servers serve a kind, when it
 * was deprecated, and which release removes it. Upstream says it for each type in `zz_generated.prerelease-lifecycle.go` of
 * k8s.io/api; for v1, which has no end, in comments of the types. `content/kubernetes-objects.ts` knows older removals.
 */
import { minorsBetween } from './releases.ts';

interface Life {
  readonly since?: string;
  readonly deprecated?: string;
  readonly removed?: string;
  /** The API version and, if it has another name, the kind that replaces it. */
  readonly instead?: string;
}

type Row = readonly [apiVersion: string, kinds: string, life: Life];

const MUTATING = 'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding';
const VALIDATING = 'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding';
const DEVICES = 'DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice';
const FLOWS = 'FlowSchema PriorityLevelConfiguration';

const ROWS: readonly Row[] = [
  ['v1', 'ComponentStatus', { deprecated: '1.19' }],
  ['v1', 'Endpoints', { deprecated: '1.33', instead: 'discovery.k8s.io/v1 EndpointSlice' }],
  ...ofGroup('admissionregistration.k8s.io', [
    ['v1', MUTATING, { since: '1.36' }],
    ['v1beta1', MUTATING, { since: '1.34', deprecated: '1.37', removed: '1.40', instead: 'v1' }],
    ['v1alpha1', MUTATING, { deprecated: '1.35', removed: '1.38', instead: 'v1' }],
    ['v1beta1', VALIDATING, { deprecated: '1.31', removed: '1.34', instead: 'v1' }],
    ['v1alpha1', VALIDATING, { deprecated: '1.29', removed: '1.32', instead: 'v1' }],
  ]),
  ...ofGroup('certificates.k8s.io', [
    ['v1', 'ClusterTrustBundle', { since: '1.37' }],
    ['v1beta1', 'ClusterTrustBundle', { deprecated: '1.37', removed: '1.40', instead: 'v1' }],
    ['v1alpha1', 'ClusterTrustBundle', { deprecated: '1.34', removed: '1.37', instead: 'v1' }],
    ['v1beta1', 'PodCertificateRequest', { since: '1.35', deprecated: '1.38', removed: '1.41' }],
  ]),
  ...ofGroup('coordination.k8s.io', [
    ['v1beta1', 'LeaseCandidate', { deprecated: '1.36', removed: '1.39' }],
    ['v1alpha2', 'LeaseCandidate', { deprecated: '1.35', removed: '1.38', instead: 'v1beta1' }],
  ]),
  ...ofGroup('flowcontrol.apiserver.k8s.io', [
    ['v1beta3', FLOWS, { deprecated: '1.29', removed: '1.32', instead: 'v1' }],
    ['v1beta2', FLOWS, { deprecated: '1.26', removed: '1.29', instead: 'v1' }],
    ['v1beta1', FLOWS, { deprecated: '1.23', removed: '1.26', instead: 'v1' }],
  ]),
  ...ofGroup('networking.k8s.io', [
    ['v1', 'IPAddress ServiceCIDR', { since: '1.33' }],
    ['v1beta1', 'IPAddress ServiceCIDR', { deprecated: '1.34', removed: '1.37', instead: 'v1' }],
    ['v1alpha1', 'IPAddress ServiceCIDR', { deprecated: '1.30', removed: '1.33', instead: 'v1' }],
  ]),
  ...ofGroup('resource.k8s.io', [
    ['v1', DEVICES, { since: '1.34' }],
    ['v1beta2', DEVICES, { deprecated: '1.36', removed: '1.39', instead: 'v1' }],
    ['v1beta1', DEVICES, { deprecated: '1.35', removed: '1.38', instead: 'v1' }],
    ['v1alpha3', DEVICES, { removed: '1.34', instead: 'v1' }],
    ['v1', 'DeviceTaintRule', { since: '1.37' }],
    ['v1beta2', 'DeviceTaintRule', { since: '1.36', deprecated: '1.39', removed: '1.42', instead: 'v1' }],
    ['v1alpha3', 'DeviceTaintRule', { deprecated: '1.36', removed: '1.39', instead: 'v1beta2' }],
  ]),
  ...ofGroup('storage.k8s.io', [
    ['v1', 'VolumeAttributesClass', { since: '1.34' }],
    ['v1beta1', 'VolumeAttributesClass', { deprecated: '1.34', removed: '1.37', instead: 'v1' }],
    ['v1alpha1', 'VolumeAttributesClass', { deprecated: '1.32', removed: '1.35', instead: 'v1' }],
  ]),
  ...ofGroup('storagemigration.k8s.io', [
    ['v1', 'StorageVersionMigration', { since: '1.37' }],
    ['v1beta1', 'StorageVersionMigration', { since: '1.35', deprecated: '1.37', removed: '1.40', instead: 'v1' }],
    ['v1alpha1', 'StorageVersionMigration', { deprecated: '1.33', removed: '1.35', instead: 'v1beta1' }],
  ]),
];

function ofGroup(group: string, rows: readonly Row[]): readonly Row[] {
  return rows.map(([version, kinds, { instead, ...life }]) => [
    `${group}/${version}`,
    kinds,
    { ...life, ...(instead === undefined ? {} : { instead: `${group}/${instead}` }) },
  ]);
}

const LIVES = new Map(
  ROWS.flatMap(([apiVersion, kinds, life]) => kinds.split(' ').map((kind) => [`${apiVersion} ${kind}`, life] as const)),
);

const isReached = (from: string | undefined, version: string): boolean =>
  from !== undefined && minorsBetween(from, version) >= 0;

/** What becomes of an API version in a version of Kubernetes; undefined if it is served and not deprecated. */
export function lifeOf(apiVersion: string, kind: string, version: string) {
  const life = LIVES.get(`${apiVersion} ${kind}`);
  if (life === undefined) return undefined;
  const { since, deprecated, removed, instead } = life;
  const better = instead !== undefined && isServed(instead, kind, version) ? instead : undefined;
  if (isReached(removed, version)) return { state: 'removed', by: removed ?? '', better } as const;
  if (since !== undefined && !isReached(since, version)) return { state: 'too-new', by: since, better } as const;
  return isReached(deprecated, version)
    ? ({ state: 'deprecated', by: deprecated ?? '', removed, better } as const)
    : undefined;
}

function isServed(instead: string, kind: string, version: string): boolean {
  const [apiVersion = '', other = kind] = instead.split(' ');
  const { since = version, removed } = LIVES.get(`${apiVersion} ${other}`) ?? {};
  return isReached(since, version) && !isReached(removed, version);
}

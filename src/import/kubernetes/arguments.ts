/**
 * Arguments of Kubernetes' programs: which of them are fields of a configuration, with which value, and what coldstart keeps for itself.
 * The names of most arguments are those of the fields, in another case; `NAMES` has the others.
 */
import type { Cluster } from '../../config/cluster.ts';
import { fieldPaths } from '../../config/kubernetes/field-faults.ts';
import type { Claim } from '../../config/kubernetes/kept/claim.ts';
import { type Fields, fieldOf, isFields } from '../../config/kubernetes/documents.ts';
import { KINDS } from '../../config/kubernetes/kept/fields.ts';
import type { Field } from '../input/field.ts';

/** One argument of a program, with the place that says it. */
export interface Argument {
  readonly name: string;
  readonly value: unknown;
  readonly from: Field;
}

/** Values of an argument, each a text. */
export const textsOf = ({ value }: Argument): readonly string[] => [value].flat().map(String);

/** Programs that take what their arguments say from a configuration. */
type Configured = 'kubelet.config' | 'kube_proxy.config' | 'scheduler.config';

/** Sources: `options.go` of cmd/kubelet/app/options, cmd/kube-proxy/app and cmd/kube-scheduler/app/options of Kubernetes. */
const NAMES: Readonly<Record<Configured, Readonly<Record<string, string>>>> = {
  'kubelet.config': {
    'anonymous-auth': 'authentication.anonymous.enabled',
    'authentication-token-webhook': 'authentication.webhook.enabled',
    'client-ca-file': 'authentication.x509.clientCAFile',
    'event-qps': 'eventRecordQPS',
    'image-gc-high-threshold': 'imageGCHighThresholdPercent',
    'image-gc-low-threshold': 'imageGCLowThresholdPercent',
    'minimum-image-ttl-duration': 'imageMinimumGCAge',
    'pod-manifest-path': 'staticPodPath',
    'pod-max-pids': 'podPidsLimit',
    'registry-qps': 'registryPullQPS',
    'reserved-cpus': 'reservedSystemCPUs',
    'rotate-server-certificates': 'serverTLSBootstrap',
  },
  'scheduler.config': {
    'kube-api-burst': 'clientConnection.burst',
    'kube-api-content-type': 'clientConnection.contentType',
    'kube-api-qps': 'clientConnection.qps',
    'leader-elect-lease-duration': 'leaderElection.leaseDuration',
    'leader-elect-renew-deadline': 'leaderElection.renewDeadline',
    'leader-elect-resource-lock': 'leaderElection.resourceLock',
    'leader-elect-resource-name': 'leaderElection.resourceName',
    'leader-elect-resource-namespace': 'leaderElection.resourceNamespace',
    'leader-elect-retry-period': 'leaderElection.retryPeriod',
  },
  'kube_proxy.config': { 'masquerade-all': 'iptables.masqueradeAll', 'proxy-mode': 'mode' },
};

const plain = (name: string): string => name.replaceAll(/[-.]/g, '').toLowerCase();

/** The field that an argument sets, as a path and a value of its type; undefined if there is none, or if the value is none of it. */
export function fieldOfArgument(of: Configured, argument: string, value: unknown) {
  const wanted = plain(NAMES[of][argument] ?? argument);
  const [path, notation] = fieldPaths(KINDS[of].type).find(([steps]) => plain(steps.join('.')) === wanted) ?? [];
  if (path === undefined || notation === undefined) return undefined;
  const read = valueOf(Array.isArray(value) ? value.join(',') : String(value), notation);
  return read === undefined ? undefined : { path, value: read };
}

/** A text of a command line as a value of a field (k8s.io/component-base/cli/flag). */
function valueOf(text: string, notation: string): unknown {
  const items = text.split(',').filter((item) => item !== '');
  if (['string', 'duration', 'quantity'].includes(notation)) return text;
  if (notation === 'bool') return /^(true|false)$/.test(text) ? text === 'true' : undefined;
  if (notation === 'int') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (notation === 'float') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (notation === '[string]') return items;
  const [, entry] = /^\{(string|bool)\}$/.exec(notation) ?? [];
  if (entry === undefined) return undefined;
  const pairs = items.map((item) => /^([^=<]+)[=<](.*)$/.exec(item) ?? []);
  return Object.fromEntries(pairs.map(([, key = '', one = '']) => [key, valueOf(one, entry)]));
}

/** The claim of coldstart that refuses a value; undefined if there is none, or if it depends on settings that are not known yet. */
export function refusing(claims: readonly Claim[], name: string, value: unknown): Claim | undefined {
  const claim = claims.find((one) => one.name === name);
  return claim === undefined || isAccepted(claim, value) ? undefined : claim;
}

function isAccepted(claim: Claim, value: unknown): boolean {
  // A claim that compares with settings of the cluster is for `check`, which knows them all.
  let asksCluster = false;
  const asked = new Proxy({}, {
    get: () => {
      asksCluster = true;
      return undefined;
    },
  }) as Cluster; // prettier-ignore
  try {
    return claim.accepts(value, asked) || asksCluster;
  } catch (error) {
    if (asksCluster) return true;
    throw error;
  }
}

/** A document without the fields that coldstart keeps; `lose` gets the path of each. */
export function withoutKept(
  document: Fields,
  claims: readonly Claim[],
  lose: (path: readonly string[], claim: Claim) => void,
): Fields {
  const rest = structuredClone(document) as Record<string, unknown>;
  for (const claim of claims) {
    const found = fieldOf(rest, claim.path ?? claim.name.split('.'));
    if (found === undefined || refusing([claim], claim.name, found.value) === undefined) continue;
    lose(found.path, claim);
    remove(rest, found.path);
  }
  return rest;
}

/** Takes a field out of a document. */
function remove(document: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  const inner = document[key];
  if (rest.length > 0 && isFields(inner)) remove(inner, rest);
  else delete document[key];
}

/** Says that coldstart keeps what the input sets. */
export function loseKept(field: Field, { reason, setting }: Claim): void {
  const todo =
    setting === undefined ? 'nothing, unless you rely on the other value' : `the setting for this is \`${setting}\``;
  field.lose(`coldstart does this itself: ${reason}`, todo);
}

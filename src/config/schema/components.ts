/**
 * The programs of Kubernetes: their own configuration, passed through and merged into coldstart's, and arguments that no
 * configuration file has. `config/kubernetes/components.ts` says what coldstart keeps for itself.
 */
import * as z from 'zod';
import { cidr } from './forms.ts';
import { expectations, group, matching } from './scalar.ts';

/** A document in the notation of the program that reads it; its keys are not ours. */
export const upstream = (kind: string) =>
  z
    .record(z.string(), z.unknown())
    .optional()
    .register(expectations, { expected: `a group of fields of upstream's \`${kind}\`` });

const flagName = matching(
  'the name of an argument in lower case, without the dashes in front, like `feature-gates`',
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  ['feature-gates'],
);

/** Every argument is one word of a command line. */
// eslint-disable-next-line no-control-regex -- the pattern has to find control characters
const isArgument = (text: string): boolean => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);

const argumentValue = z.union([z.string(), z.number(), z.boolean()]);
const expected = 'text on one line, a number, `true` or `false`, or a list of such';

const argumentValues = z
  .union([z.string(), z.number(), z.boolean(), z.array(argumentValue).min(1)])
  .transform((value, context): readonly string[] => {
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    if (texts.every(isArgument)) return texts;
    context.issues.push({ code: 'custom', input: value, params: { expected } });
    return z.NEVER;
  })
  .register(expectations, { expected });

const extraArgs = z
  .record(flagName, argumentValues)
  .prefault({})
  .describe('Arguments that no configuration has, without the dashes. A list repeats the argument.');

const config = (kind: string) =>
  upstream(kind).describe(`Fields of upstream's \`${kind}\`, merged into coldstart's. \`null\` removes a default.`);

/** Settings of the kubelet, of the cluster or of one node. */
export const kubelet = group('the kubelet settings', {
  config: config('KubeletConfiguration'),
  extra_args: extraArgs,
});

export const kubeProxy = group('the settings of the service proxy', {
  enabled: z
    .boolean()
    .prefault(true)
    .describe('Whether nodes run kube-proxy. `false` if something else, such as Cilium, serves the services.'),
  config: config('KubeProxyConfiguration'),
});

export const coreDns = group('the settings of CoreDNS', {
  enabled: z
    .boolean()
    .prefault(true)
    .describe("Whether masters apply coldstart's CoreDNS. `false` for one of your own."),
});

export const scheduler = group('the scheduler settings', {
  config: config('KubeSchedulerConfiguration'),
  extra_args: extraArgs,
});

export const controllerManager = group('the settings of the controller manager', { extra_args: extraArgs });

export const apiServer = group('the settings of the API servers', {
  extra_args: extraArgs,
  admission: config('AdmissionConfiguration'),
  authentication: config('AuthenticationConfiguration'),
  audit_policy: upstream('Policy').describe("Upstream's `Policy` of audit.k8s.io, instead of coldstart's."),
});

export const etcd = group('the etcd settings', {
  cidr: cidr
    .optional()
    .describe(
      'Network in which the members of etcd speak: each uses the one address that its master has there. Default: `ip` of the master.',
    ),
  extra_args: extraArgs,
});

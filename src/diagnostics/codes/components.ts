/** Codes about the settings of Kubernetes' programs. */
import type { CodeTable } from './table.ts';

export const componentCodes = {
  'kubernetes/kept-setting': {
    severity: 'error',
    message: 'coldstart keeps `{name}` of {program}: {reason}.',
    hint: 'remove it',
  },
  'kubernetes/unknown-field': {
    severity: 'error',
    message: 'A `{kind}` of Kubernetes {version} has no field `{field}`: {why}.',
    hint: 'remove it, or correct its name; capitals count',
  },
  'kubernetes/doubtful-field': {
    severity: 'warning',
    message:
      'coldstart does not know the field `{field}` of a `{kind}`: it knows those of Kubernetes {newest}, and the cluster has {version}.',
    hint: "compare it with upstream's reference; capitals count",
  },
  'kubernetes/field-type': {
    severity: 'error',
    message: '`{field}` of a `{kind}` must be {expected}. Otherwise the program does not start.',
    hint: 'correct the value',
  },
  'kubernetes/deprecated-argument': {
    severity: 'error',
    message:
      '`{name}` cannot be an argument of {program}: upstream deprecates arguments that its configuration has a field for.',
    hint: 'write the field below `config`',
  },
  'kubernetes/own-pods-refused': {
    severity: 'error',
    message: 'With `enforce: {level}` as the default, API servers would refuse the pods of {what}.',
    hint: 'add `{namespace}` to the `namespaces` of `exemptions`, beside `defaults`',
  },
  'kubernetes/etcd-times': {
    severity: 'error',
    message:
      'With a heartbeat every {heartbeat} ms, an election timeout of {election} ms is too short, and etcd does not start.',
    hint: 'the timeout must be at least {least} ms',
  },
  'kubernetes/etcd-network-empty': {
    severity: 'error',
    message: 'No master has an address in the network of etcd, `{cidr}`.',
    hint: 'write the network of their addresses, give each master an address in this network, or remove the setting',
  },
  'kubernetes/etcd-address-missing': {
    severity: 'error',
    message: 'The master `{node}` has no address in the network of etcd, `{cidr}`.',
    hint: 'give one of its interfaces an address there',
  },
  'kubernetes/etcd-addresses': {
    severity: 'error',
    message: 'The master `{node}` has several addresses in the network of etcd, `{cidr}`: {addresses}.',
    hint: 'etcd has one address on each master: write a smaller network that has only one of them',
  },
  'kubernetes/unused-setting': {
    severity: 'warning',
    message: '`{name}` has no effect: {reason}.',
    hint: 'remove it',
  },
  'kubernetes/no-service-proxy': {
    severity: 'warning',
    message: 'Nothing serves the services: kube-proxy is off, and `cni: routed` does not do it.',
    hint: 'write `cni: none` and bring a network that does it, such as Cilium, or list the manifest of a service proxy in `manifests`',
  },
  'kubernetes/nobody-approves': {
    severity: 'warning',
    message:
      'Kubelets ask for serving certificates, but no manifest approves them: `kubectl logs` and `kubectl exec` fail until somebody does.',
    hint: 'remove it, as the images contain serving certificates, or list the manifest of an approver in `manifests`',
  },
} as const satisfies CodeTable;

/** `config.yaml` of k3s and RKE2 (docs.k3s.io/cli/server, docs.rke2.io/reference/server_config), as Edge Image Builder has it. */
import type { Field } from '../input/field.ts';
import { putKubeletArguments, putKubeletField, putLabels, putTaints } from '../kubernetes/kubelet.ts';
import type { Argument } from '../kubernetes/arguments.ts';
import { argumentsIn, putArguments, putProxyArguments } from '../kubernetes/programs.ts';
import type { Draft, NodeDraft } from '../model.ts';
import { Leaf, oneOrList } from '../write/out.ts';

const PROGRAMS = {
  'kube-apiserver-arg': 'api_server',
  'kube-controller-manager-arg': 'controller_manager',
  'kube-scheduler-arg': 'scheduler',
  'etcd-arg': 'etcd',
} as const;

const OWN = 'it is about the program of k3s or RKE2';
const KEYS = 'coldstart makes its own keys and tokens';
const ADDRESS = 'the `ip` of the node says it';
/** Settings that coldstart needs none for. */
const SKIPPED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['write-kubeconfig', 'write-kubeconfig-mode', 'write-kubeconfig-group', 'debug', 'cluster-init', 'disable-helm-controller', 'disable-cloud-controller', 'disable-network-policy', 'disable-apiserver', 'disable-agent', 'prefer-bundled-bin', 'supervisor-metrics', 'embedded-registry', 'v', 'vmodule', 'log'].map((key) => [key, OWN])), // prettier-ignore
  ...Object.fromEntries(['token', 'token-file', 'agent-token', 'agent-token-file', 'server'].map((key) => [key, KEYS])),
  ...Object.fromEntries(['node-ip', 'bind-address', 'advertise-address', 'flannel-iface'].map((key) => [key, ADDRESS])),
  selinux: 'Debian uses AppArmor',
  profile: 'coldstart always sets what the CIS benchmark asks for',
  'secrets-encryption': 'coldstart always encrypts the secrets in etcd',
};

/** Parts that k3s installs by itself, unless `disable` names them (docs.k3s.io/installation/packaged-components). */
const PARTS = {
  k3s: ['traefik', 'servicelb', 'local-storage', 'metrics-server'],
  rke2: ['rke2-ingress-nginx', 'rke2-metrics-server', 'rke2-snapshot-controller'],
} as const;

type Kind = keyof typeof PARTS;

/** The settings of servers, or of agents. */
export function readServer(root: Field, draft: Draft, nodes: readonly NodeDraft[]): void {
  readNetwork(root, draft);
  const isOff = root.get('disable-kube-proxy');
  if (isOff?.bool() === true) draft.cluster.put(['kubernetes', 'kube_proxy', 'enabled'], new Leaf(false, isOff));
  else isOff?.skip('it is the default');
  for (const [key, program] of Object.entries(PROGRAMS)) putArguments(program, argumentsIn(root.get(key)), draft);
  putProxyArguments(argumentsIn(root.get('kube-proxy-arg')), isOff?.plain() === true, draft);
  putKubeletArguments(argumentsIn(root.get('kubelet-arg')), nodes);
  putArguments('api_server', argumentOf(root.get('service-node-port-range')), draft);
  if (root.get('etcd-expose-metrics')?.bool() === true)
    draft.cluster.put(['kubernetes', 'etcd', 'extra_args', 'listen-metrics-urls'], new Leaf('http://0.0.0.0:2381', root.get('etcd-expose-metrics'))); // prettier-ignore
  putKubeletArguments(argumentOf(root.get('protect-kernel-defaults')), nodes);
  for (const { value, from } of root.get('node-label')?.texts() ?? []) putLabels(value, from ?? root, nodes);
  for (const { value, from } of root.get('node-taint')?.texts() ?? []) putTaints(value, from ?? root, nodes);
  const dns = root.get('cluster-dns');
  if (dns) putKubeletField(dns, nodes);
  for (const one of root.get('tls-san')?.texts() ?? []) draft.apiNames.push(one);
  for (const [key, reason] of Object.entries(SKIPPED)) root.get(key)?.skip(reason);
  loseOthers(root);
}

/** A setting that is an argument of the same name. */
const argumentOf = (from: Field | undefined): readonly Argument[] => {
  const value = from?.text();
  return from === undefined || value === undefined ? [] : [{ name: from.key, value, from }];
};

function readNetwork(root: Field, { cluster }: Draft): void {
  for (const [key, setting] of Object.entries({ 'cluster-cidr': 'pod_cidr', 'service-cidr': 'service_cidr' })) {
    const field = root.get(key);
    const words = (field?.texts() ?? []).flatMap(({ value, from }) => value.split(',').map((one) => ({ value: one.trim(), from }))); // prettier-ignore
    if (words.length > 0) cluster.put(['networking', setting], oneOrList(words, field));
  }
  const domain = root.get('cluster-domain')?.said();
  if (domain) cluster.put(['networking', 'cluster_domain'], new Leaf(domain.value, domain.from));
  for (const key of ['cni', 'flannel-backend']) putCni(root.get(key), cluster);
}

/** RKE2 takes a list, in which Multus may stand in front. */
function putCni(field: Field | undefined, cluster: Draft['cluster']): void {
  for (const { value: name, from } of field?.texts() ?? []) {
    if (['canal', 'flannel', 'vxlan', 'host-gw'].includes(name))
      from?.skip('`routed`, the default of coldstart, takes its place');
    else if (name === 'multus')
      from?.lose('coldstart does not install Multus', 'write its manifest, and name it in `cluster.kubernetes.manifests`');
    else {
      cluster.put(['networking', 'cni'], new Leaf(name === 'calico' ? 'calico' : 'none', from));
      if (name === 'cilium')
        from?.assume(
          'The cluster has Cilium as its pod network, which coldstart does not install',
          'write its manifest with `helm template`, and name it in `cluster.kubernetes.manifests`',
        );
    }
  }
} // prettier-ignore

/** Settings of which it can be said what to do instead. */
function loseOthers(root: Field): void {
  const told: Readonly<Record<string, readonly [string, string]>> = {
    'system-default-registry': ['coldstart pulls images from where they are named', 'add mirrors to `cluster.registries`'],
    'private-registry': ['the file is not part of the definition', 'add mirrors to `cluster.registries`'],
    'node-external-ip': ['coldstart has no cloud provider that would say it', 'nothing, unless a program reads this address of the Node'],
    'etcd-snapshot-schedule-cron': ['coldstart has times between snapshots', 'set `cluster.control_plane.etcd_snapshots.every`'],
    'etcd-snapshot-retention': ['coldstart has its own snapshots', 'set `cluster.control_plane.etcd_snapshots.keep`'],
    'ingress-controller': ['coldstart installs no ingress controller', 'write its manifest, and name it in `cluster.kubernetes.manifests`'],
    'data-dir': ['the state disk is at `/var`', 'nothing, unless a program relies on the folder'],
    'cloud-provider-name': ['Kubernetes has no other providers any more than external ones', 'set `cloud-provider: external` in `cluster.kubernetes.kubelet.extra_args`, and add the manifests of the provider'],
  };
  for (const [key, [reason, todo]] of Object.entries(told)) root.get(key)?.lose(reason, todo);
} // prettier-ignore

/** What k3s or RKE2 installs by itself, and coldstart does not. CoreDNS is the one part that both install. */
export function readParts(root: Field | undefined, version: Field | undefined, draft: Draft): void {
  const kind = kindOf(version);
  const disabled = root?.get('disable')?.texts() ?? [];
  for (const { value, from } of disabled) {
    if (/^(rke2-)?coredns$/.test(value)) draft.cluster.put(['kubernetes', 'coredns', 'enabled'], new Leaf(false, from));
    else from?.skip('coldstart does not install it');
  }
  const parts = kind === undefined ? [] : PARTS[kind].filter((part) => !disabled.some(({ value }) => value === part));
  if (parts.length > 0)
    version?.assume(
      `${kind === 'k3s' ? 'k3s' : 'RKE2'} installs ${parts.join(', ')} by itself; coldstart does not`,
      'write the manifests of those that you need, and name them in `cluster.kubernetes.manifests`',
    );
}

function kindOf(version: Field | undefined): Kind | undefined {
  const text = version?.text() ?? '';
  return text.includes('+k3s') ? 'k3s' : text.includes('+rke2') ? 'rke2' : undefined;
}

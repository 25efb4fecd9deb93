/** Settings of Kubernetes' programs in Talos's configuration. */
import type { Field, Said } from '../../input/field.ts';
import { putKubeletArguments, putKubeletField } from '../../kubernetes/kubelet.ts';
import { argumentsOf, putArguments, putProxyArguments } from '../../kubernetes/programs.ts';
import { type Draft, type NodeDraft, share } from '../../model.ts';
import { Leaf, leaf, type Out, OutList, OutMap, outFrom, plainOut } from '../../write/out.ts';
import { addManifest } from './manifests.ts';
import type { Target } from './target.ts';

/** Programs by Talos's name, and coldstart's group of settings below `cluster.kubernetes`. */
const PROGRAMS = {
  apiServer: 'api_server',
  controllerManager: 'controller_manager',
  scheduler: 'scheduler',
  etcd: 'etcd',
} as const;

export function putComponents(field: Field, target: Target): void {
  for (const [key, group] of Object.entries(PROGRAMS)) {
    const program = field.get(key);
    if (!program) continue;
    putArguments(group, argumentsOf(program.get('extraArgs')), target.draft);
    putWhole(program.get('config'), ['kubernetes', group, 'config'], target);
    putWhole(program.get('auditPolicy'), ['kubernetes', group, 'audit_policy'], target);
    putWhole(program.get('authenticationConfig'), ['kubernetes', group, 'authentication'], target);
  }
  const proxy = field.get('proxy');
  const isOff = proxy?.get('disabled')?.plain() === true;
  putProxyArguments(argumentsOf(proxy?.get('extraArgs')), isOff, target.draft);
  putSwitch(proxy?.get('disabled'), ['kubernetes', 'kube_proxy', 'enabled'], target);
  putSwitch(field.get('coreDNS', 'disabled'), ['kubernetes', 'coredns', 'enabled'], target);
  const mode = proxy?.get('mode');
  if (isOff) mode?.skip('the service proxy is off');
  else target.draft.cluster.put(['kubernetes', 'kube_proxy', 'config', 'mode'], leaf(mode?.said()));
  putCloudProvider(field.get('externalCloudProvider'), target);
}

/** `disabled` of Talos is the opposite of `enabled`. */
function putSwitch(field: Field | undefined, path: readonly string[], { draft }: Target): void {
  if (field?.bool() === true) draft.cluster.put(path, new Leaf(false, field));
  else field?.skip('it is the default of coldstart');
}

function putWhole(field: Field | undefined, path: readonly string[], { draft }: Target): void {
  if (field) draft.cluster.put(path, outFrom(field.take(), field));
}

/** A program of the provider initialises the nodes: Talos gives kubelets and controller managers the same argument. */
function putCloudProvider(field: Field | undefined, target: Target): void {
  const enabled = field?.get('enabled');
  if (enabled?.bool() === true) {
    share(target.nodes, 'kubelet.extra_args', 'cloud-provider', new Leaf('external', enabled));
    target.draft.cluster.put(['kubernetes', 'controller_manager', 'extra_args', 'cloud-provider'], new Leaf('external'));
  } else enabled?.skip('it is the default of coldstart');
  for (const { value, from } of field?.get('manifests')?.texts() ?? []) addManifest(value, target, from);
} // prettier-ignore

/** `admissionControl` lists plugins with their configuration, as `AdmissionConfiguration` does. A later one of the same name replaces one. */
export function putAdmission(field: Field | undefined, { draft }: Target): void {
  if (field?.isMap === true) return field.skip('coldstart has no such default of Talos');
  const path = ['kubernetes', 'api_server', 'admission', 'plugins'];
  const standing = draft.cluster.at(path);
  const more = field && outFrom(field.take(), field);
  if (!(more instanceof OutList) || more.items.length === 0) return;
  const nameOf = (item: Out): unknown => (item instanceof OutMap && item.at(['name']) ? plainOut(item.at(['name']) as Out) : undefined);
  const names = more.items.map(nameOf);
  const kept = standing instanceof OutList ? standing.items.filter((item) => !names.includes(nameOf(item))) : [];
  draft.cluster.put(path, new OutList([...kept, ...more.items], field));
} // prettier-ignore

/** The part `machine.kubelet`. */
export function readKubelet(field: Field | undefined, { draft, nodes }: Target): void {
  putKubeletArguments(argumentsOf(field?.get('extraArgs')), nodes);
  for (const one of field?.get('extraConfig')?.fields() ?? []) putKubeletField(one, nodes);
  const addresses = field?.get('clusterDNS');
  if (addresses) putKubeletField(addresses, nodes);
  const seccomp = field?.get('defaultRuntimeSeccompProfileEnabled');
  const isDefault = seccomp?.bool();
  if (isDefault !== undefined) share(nodes, 'kubelet.config', 'seccompDefault', new Leaf(isDefault, seccomp));
  for (const one of field?.get('nodeIP', 'validSubnets')?.texts() ?? []) readValidSubnet(one, draft, nodes);
}

function readValidSubnet(one: Said<string>, { nodeNetworks }: Draft, nodes: readonly NodeDraft[]): void {
  for (const { validSubnets } of nodes) validSubnets.push(one);
  if (!one.value.startsWith('!')) nodeNetworks.push(one);
}

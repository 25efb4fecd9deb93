/**
 * Settings of Kubernetes' programs in Talos's configuration. They are brought if the schema of coldstart has a setting for them;
 * `hasSetting` asks the schema, so that no list of settings is kept here.
 */
import { cluster as clusterSchema } from '../../../config/schema/cluster.ts';
import { PROGRAMS as PROGRAM_CLAIMS, type ProgramName } from '../../../config/kubernetes/kept/arguments.ts';
import { KINDS } from '../../../config/kubernetes/kept/fields.ts';
import { fieldOf, isFields } from '../../../config/kubernetes/documents.ts';
import { schemaAt } from '../../../config/schema/inspect.ts';
import type { Field } from '../../input/field.ts';
import { fieldOfArgument, loseKept, refusing } from '../../kubernetes/arguments.ts';
import { type Draft, share } from '../../model.ts';
import { Leaf, leaf, OutMap, outOf } from '../../write/out.ts';
import type { Target } from './target.ts';

const NO_FIELD = 'the configuration of the program has no field for this argument';

const hasSetting = (path: readonly string[]): boolean => schemaAt(clusterSchema, path, {}) !== undefined;

/** Programs by Talos's name, and coldstart's group of settings below `cluster.kubernetes`. */
const PROGRAMS: Readonly<Record<string, ProgramName>> = {
  apiServer: 'api_server',
  controllerManager: 'controller_manager',
  scheduler: 'scheduler',
  etcd: 'etcd',
};

export function putComponents(field: Field, target: Target): void {
  for (const [key, group] of Object.entries(PROGRAMS)) {
    const program = field.get(key);
    if (!program) continue;
    putArguments(program.get('extraArgs'), group, target);
    putWhole(program.get('config'), ['kubernetes', group, 'config'], target);
    putWhole(program.get('auditPolicy'), ['kubernetes', group, 'audit_policy'], target);
    putWhole(program.get('authenticationConfig'), ['kubernetes', group, 'authentication'], target);
  }
  const proxy = field.get('proxy');
  putProxyArguments(proxy?.get('extraArgs'), proxy?.get('disabled')?.plain() === true, target);
  putSwitch(proxy?.get('disabled'), ['kubernetes', 'kube_proxy', 'enabled'], target);
  putSwitch(field.get('coreDNS', 'disabled'), ['kubernetes', 'coredns', 'enabled'], target);
  const mode = proxy?.get('mode');
  if (mode && hasSetting(['kubernetes', 'kube_proxy', 'config']))
    target.draft.cluster.put(['kubernetes', 'kube_proxy', 'config', 'mode'], new Leaf(mode.text() ?? '', mode));
}

/** Switches something off, if the schema has a setting for it. */
export function putSwitchedOff(path: readonly string[], { cluster }: Draft): void {
  if (hasSetting(path)) cluster.put(path, new Leaf(false));
}

/** `disabled` of Talos is the opposite of `enabled`. */
function putSwitch(field: Field | undefined, path: readonly string[], target: Target): void {
  if (!field || !hasSetting(path)) return;
  const disabled = field.bool();
  if (disabled === true) target.draft.cluster.put(path, new Leaf(false, field));
  else field.skip('it is the default of coldstart');
}

function putArguments(field: Field | undefined, group: ProgramName, target: Target): void {
  for (const one of field?.fields() ?? []) {
    const value = one.take();
    if (value === undefined) continue;
    const kept = refusing(claimsOf(group), one.key, [value].flat().map(String));
    // The scheduler ignores some arguments when it reads a configuration.
    const found = kept && group === 'scheduler' ? fieldOfArgument('scheduler.config', one.key, value) : undefined;
    if (found !== undefined)
      target.draft.cluster.put(['kubernetes', 'scheduler', 'config', ...found.path], outOf(found.value, one));
    else if (kept !== undefined) loseKept(one, kept);
    else target.draft.cluster.put(['kubernetes', group, 'extra_args', one.key], outOf(value, one));
  }
}

const claimsOf = (group: ProgramName) => PROGRAM_CLAIMS[group].claims;

/** Arguments of kube-proxy are fields of its configuration. */
function putProxyArguments(field: Field | undefined, isOff: boolean, { draft }: Target): void {
  if (isOff) return field?.skip('the service proxy is off');
  for (const one of field?.fields() ?? []) {
    const found = fieldOfArgument('kube_proxy.config', one.key, one.take());
    const kept = found && refusing(KINDS['kube_proxy.config'].claims, found.path.join('.'), found.value);
    if (kept !== undefined) loseKept(one, kept);
    else if (found === undefined)
      one.lose(NO_FIELD, 'look for a field in `KubeProxyConfiguration`, for `kube_proxy.config`');
    else draft.cluster.put(['kubernetes', 'kube_proxy', 'config', ...found.path], outOf(found.value, one));
  }
}

function putWhole(field: Field | undefined, path: readonly string[], target: Target): void {
  if (!field || !hasSetting(path)) return;
  target.draft.cluster.put(path, outOf(field.take(), field));
}

/** `admissionControl` lists plugins with their configuration, as `AdmissionConfiguration` does. */
export function putAdmission(field: Field | undefined, target: Target): void {
  if (!field || !hasSetting(['kubernetes', 'api_server', 'admission'])) return;
  if (field.isMap) return field.skip('coldstart has no such default of Talos');
  const plugins = field.take();
  if (Array.isArray(plugins) && plugins.length > 0)
    target.draft.cluster.put(['kubernetes', 'api_server', 'admission', 'plugins'], outOf(plugins, field));
}

/** The part `machine.kubelet`. */
export function readKubelet(field: Field | undefined, target: Target): void {
  for (const one of field?.get('extraArgs')?.fields() ?? []) putKubeletArgument(one, target);
  for (const one of field?.get('extraConfig')?.fields() ?? []) putKubeletField(one, target);
  const seccomp = field?.get('defaultRuntimeSeccompProfileEnabled');
  if (seccomp && hasSetting(['kubernetes', 'kubelet', 'config']))
    putKubelet(seccomp, 'kubelet.config', 'seccompDefault', target, seccomp.bool());
  const subnets = field?.get('nodeIP', 'validSubnets');
  for (const one of subnets?.texts() ?? []) target.draft.nodeNetworks.push(one);
}

/** An argument is the field of the same name; upstream deprecates the argument. */
function putKubeletArgument(field: Field, target: Target): void {
  const { key } = field;
  if (key === 'node-ip') return field.skip("the node's `ip` is what the kubelet uses");
  const value = field.take();
  if (value === undefined) return;
  if (key === 'node-labels') return putLabels(typeof value === 'string' ? value : '', field, target);
  const found = fieldOfArgument('kubelet.config', key, value);
  const kept = found
    ? refusing(KINDS['kubelet.config'].claims, found.path.join('.'), found.value)
    : refusing(PROGRAM_CLAIMS.kubelet.claims, key, [value].flat().map(String));
  const isArgument = PROGRAM_CLAIMS.kubelet.claims.some(({ name }) => name === key);
  const [first = '', ...rest] = found?.path ?? [];
  if (kept !== undefined) loseKept(field, kept);
  else if (found !== undefined) putKubelet(field, 'kubelet.config', first, target, nested(rest, found.value));
  else if (isArgument) putKubelet(field, 'kubelet.extra_args', key, target, value);
  else field.lose(NO_FIELD, 'look for a field in `KubeletConfiguration`, for `kubelet.config`');
}

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, key) => ({ [key]: inner }), value);

function putLabels(text: string, field: Field, { nodes }: Target): void {
  for (const pair of text.split(',').filter((one) => one !== '')) {
    const [key = '', value = ''] = pair.split('=');
    nodes.forEach(({ labels }) => labels.set(key, new Leaf(value, field)));
  }
}

/** A field of the configuration, without what coldstart keeps. */
function putKubeletField(field: Field, target: Target): void {
  const { key } = field;
  if (key === 'registerWithTaints') return field.items().forEach((item) => putTaint(item, target));
  const whole = { [key]: field.take() };
  for (const claim of KINDS['kubelet.config'].claims) {
    const steps = claim.name.split('.');
    const found = fieldOf(whole, steps);
    if (found === undefined || refusing([claim], claim.name, found.value) === undefined) continue;
    loseKept(field.get(...found.path.slice(1)) ?? field, claim);
    remove(whole, found.path);
  }
  const value = whole[key];
  if (!isFields(value) || Object.keys(value).length > 0) putKubelet(field, 'kubelet.config', key, target, value);
}

function putTaint(item: Field, { nodes }: Target): void {
  const parts = ['key', 'value', 'effect'].map((name) => [name, leaf(item.get(name)?.said())] as const);
  nodes.forEach(({ taints }) => taints.push(new OutMap(Object.fromEntries(parts), item)));
}

/** Takes a field out of a document. */
function remove(document: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  const inner = document[key];
  if (rest.length > 0 && isFields(inner)) remove(inner, rest);
  else delete document[key];
}

type KubeletSetting = 'kubelet.config' | 'kubelet.extra_args';

function putKubelet(field: Field, setting: KubeletSetting, key: string, { nodes }: Target, value: unknown): void {
  const out = outOf(value, field);
  if (out) share(nodes, setting, key, out);
}

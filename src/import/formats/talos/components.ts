/**
 * Settings of Kubernetes' programs in Talos's configuration. They are brought if the schema of coldstart has a setting for them;
 * `hasSetting` asks the schema, so that no list of settings is kept here.
 */
import { cluster as clusterSchema } from '../../../config/schema/cluster.ts';
import { schemaAt } from '../../../config/schema/inspect.ts';
import type { Field } from '../../input/field.ts';
import { type Draft, share } from '../../model.ts';
import { Leaf, outOf } from '../../write/out.ts';
import type { Target } from './target.ts';

const LATER = 'coldstart has no setting for it';
const FLAG = 'look whether the default of coldstart suits you';

const hasSetting = (path: readonly string[]): boolean => schemaAt(clusterSchema, path, {}) !== undefined;

/** Programs by Talos's name, and coldstart's group of settings below `cluster.kubernetes`. */
const PROGRAMS: Readonly<Record<string, string>> = {
  apiServer: 'api_server',
  controllerManager: 'controller_manager',
  scheduler: 'scheduler',
  etcd: 'etcd',
};

export function putComponents(field: Field, target: Target): void {
  for (const [key, group] of Object.entries(PROGRAMS)) {
    const program = field.get(key);
    if (!program) continue;
    putArguments(program.get('extraArgs'), ['kubernetes', group, 'extra_args'], target);
    putWhole(program.get('config'), ['kubernetes', group, 'config'], target);
    putWhole(program.get('auditPolicy'), ['kubernetes', group, 'audit_policy'], target);
    putWhole(program.get('authenticationConfig'), ['kubernetes', group, 'authentication'], target);
  }
  const proxy = field.get('proxy');
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

function putArguments(field: Field | undefined, path: readonly string[], target: Target): void {
  if (!field || !hasSetting(path)) return;
  for (const one of field.fields()) {
    const value = one.take();
    if (value !== undefined) target.draft.cluster.put([...path, one.key], outOf(value, one));
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
  for (const one of field?.get('extraArgs')?.fields() ?? []) {
    if (one.key === 'rotate-server-certificates') {
      putKubelet(one, 'kubelet.config', 'serverTLSBootstrap', target, one.bool() === true);
    } else if (one.key === 'node-ip') one.skip("the node's `ip` is what the kubelet uses");
    else if (!hasSetting(['kubernetes', 'kubelet', 'extra_args'])) one.lose(LATER, FLAG);
    else putKubelet(one, 'kubelet.extra_args', one.key, target, one.take());
  }
  for (const one of field?.get('extraConfig')?.fields() ?? []) {
    if (!hasSetting(['kubernetes', 'kubelet', 'config'])) one.lose(LATER, FLAG);
    else putKubelet(one, 'kubelet.config', one.key, target, one.take());
  }
  const seccomp = field?.get('defaultRuntimeSeccompProfileEnabled');
  if (seccomp && hasSetting(['kubernetes', 'kubelet', 'config']))
    putKubelet(seccomp, 'kubelet.config', 'seccompDefault', target, seccomp.bool());
  const subnets = field?.get('nodeIP', 'validSubnets');
  for (const one of subnets?.texts() ?? []) target.draft.nodeNetworks.push(one);
}

type KubeletSetting = 'kubelet.config' | 'kubelet.extra_args';

function putKubelet(field: Field, setting: KubeletSetting, key: string, { nodes }: Target, value: unknown): void {
  if (!hasSetting(['kubernetes', ...setting.split('.')])) return field.lose(LATER, FLAG);
  const out = outOf(value, field);
  if (out) share(nodes, setting, key, out);
}

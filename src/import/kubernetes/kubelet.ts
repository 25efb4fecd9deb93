/** The kubelet's arguments and the fields of its configuration, for the nodes that have them. */
import { PROGRAMS } from '../../config/kubernetes/kept/arguments.ts';
import { isFields } from '../../config/kubernetes/documents.ts';
import { KINDS } from '../../config/kubernetes/kept/fields.ts';
import type { Field } from '../input/field.ts';
import { type NodeDraft, share } from '../model.ts';
import { Leaf, OutMap, leaf, outFrom, outOf } from '../write/out.ts';
import { type Argument, fieldOfArgument, loseKept, refusing, textsOf, withoutKept } from './arguments.ts';
import { loseUnknown } from './programs.ts';

type Nodes = readonly NodeDraft[];
type KubeletSetting = 'kubelet.config' | 'kubelet.extra_args';

/** An argument is the field of the same name; upstream deprecates the argument. */
export function putKubeletArguments(given: readonly Argument[], nodes: Nodes): void {
  for (const one of given) putKubeletArgument(one, nodes);
}

function putKubeletArgument(one: Argument, nodes: Nodes): void {
  const { name, value, from } = one;
  if (name === 'node-ip') return from.skip("the node's `ip` is what the kubelet uses");
  if (name === 'node-labels') return textsOf(one).forEach((text) => putLabels(text, from, nodes));
  if (name === 'register-with-taints') return textsOf(one).forEach((text) => putTaints(text, from, nodes));
  const found = fieldOfArgument('kubelet.config', name, value);
  const claims = PROGRAMS.kubelet.claims;
  const kept = found
    ? refusing(KINDS['kubelet.config'].claims, found.path.join('.'), found.value)
    : refusing(claims, name, textsOf(one));
  const [first = '', ...rest] = found?.path ?? [];
  if (kept !== undefined) loseKept(from, kept);
  else if (found !== undefined) putKubelet('kubelet.config', first, outOf(nested(rest, found.value), from), nodes);
  else if (claims.some((claim) => claim.name === name)) putKubelet('kubelet.extra_args', name, outOf(value, from), nodes);
  else loseUnknown(from, 'KubeletConfiguration', 'kubelet.config');
} // prettier-ignore

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, key) => ({ [key]: inner }), value);

/** Labels as `key=value,key=value`. */
export function putLabels(text: string, from: Field, nodes: Nodes): void {
  for (const pair of text.split(',').filter((one) => one !== '')) {
    const [key = '', value = ''] = pair.split('=');
    for (const { labels } of nodes) labels.set(key, new Leaf(value, from));
  }
}

/** Taints as `key=value:effect,key:effect`. */
export function putTaints(text: string, from: Field, nodes: Nodes): void {
  for (const one of text.split(',').filter((part) => part !== '')) {
    const [, key, value = '', effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(one) ?? [];
    if (key === undefined || effect === undefined) {
      from.lose('it has no effect of a taint', 'write `NoSchedule`, `PreferNoSchedule` or `NoExecute`');
      continue;
    }
    const taint = new OutMap({ key: new Leaf(key), ...(value === '' ? {} : { value: new Leaf(value) }), effect: new Leaf(effect) }, from);
    for (const { taints } of nodes) taints.push(taint);
  }
} // prettier-ignore

/** A field of the configuration, without what coldstart keeps. */
export function putKubeletField(field: Field, nodes: Nodes): void {
  const { key } = field;
  if (key === 'apiVersion' || key === 'kind') return field.skip('it says how the document is written');
  if (key === 'registerWithTaints') return field.items().forEach((item) => putTaint(item, nodes));
  const whole = withoutKept({ [key]: field.take() }, KINDS['kubelet.config'].claims, (path, claim) =>
    loseKept(field.get(...path.slice(1)) ?? field, claim),
  );
  const value = whole[key];
  const isEmpty = value === undefined || (isFields(value) && Object.keys(value).length === 0);
  if (!isEmpty) putKubelet('kubelet.config', key, outFrom(value, field), nodes);
}

function putTaint(item: Field, nodes: Nodes): void {
  const parts = ['key', 'value', 'effect'].map((name) => [name, leaf(item.get(name)?.said())] as const);
  for (const { taints } of nodes) taints.push(new OutMap(Object.fromEntries(parts), item));
}

function putKubelet(setting: KubeletSetting, key: string, out: ReturnType<typeof outOf>, nodes: Nodes): void {
  if (out) share(nodes, setting, key, out);
}

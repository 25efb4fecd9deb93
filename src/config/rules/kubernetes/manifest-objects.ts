/** Faults in one object of a manifest: its kind, its names, texts that YAML reads as numbers, templates. */
import { type Document, type YAMLMap, isMap, isScalar, isSeq, visit } from 'yaml';
import {
  LABEL_WORDS,
  expectedKey,
  expectedLabel,
  expectedName,
  isDnsLabel,
  whyNoKind,
} from '../../content/kubernetes-objects.ts';
import { lifeOf } from '../../kubernetes/apis.ts';
import { at, elements, get, mapOf, offsetOf, pairs, textOf, type AddFault, type Walk } from './manifest-walk.ts';

/** Reports the faults of a document whose root has a kind. */
export function checkObject(path: string, document: Document, version: string, add: AddFault): void {
  const start = document.contents?.range?.[0] ?? 0;
  checkNode({ path, document, add, isSecret: false, start, version }, document.contents);
}

function checkNode(walk: Walk, node: unknown): void {
  const object = mapOf(walk, node);
  if (!object) return;
  const [apiVersion, kind] = [textOf(walk, object, 'apiVersion'), textOf(walk, object, 'kind')];
  if (apiVersion === undefined || kind === undefined) return;
  const start = object.range?.[0] ?? walk.start;
  const reason = whyNoKind(apiVersion, kind);
  if (reason !== undefined)
    return walk.add('kubernetes/manifest-unknown-kind', { kind, version: apiVersion, reason }, start);
  if (!checkLife({ ...walk, start }, object, apiVersion, kind)) return;
  const items = get(walk, object, 'items');
  if (kind.endsWith('List') && isSeq(items)) {
    for (const item of items.items) checkNode(walk, item);
    return;
  }
  const of = { ...walk, start, isSecret: apiVersion === 'v1' && kind === 'Secret' };
  checkKeys(of, object, kind);
  if (checkTemplates(of, object, kind)) return;
  checkMetadata(of, object, apiVersion, kind);
  checkContent(of, object, apiVersion, kind);
}

/** Reports an API version that is not served, or deprecated. Returns whether it is served. */
function checkLife(walk: Walk, object: YAMLMap, apiVersion: string, kind: string): boolean {
  const life = lifeOf(apiVersion, kind, walk.version);
  if (life === undefined) return true;
  const { state, by, better } = life;
  const offset = offsetOf(get(walk, object, 'apiVersion'), walk.start);
  const hint = better === undefined ? null : `use \`${better}\``;
  if (state === 'deprecated') {
    const until = life.removed === undefined ? '' : `, and removed in ${life.removed}`;
    walk.add('kubernetes/manifest-deprecated', { kind, version: apiVersion, by, until }, offset, hint);
    return true;
  }
  const reason = state === 'removed' ? `Kubernetes ${by} removed it` : `it exists from Kubernetes ${by} on`;
  walk.add('kubernetes/manifest-unknown-kind', { kind, version: apiVersion, reason }, offset, hint ?? undefined);
  return false;
}

/** Reports duplicate keys: kubectl uses the last value and drops the first one. Two objects without `---` are one mistake. */
function checkKeys({ path, add }: Walk, object: YAMLMap, kind: string): void {
  let isTold = false;
  visit(object, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const [name, offset] = isScalar(key) ? [String(key.value), key.range?.[0] ?? 0] : ['<<', 0];
        if (seen.has(name) && name !== '<<') {
          if (map !== object) add('kubernetes/manifest-key-twice', { path, key: name }, offset);
          else if (!isTold) add('kubernetes/manifest-two-objects', { path, key: name, kind }, offset);
          isTold ||= map === object;
        }
        seen.add(name);
      }
    },
  });
}

/** Helm template expressions (https://helm.sh/docs/chart_template_guide/). In a ConfigMap they may be for another program. */
const TEMPLATE = /\{\{-?\s*(\.(Values|Release|Chart|Capabilities|Template)\.|include "|template ")/;

function checkTemplates({ path, add, isSecret }: Walk, object: YAMLMap, kind: string): boolean {
  let offset: number | undefined;
  if (kind === 'ConfigMap' || isSecret) return false;
  visit(object, {
    Scalar: (_, { value, range }) => {
      if (offset === undefined && typeof value === 'string' && TEMPLATE.test(value)) offset = range?.[0] ?? 0;
    },
  });
  if (offset !== undefined) add('kubernetes/manifest-template', { path }, offset);
  return offset !== undefined;
}

function checkMetadata(walk: Walk, object: YAMLMap, apiVersion: string, kind: string): void {
  const { path, add, start } = walk;
  const metadata = mapOf(walk, get(walk, object, 'metadata'));
  const name = metadata && get(walk, metadata, 'name');
  if (!metadata || isNothing(name)) {
    const isGenerated = metadata?.has('generateName') === true;
    const reason = isGenerated ? '; `generateName` makes a new object each time, which `kubectl apply` refuses' : '';
    return add('kubernetes/manifest-no-name', { path, kind, reason }, start);
  }
  checkName(walk, name, 'metadata.name', (text) => expectedName(apiVersion, kind, text));
  const namespace = get(walk, metadata, 'namespace');
  if (!isNothing(namespace)) checkName(walk, namespace, 'metadata.namespace', expectedDnsLabel);
  checkLabels(walk, metadata, 'metadata');
}

function checkName(walk: Walk, node: unknown, place: string, expect: (text: string) => string | undefined): void {
  const text = textAt(walk, node, place);
  const expected = text === undefined ? undefined : expect(text);
  if (text === undefined || expected === undefined) return;
  walk.add(
    'kubernetes/manifest-bad-name',
    { path: walk.path, place, value: text, expected },
    offsetOf(node, walk.start),
  );
}

function checkLabels(walk: Walk, metadata: YAMLMap | undefined, where: string): void {
  for (const name of ['labels', 'annotations']) {
    for (const { key, value } of pairs(walk, metadata && get(walk, metadata, name))) {
      const place = `${where}.${name}`;
      checkName(walk, key, place, expectedKey);
      const expect = name === 'labels' ? expectedLabel : () => undefined;
      checkName(walk, value, `${place}.${String(key.value)}`, expect);
    }
  }
}

/** The path of the pod template, by kind. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'v1 Pod': '',
  'v1 PodTemplate': 'template',
  'v1 ReplicationController': 'spec.template',
  'apps/v1 DaemonSet': 'spec.template',
  'apps/v1 Deployment': 'spec.template',
  'apps/v1 ReplicaSet': 'spec.template',
  'apps/v1 StatefulSet': 'spec.template',
  'batch/v1 Job': 'spec.template',
  'batch/v1 CronJob': 'spec.jobTemplate.spec.template',
};

/** Fields of other kinds that contain only texts. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'v1 ConfigMap': ['data'],
  'v1 Secret': ['data', 'stringData'],
  'v1 Service': ['spec.selector'],
};

function checkContent(walk: Walk, object: YAMLMap, apiVersion: string, kind: string): void {
  const name = `${apiVersion} ${kind}`;
  for (const where of TEXTS[name] ?? []) checkTexts(walk, at(walk, object, where), where);
  const where = TEMPLATES[name];
  const pod = where === undefined ? undefined : mapOf(walk, at(walk, object, where));
  if (where === undefined || pod === undefined) return;
  if (where !== '') checkLabels(walk, mapOf(walk, get(walk, pod, 'metadata')), `${where}.metadata`);
  const selector = mapOf(walk, at(walk, object, 'spec.selector'));
  checkTexts(walk, selector && get(walk, selector, 'matchLabels'), 'spec.selector.matchLabels');
  const spec = mapOf(walk, get(walk, pod, 'spec'));
  checkTexts(walk, spec && get(walk, spec, 'nodeSelector'), 'nodeSelector');
  for (const list of ['containers', 'initContainers']) {
    for (const container of elements(walk, spec && get(walk, spec, list)))
      checkContainer(walk, mapOf(walk, container), list);
  }
}

function checkContainer(walk: Walk, container: YAMLMap | undefined, list: string): void {
  if (!container) return;
  checkName(walk, get(walk, container, 'name'), `${list}.name`, expectedDnsLabel);
  for (const key of ['command', 'args']) {
    for (const item of elements(walk, get(walk, container, key))) textAt(walk, item, `${list}.${key}`);
  }
  for (const item of elements(walk, get(walk, container, 'env'))) {
    const variable = mapOf(walk, item);
    if (!variable) continue;
    textAt(walk, get(walk, variable, 'name'), `${list}.env.name`);
    textAt(walk, get(walk, variable, 'value'), `${list}.env.value`);
  }
}

function checkTexts(walk: Walk, texts: unknown, where: string): void {
  for (const { key, value } of pairs(walk, texts)) textAt(walk, value, `${where}.${String(key.value)}`);
}

/** Words that kubectl reads as booleans, as in YAML 1.1. */
const TRUTHS = /^([yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;

/** The text of a value (empty for null). Reports any other type and returns undefined. */
function textAt({ path, add, isSecret, start }: Walk, node: unknown, place: string): string | undefined {
  if (isNothing(node)) return '';
  const what = whatIs(node);
  if (what === undefined) return isScalar(node) ? (node.value as string) : undefined;
  const shown = isSecret || !isScalar(node) ? 'its value' : `\`${node.source ?? ''}\``;
  add('kubernetes/manifest-not-text', { path, place, shown, what }, isSecret ? start : offsetOf(node, start));
  return undefined;
}

function whatIs(node: unknown): string | undefined {
  if (!isScalar(node)) return isMap(node) ? 'a group' : 'a list';
  const { value, type } = node;
  if (typeof value === 'string') return type === 'PLAIN' && TRUTHS.test(value) ? 'a truth value' : undefined;
  return typeof value === 'boolean' ? 'a truth value' : 'a number';
}

const isNothing = (node: unknown): boolean =>
  node === undefined || node === null || (isScalar(node) && node.value === null);

const expectedDnsLabel = (text: string): string | undefined => (isDnsLabel(text) ? undefined : LABEL_WORDS);

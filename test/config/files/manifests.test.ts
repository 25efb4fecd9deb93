/** External manifests, in their many forms: those that kubectl and API servers accept, and those that they refuse. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'coldstart-manifests-'));
afterAll(() => rmSync(folder, { recursive: true }));
const definition = readFileSync(join(import.meta.dirname, '../cases/kubernetes/manifest-empty/cluster.yaml'), 'utf8');

async function faults(text: string, file = 'x.yaml'): Promise<string[]> {
  writeFileSync(join(folder, 'cluster.yaml'), definition.replace('x.yaml', file));
  writeFileSync(join(folder, file), text);
  const { diagnostics } = await loadCluster(folder);
  return diagnostics.filter(({ at }) => at?.file === file).map(({ code, message }) => `${code}: ${message}`);
}

const object = (version: string, kind: string, rest = 'metadata: { name: a }'): string =>
  `apiVersion: ${version}\nkind: ${kind}\n${rest}\n`;
const pod = (container: string, metadata = '{ name: a }'): string =>
  object('v1', 'Pod', `metadata: ${metadata}\nspec: { containers: [{ name: a, image: x, ${container} }] }`);
const deployment = (labels: string): string =>
  object('apps/v1', 'Deployment', `metadata: { name: a }\nspec: { template: { metadata: { labels: ${labels} } } }`);

describe('is refused', () => {
  test.each<[what: string, text: string, code: string, words?: RegExp]>([
    ['no name', object('v1', 'ConfigMap', 'data: {}'), 'no-name'],
    ['a name that is made up', object('v1', 'ConfigMap', 'metadata: { generateName: a- }'), 'no-name', /generateName/],
    ['capitals in a name', object('v1', 'ConfigMap', 'metadata: { name: My_Map }'), 'bad-name', /`metadata.name`/],
    ['a number as a name', object('v1', 'ConfigMap', 'metadata: { name: 123 }'), 'not-text', /`123` as a number/],
    ['dots in a namespace', object('v1', 'Namespace', 'metadata: { name: a.b }'), 'bad-name'],
    ['a bad namespace', object('v1', 'Secret', 'metadata: { name: a, namespace: A }'), 'bad-name', /namespace/],
    ['a kubeconfig', object('v1', 'Config', 'clusters: []'), 'unknown-kind', /kubeconfig/],
    ['a file of kubeadm', object('kubeadm.k8s.io/v1beta4', 'ClusterConfiguration'), 'unknown-kind', /kubeadm/],
    ['a file of the kubelet', object('kubelet.config.k8s.io/v1beta1', 'KubeletConfiguration'), 'unknown-kind'],
    ['the wrong group', object('v1', 'Deployment'), 'unknown-kind', /one of `apps\/v1`/],
    ['a misspelt kind', object('apps/v1', 'Deploymnet'), 'unknown-kind', /no such kind/],
    ['a version of the past', object('extensions/v1beta1', 'Ingress'), 'unknown-kind', /networking.k8s.io\/v1/],
    ['a beta of the past', object('policy/v1beta1', 'PodDisruptionBudget'), 'unknown-kind', /policy\/v1`/],
    [
      'what its version removed',
      object('storage.k8s.io/v1alpha1', 'VolumeAttributesClass'),
      'unknown-kind',
      /removed it/,
    ],
    [
      'what a later version adds',
      object('certificates.k8s.io/v1', 'ClusterTrustBundle'),
      'unknown-kind',
      /exists from/,
    ],
    ['a misspelt group', object('app/v1', 'Deployment'), 'unknown-kind', /no group `app`; did you mean `apps\/v1`/],
    ['a misspelt group and kind', object('batchs/v1', 'Jop'), 'unknown-kind', /did you mean `batch\/v1`/],
    ['a version that is none', object('Apps V1', 'Deployment'), 'unknown-kind', /`apiVersion`/],
    ['a bad item of a list', object('v1', 'List', 'items: [{ apiVersion: v1, kind: Secret }]'), 'no-name'],
    ['a label that is a truth value', object('v1', 'Secret', 'metadata: { name: a, labels: { x: true } }'), 'not-text'],
    ['a label that is `yes`', object('v1', 'Secret', 'metadata: { name: a, labels: { x: yes } }'), 'not-text'],
    [
      'a label with a blank',
      object('v1', 'Secret', 'metadata: { name: a, labels: { x: a b } }'),
      'bad-name',
      /labels.x/,
    ],
    ['a key with a blank', object('v1', 'Secret', 'metadata: { name: a, labels: { a b: x } }'), 'bad-name'],
    [
      'an annotation that is a number',
      object('v1', 'Secret', 'metadata: { name: a, annotations: { x: 1 } }'),
      'not-text',
    ],
    [
      'a group as a label',
      object('v1', 'Secret', 'metadata: { name: a, labels: { x: { y: z } } }'),
      'not-text',
      /group/,
    ],
    ['a variable that is a truth value', pod('env: [{ name: X, value: true }]'), 'not-text', /env.value/],
    ['an argument that is a number', pod('args: [--port, 80]'), 'not-text', /args/],
    ['a container in capitals', pod('').replace('[{ name: a', '[{ name: A'), 'bad-name', /containers.name/],
    ['a number as a label of pods', deployment('{ app: 1 }'), 'not-text', /spec.template.metadata.labels.app/],
    ['a number in a ConfigMap', object('v1', 'ConfigMap', 'metadata: { name: a }\ndata: { port: 80 }'), 'not-text'],
    [
      'two objects without a line between them',
      object('v1', 'Secret') + object('v1', 'ConfigMap'),
      'two-objects',
      /`apiVersion`/,
    ],
    ['two kinds', `${object('v1', 'Secret')}kind: ConfigMap\n`, 'two-objects', /`kind`/],
    [
      'a template in quotes',
      object('v1', 'Secret', 'metadata: { name: "{{ .Values.x }}" }').replace('Secret', 'Pod'),
      'template',
    ],
    ['a template', object('v1', 'Pod', 'metadata: { name: {{ .Values.x }} }'), 'template'],
    ['a template that begins with a condition', `{{- if .Values.a }}\n${object('v1', 'Pod')}{{- end }}\n`, 'template'],
    ['a tab', object('v1', 'Pod', 'metadata:\n\tname: a'), 'not-yaml'],
    ['a list', `- ${object('v1', 'Pod').replaceAll('\n', '\n  ')}`, 'no-object'],
    ['a text', 'hello\n', 'no-object'],
  ])('%s', async (_, text, code, words) => {
    const found = await faults(text);
    expect(found.map((one) => one.split(':', 1)[0])).toEqual([`kubernetes/manifest-${code}`]);
    if (words) expect(found[0]).toMatch(words);
  });

  test('a kustomization by its name', async () => {
    const found = await faults('namePrefix: a-\n', 'kustomization.yaml');
    expect(found[0]).toMatch(/^kubernetes\/manifest-kustomization/);
  });
});

test('a key that is twice further down is a warning', async () => {
  const found = await faults(object('v1', 'Pod', 'metadata: { name: a, labels: { x: a, x: b } }'));
  expect(found.map((one) => one.split(':', 1)[0])).toEqual(['kubernetes/manifest-key-twice']);
});

test('nothing of a secret is shown', async () => {
  const found = await faults(object('v1', 'Secret', 'metadata: { name: a }\nstringData: { password: 13579 }'));
  expect(found.join()).toMatch(/^kubernetes\/manifest-not-text/);
  expect(found.join()).not.toContain('13579');
});

test.each<[what: string, text: string]>([
  [
    'names of RBAC',
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'metadata: { name: "system:Node/".x }').replace('/".x', '"'),
  ],
  [
    'a definition of objects',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      'metadata: { name: xs.lab.example }\nspec: { versions: [{ schema: { openAPIV3Schema: { properties: { labels: { type: object, x: 1 }, args: { default: [1] } } } } }] }',
    ),
  ],
  [
    'an object of such',
    object('lab.example/v1', 'Thing', 'metadata: { name: a }\nspec: { env: [{ name: x, value: true }] }'),
  ],
  ['an object of Flux', object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization')],
  ['a list', object('v1', 'List', 'items: [{ apiVersion: v1, kind: Secret, metadata: { name: a } }]')],
  [
    'a list of one kind',
    object('v1', 'ConfigMapList', 'items: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }]'),
  ],
  [
    'text in quotes',
    pod('env: [{ name: X, value: "true" }, { name: YY, value: }, { name: Z, valueFrom: {} }], args: ["80"]'),
  ],
  [
    'numbers where they belong',
    pod('ports: [{ containerPort: 80 }]', '{ name: a, generation: 1, labels: { "a.example/b": "1" } }'),
  ],
  ['anchors', `x: &l { app: a }\n`.replace('x', object('v1', 'Pod', 'metadata: { name: a }\nspec').trimEnd())],
  [
    'a template of another program',
    object('v1', 'ConfigMap', 'metadata: { name: a }\ndata: { x: "{{ .Values.x }}", y: "{{ $labels.y }}" }'),
  ],
  ['betas of today', object('storagemigration.k8s.io/v1beta1', 'StorageVersionMigration')],
  ['an autoscaler', object('autoscaling/v2', 'HorizontalPodAutoscaler')],
  ['a version of another group', object('keda.sh/v1alpha1', 'ScaledObject')],
])('passes: %s', async (_, text) => {
  expect(await faults(text)).toEqual([]);
});

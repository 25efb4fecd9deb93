/** Files from the store on each node: paths, modes, readers of each secret; the same input gives the same bytes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { adminKubeconfig, nodeSecrets } from './node-secrets.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { rotate } from '../../src/pki/issue/rotate.ts';
import { reveal } from '../../src/pki/secret.ts';
import { wholeNode } from '../../src/render/plan/plan.ts';
import type { FileEntry } from '../../src/render/tree/tree.ts';
import { formatStore, parseStore } from '../../src/pki/store/format.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { BY, clusters, external, lab, large, single, storeOf } from './clusters.ts';
import { SOURCES } from '../render/sources.ts';
import { knows, secretsDue, secretsIn, secretsOf } from './least-privilege.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /(^|\/)cluster\.yaml$/.test(path),
);
const loaded = await Promise.all(examples.map((path) => loadCluster(join(EXAMPLES, path))));
const all = [
  ...loaded.map(({ value }, index) => [`examples/${examples[index]}`, value!] as const),
  ...clusters.map((cluster) => [cluster.name, cluster] as const),
];

const named = (cluster: Cluster, name: string): Node => cluster.nodes.find((node) => node.name === name)!;
const text = ({ content }: FileEntry): string => Buffer.from(content).toString('utf8');
const listing = (files: readonly FileEntry[]): string[] =>
  files.map(
    ({ path, mode, uid, gid, secret }) => `${mode.toString(8)} ${uid}:${gid} ${path}${secret ? ' secret' : ''}`,
  );

const MASTER = [
  '600 0:0 etc/kubernetes/admin.conf secret',
  '600 0:0 etc/kubernetes/bootstrap-tokens.tsv secret',
  '600 0:0 etc/kubernetes/controller-manager.conf secret',
  '600 0:0 etc/kubernetes/encryption-config.yaml secret',
  '600 0:0 etc/kubernetes/kube-proxy.conf secret',
  '600 0:0 etc/kubernetes/kubelet.conf secret',
  '644 0:0 etc/kubernetes/pki/apiserver-etcd-client.crt',
  '600 0:0 etc/kubernetes/pki/apiserver-etcd-client.key secret',
  '644 0:0 etc/kubernetes/pki/apiserver-kubelet-client.crt',
  '600 0:0 etc/kubernetes/pki/apiserver-kubelet-client.key secret',
  '644 0:0 etc/kubernetes/pki/apiserver.crt',
  '600 0:0 etc/kubernetes/pki/apiserver.key secret',
  '644 0:0 etc/kubernetes/pki/ca.crt',
  '600 0:0 etc/kubernetes/pki/ca.key secret',
  '644 0:0 etc/kubernetes/pki/cluster-signing-ca.crt',
  '644 0:0 etc/kubernetes/pki/etcd/ca.crt',
  '644 0:0 etc/kubernetes/pki/etcd/healthcheck-client.crt',
  '600 0:0 etc/kubernetes/pki/etcd/healthcheck-client.key secret',
  '644 0:0 etc/kubernetes/pki/etcd/peer.crt',
  '600 0:0 etc/kubernetes/pki/etcd/peer.key secret',
  '644 0:0 etc/kubernetes/pki/etcd/server.crt',
  '600 0:0 etc/kubernetes/pki/etcd/server.key secret',
  '644 0:0 etc/kubernetes/pki/front-proxy-ca.crt',
  '644 0:0 etc/kubernetes/pki/front-proxy-client.crt',
  '600 0:0 etc/kubernetes/pki/front-proxy-client.key secret',
  '644 0:0 etc/kubernetes/pki/kubelet.crt',
  '600 0:0 etc/kubernetes/pki/kubelet.key secret',
  '600 0:0 etc/kubernetes/pki/sa.key secret',
  '644 0:0 etc/kubernetes/pki/sa.pub',
  '600 0:0 etc/kubernetes/scheduler.conf secret',
];
const WORKER = [
  '600 0:0 etc/kubernetes/kube-proxy.conf secret',
  '644 0:0 etc/kubernetes/pki/ca.crt',
  '644 0:0 etc/kubernetes/pki/kubelet.crt',
  '600 0:0 etc/kubernetes/pki/kubelet.key secret',
];
const JOIN_SERVER = ['644 0:0 etc/kubernetes/pki/join-server.crt', '600 0:0 etc/kubernetes/pki/join-server.key secret'];
const JOIN_CLIENT = ['644 0:0 etc/kubernetes/pki/join-client.crt', '600 0:0 etc/kubernetes/pki/join-client.key secret'];
const byPath = (lines: readonly string[]): string[] =>
  lines.toSorted((a, b) => ((a.split(' ')[2] ?? '') < (b.split(' ')[2] ?? '') ? -1 : 1));

describe('the files of a node', () => {
  const cases = [
    ['the first master', lab, 'master-01', [...MASTER, '600 0:0 etc/kubernetes/super-admin.conf secret']],
    [
      'another master, in http mode',
      large,
      'master-02',
      [...MASTER.filter((line) => !/bootstrap-tokens/.test(line)), ...JOIN_SERVER],
    ],
    ['another master, in external mode', external, 'master-03', MASTER],
    ['a worker', lab, 'worker-01', [...WORKER, '600 0:0 etc/kubernetes/bootstrap-kubelet.conf secret']],
    ['a worker in http mode', large, 'worker-01', [...WORKER, ...JOIN_CLIENT]],
    ['a worker in external mode', external, 'worker-01', WORKER],
    ['a node outside of Kubernetes', large, 'store-01', []],
  ] as const;
  it.each(cases)("%s: kubeadm's layout, root's, keys for nobody else", async (_, cluster, name, expected) => {
    const files = nodeSecrets(await storeOf(cluster), cluster, named(cluster, name));
    expect(listing(files)).toEqual(byPath([...expected, '600 0:0 etc/ssh/ssh_host_ecdsa_key secret']));
  });

  it('are the same bytes for the same store and cluster, also after the store was written and read', async () => {
    for (const [, cluster] of all) {
      const store = await storeOf(cluster);
      const again = parseStore(formatStore(store), 'x');
      for (const node of cluster.nodes) {
        expect(nodeSecrets(again, cluster, node)).toEqual(nodeSecrets(store, cluster, node));
      }
      expect(adminKubeconfig(again, cluster)).toEqual(adminKubeconfig(store, cluster));
    }
  });

  it('follow the definition: a property over nodes and their order', { timeout: 60_000 }, async () => {
    const names = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(names, fc.boolean(), async (numbers, turned) => {
        const workers = numbers.map((number) => ({
          ...named(lab, 'worker-01'),
          name: `w-${number}`,
          hostname: `w-${number}`,
        }));
        const cluster = { ...lab, nodes: [named(lab, 'master-01'), ...workers] };
        const { store } = await completeStore(await storeOf(lab), needsOf(cluster), BY);
        const other = { ...cluster, nodes: turned ? cluster.nodes.toReversed() : cluster.nodes };
        const { store: same, changes } = await completeStore(store, needsOf(other), { ...BY, now: new Date(0) });
        expect(changes).toEqual([]);
        expect(formatStore(same)).toBe(formatStore(store));
        const worker = cluster.nodes[1]!;
        expect(nodeSecrets(same, other, worker)).toEqual(nodeSecrets(store, cluster, worker));
      }),
      { numRuns: 10 },
    );
  });

  it('say when a store is not complete, which is a bug of ours', () => {
    expect(() => nodeSecrets({ ...stores.get(lab)!, tokens: {} }, lab, named(lab, 'worker-01'))).toThrow(
      'the secrets store lacks a value of `authority:kubernetes`, `token:worker-01`, which `/etc/kubernetes/bootstrap-kubelet.conf` needs',
    );
  });
});

const stores = new Map<Cluster, Store>();
beforeAll(async () => {
  for (const [, cluster] of all) stores.set(cluster, await storeOf(cluster));
}, 120_000);

describe.each(all)('least privilege in %s', (_, cluster) => {
  it('gives each node its own secrets, masters what masters share, and nobody anything else', () => {
    const store = stores.get(cluster)!;
    for (const node of cluster.nodes) {
      expect(secretsIn(nodeSecrets(store, cluster, node), store)).toEqual(secretsDue(cluster, node, store));
    }
  });

  it('puts nothing of etcd, no key of an authority and no administrator on anything but masters', () => {
    const store = stores.get(cluster)!;
    for (const node of cluster.nodes.filter(({ roles }) => !roles.includes('master'))) {
      const files = nodeSecrets(store, cluster, node);
      expect(files.filter(({ path }) => /etcd|ca\.key|sa\.|admin|front-proxy/.test(path))).toEqual([]);
      expect(knows(files, store.authorities['etcd']!.current.certificate)).toBe(false);
    }
  });

  it('marks exactly those files as secret that hold a secret, and nobody else may read them', () => {
    const store = stores.get(cluster)!;
    const secrets = [...secretsOf(store).values()];
    for (const node of cluster.nodes) {
      for (const file of nodeSecrets(store, cluster, node)) {
        const holds = secrets.some((value) => knows([file], value)) || file.path.endsWith('.tsv');
        expect([file.path, file.secret, file.mode]).toEqual([file.path, holds, holds ? 0o600 : 0o644]);
      }
    }
  });
});

describe('kubeconfigs', () => {
  const read = (files: readonly FileEntry[], name: string) =>
    parse(text(files.find(({ path }) => path === `etc/kubernetes/${name}.conf`)!)) as Record<string, unknown>;
  const base64 = (value: string): string => Buffer.from(value).toString('base64');

  it('call the API server on the node itself', async () => {
    const store = await storeOf(large);
    const files = nodeSecrets(store, large, named(large, 'master-02'));
    const { certificate, key } = store.certificates['nodes/master-02/scheduler']!;
    const trust = store.authorities['kubernetes']!.current.certificate;
    expect(read(files, 'scheduler')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'prod', cluster: { 'certificate-authority-data': base64(trust), server: 'https://127.0.0.1:7443' } },
      ],
      contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'system:kube-scheduler' } }],
      'current-context': 'prod',
      users: [
        {
          name: 'system:kube-scheduler',
          user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(reveal(key)) },
        },
      ],
    });
  });

  it('let a kubelet join by its token', async () => {
    const store = await storeOf(lab);
    const files = nodeSecrets(store, lab, named(lab, 'worker-02'));
    expect(read(files, 'bootstrap-kubelet')['users']).toEqual([
      { name: 'kubelet-bootstrap', user: { token: reveal(store.tokens['worker-02']!) } },
    ]);
  });

  it('use the token of the configuration where one is written', async () => {
    const token = 'abcdef.0123456789abcdef';
    const written = { ...lab, bootstrap: { ...lab.bootstrap, token } };
    const { store } = await completeStore(await storeOf(lab), needsOf(written), BY);
    expect(store.tokens).toEqual({});
    const files = nodeSecrets(store, written, named(lab, 'worker-02'));
    expect(read(files, 'bootstrap-kubelet')['users']).toEqual([{ name: 'kubelet-bootstrap', user: { token } }]);
    const master = wholeNode(written, named(lab, 'master-01'), SOURCES, store);
    expect(text(master.find(({ path }) => path.endsWith('/bootstrap-tokens.tsv')) as FileEntry)).toBe(
      `worker-01\t${token}\nworker-02\t${token}\n`,
    );
  });

  it.each([
    ['http', large],
    ['external', external],
  ])('take no notice of a written token with %s, where each node has its own', async (_, cluster) => {
    const written = { ...cluster, bootstrap: { ...cluster.bootstrap, token: 'abcdef.0123456789abcdef' } };
    const store = await storeOf(cluster);
    expect(needsOf(written)).toEqual(needsOf(cluster));
    for (const node of cluster.nodes) {
      expect(nodeSecrets(store, written, node)).toEqual(nodeSecrets(store, cluster, node));
    }
  });

  it('let the operator in by the end point, or by each of several masters', async () => {
    const servers = async (cluster: Cluster) => {
      const config = parse(Buffer.from(adminKubeconfig(await storeOf(cluster), cluster)).toString()) as {
        clusters: { name: string; cluster: { server: string } }[];
        'current-context': string;
      };
      return [
        config['current-context'],
        ...config.clusters.map(({ name, cluster: { server } }) => `${name} ${server}`),
      ];
    };
    expect(await servers(large)).toEqual([
      'prod',
      'prod https://api.example:7443',
      'prod-master-01 https://192.168.50.11:7443',
      'prod-master-02 https://192.168.50.12:7443',
      'prod-master-03 https://192.168.50.13:7443',
    ]);
    expect(await servers(lab)).toEqual(['lab', 'lab https://192.168.50.11:6443']);
    const six = { ...single, nodes: single.nodes.map((node) => ({ ...node, ips: ['fd00:50::11'] })) };
    expect(await servers(six)).toEqual(['solo', 'solo https://[fd00:50::11]:6443']);
  });
});

describe('rotation', () => {
  it('lets masters decrypt with the next and the previous key, and believe tokens of each', async () => {
    const needs = needsOf(lab);
    const master = named(lab, 'master-01');
    const file = (store: Store, name: string) =>
      text(nodeSecrets(store, lab, master).find(({ path }) => path.endsWith(name))!);
    const keys = (store: Store): string[] =>
      [...file(store, 'encryption-config.yaml').matchAll(/name: (\S+)/g)].map(([, name]) => name!);
    const first = await storeOf(lab);
    let store = first;
    for (const step of ['stage', 'activate'] as const) {
      ({ store } = await rotate(store, { kind: 'keys', id: 'encryption', step }, needs, BY));
      ({ store } = await rotate(store, { kind: 'keyPairs', id: 'service-account', step }, needs, BY));
      const [one, two] = keys(store);
      expect(keys(store)).toHaveLength(2);
      expect([one, two].indexOf(keys(first)[0])).toBe(step === 'stage' ? 0 : 1);
      expect(file(store, 'sa.pub').match(/BEGIN PUBLIC KEY/g)).toHaveLength(2);
      expect(file(store, 'sa.key') === file(first, 'sa.key')).toBe(step === 'stage');
    }
    ({ store } = await rotate(store, { kind: 'keys', id: 'encryption', step: 'retire' }, needs, BY));
    expect(keys(store)).toHaveLength(1);
    expect(keys(store)).not.toEqual(keys(first));
  });

  it('keeps one certificate for the signer while two are trusted', async () => {
    const target = { kind: 'authorities', id: 'kubernetes', step: 'stage' } as const;
    const { store } = await rotate(await storeOf(lab), target, needsOf(lab), BY);
    const files = nodeSecrets(store, lab, named(lab, 'master-01'));
    const count = (name: string) =>
      text(files.find(({ path }) => path.endsWith(`/${name}`))!).match(/BEGIN CERTIFICATE/g)?.length;
    expect([count('ca.crt'), count('cluster-signing-ca.crt'), count('etcd/ca.crt')]).toEqual([2, 1, 1]);
  });
});

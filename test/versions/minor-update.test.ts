/**
 * A running cluster of real Kubernetes gets the next minor version, one node after the other, while a client reads and writes. The folder
 * `COLDSTART_ARTIFACTS` has the programs of one minor version, `COLDSTART_ARTIFACTS_NEXT` those of the next. The tests build on each other.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, NEXT_ARTIFACTS, versionOf } from '../image/build/artifact-folder.ts';
import { eventually, Rack, type RackNode } from '../image/containers/rack.ts';
import { testRoot } from '../image/containers/root.ts';
import {
  addressOf,
  expectDone,
  expectWhole,
  imagesOf,
  kubectl,
  macOf,
  names,
  programsFor,
  VIRTUAL_IP,
  WAIT,
} from '../image/kubernetes/real-cluster.ts';
import { formCluster } from '../image/kubernetes/real-rack.ts';

const hasArtifacts = ARTIFACTS !== '' && NEXT_ARTIFACTS !== '';
const root = hasArtifacts ? await testRoot() : null;
const reason = hasArtifacts
  ? ' (needs root and a base layer)'
  : ' (needs COLDSTART_ARTIFACTS and COLDSTART_ARTIFACTS_NEXT)';
const CLIENT = join(import.meta.dirname, '../image/containers/stand-ins/client.sh');

interface Release {
  readonly version: string;
  readonly images: Awaited<ReturnType<typeof imagesOf>>;
  readonly layer: string;
}

const releaseIn = async (artifacts: string): Promise<Release> => {
  const images = await imagesOf(artifacts);
  return { version: await versionOf(artifacts), images, layer: programsFor(artifacts, images) };
};

const CRD = {
  ...{
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.lab.example' },
  },
  spec: {
    ...{ group: 'lab.example', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' } },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};
const DEPLOYMENT = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'before' } },
  spec: {
    ...{ replicas: 2, selector: { matchLabels: { app: 'before' } } },
    template: {
      metadata: { labels: { app: 'before' } },
      spec: { containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10.1' }] },
    },
  },
};

describe.skipIf(root === null)(`an update to the next minor version${root === null ? reason : ''}`, () => {
  let rack: Rack;
  let nodes: readonly RackNode[];
  let before: Release;
  let next: Release;
  /** What the client outside needs, and its log. */
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-client-'));
  const at = (index: number): RackNode => nodes[index] as RackNode;

  const apply = (object: object): Promise<string> => {
    const line = `kubectl --kubeconfig /etc/kubernetes/admin.conf apply --filename - <<<'${JSON.stringify(object)}'`;
    return at(1)
      .run('bash', '-c', line)
      .then(({ stdout, stderr }) => stdout + stderr);
  };
  const versionAt = async (node: RackNode): Promise<string> => {
    // At 127.0.0.1, any master may answer.
    const server = `https://${addressOf(names.indexOf(node.name))}:6443`;
    const text = await kubectl(node, 'get', '--raw', '/version', '--server', server);
    return /"gitVersion": "v([^"]+)"/.exec(text)?.[1] ?? text;
  };
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8');
  const failures = (): string[] => log().split('\n').filter((line) => line.startsWith('FAILED')); // prettier-ignore

  /** As a rollout does: it is shut down, and comes back with the other image. */
  const replace = async (node: RackNode, { images, layer }: Release): Promise<void> => {
    await node.shutDown();
    node.boots(images.get(node.name) ?? [], `${layer}:${root ?? ''}`);
    node.switchOn();
    await expectDone([node]);
    await expectWhole(at(1));
  };

  beforeAll(async () => {
    before = await releaseIn(ARTIFACTS);
    next = await releaseIn(NEXT_ARTIFACTS);
    rack = new Rack(`${before.layer}:${root ?? ''}`);
    nodes = names.map((name, index) => rack.add(name, macOf(index), before.images.get(name) ?? [], 0));
    await formCluster(nodes, at(1));
    expect(await apply(CRD)).toContain('created');
    const thing = () => apply({ apiVersion: 'lab.example/v1', kind: 'Thing', metadata: { name: 'before' } });
    expect(await eventually(WAIT, thing, (said) => said.includes('created'))).toContain('created');
    expect(await apply(DEPLOYMENT)).toContain('created');
    const credential = async (field: string): Promise<string> => {
      const line = `awk '$1 == "${field}:" { print $2 }' /etc/kubernetes/admin.conf | base64 --decode`;
      return (await at(0).run('bash', '-c', line)).stdout;
    };
    writeFileSync(join(folder, 'ca.crt'), (await at(0).run('cat', '/etc/kubernetes/pki/ca.crt')).stdout);
    writeFileSync(join(folder, 'client.crt'), await credential('client-certificate-data'));
    writeFileSync(join(folder, 'client.key'), await credential('client-key-data'), { mode: 0o600 });
    rack.startOutside('192.168.50.250/24', CLIENT, `https://${VIRTUAL_IP}:6443`, folder);
  });
  afterAll(async () => {
    await rack.remove();
    for (const path of [before.layer, next.layer, folder]) rmSync(path, { recursive: true });
  });

  it('begins with a snapshot of etcd, and can be taken back while one master is new', async () => {
    expect((await at(0).run('/usr/local/bin/cluster-etcd-snapshot.sh', '--now')).status).toBe(0);
    await replace(at(0), next);
    expect(await versionAt(at(0))).toBe(next.version);
    await replace(at(0), before);
    expect(await versionAt(at(0))).toBe(before.version);
    expect(failures()).toEqual([]);
  });

  it.each([0, 1, 2])('replaces master number %i', async (index) => {
    await replace(at(index), next);
    expect(await versionAt(at(index))).toBe(next.version);
    expect(failures()).toEqual([]);
  });

  it('replaces the worker', async () => {
    await replace(at(3), next);
  });

  it('has lost nothing, and failed no request that was repeated once', async () => {
    writeFileSync(join(folder, 'stop'), '');
    const written = (text: string): number => Number(/^written (\d+)$/m.exec(text)?.[1] ?? 0);
    const text = await eventually(60, () => Promise.resolve(log()), (said) => written(said) > 0); // prettier-ignore
    expect(failures()).toEqual([]);
    expect(written(text)).toBeGreaterThan(100);
    const found = await kubectl(at(2), 'get', 'configmaps', '--output', 'name');
    expect(found.split('\n').filter((name) => name.startsWith('configmap/load-'))).toHaveLength(written(text));
    expect(await kubectl(at(0), 'get', 'thing/before', 'deployment/before', '--output', 'name')).toBe('thing.lab.example/before\ndeployment.apps/before'); // prettier-ignore
    const pods = () => kubectl(at(0), 'get', 'pods', '--selector', 'app=before', '--output', 'jsonpath={.items[*].spec.nodeName}'); // prettier-ignore
    expect((await pods()).trim()).toBe('worker-01 worker-01');
    console.log(`of ${String(2 * written(text))} requests, these were repeated:`, log().split('\n').filter((line) => line.startsWith('retry'))); // prettier-ignore
  });
});

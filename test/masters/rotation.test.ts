/**
 * Every root of trust of a running cluster of real Kubernetes is replaced, in the three steps of docs/SECRETS.md, while a client reads and
 * writes. The tests build on each other.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RotationStep } from '../../src/pki/store/model.ts';
import { ARTIFACTS } from '../image/build/artifact-folder.ts';
import { eventually, type RackNode } from '../image/containers/rack.ts';
import { expectDone, expectWhole, imagesOf, kubectl, names, VIRTUAL_IP } from '../image/kubernetes/real-cluster.ts';
import { formCluster, missing, realRack, root, type RealRack } from '../image/kubernetes/real-rack.ts';

const CLIENT = join(import.meta.dirname, '../image/containers/stand-ins/client.sh');

const ROOTS = [
  { kind: 'authorities', id: 'kubernetes' },
  { kind: 'authorities', id: 'etcd' },
  { kind: 'authorities', id: 'front-proxy' },
  { kind: 'keyPairs', id: 'service-account' },
  { kind: 'keys', id: 'encryption' },
] as const;

describe.skipIf(root === null)(`a rotation of everything that nodes trust${missing}`, () => {
  let nodes: RealRack['nodes'];
  let remove: RealRack['remove'];
  const at = (index: number): RackNode => nodes[index] as RackNode;
  /** What the client outside needs, and its log. */
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-client-'));
  const failures = (): string[] => readFileSync(join(folder, 'log'), 'utf8').split('\n').filter((line) => line.startsWith('FAILED')); // prettier-ignore

  /** As a user who takes the new kubeconfig. */
  const distribute = async (): Promise<void> => {
    const credential = async (field: string): Promise<string> => {
      const line = `awk '$1 == "${field}:" { print $2 }' /etc/kubernetes/admin.conf | base64 --decode`;
      return (await at(0).run('bash', '-c', line)).stdout;
    };
    writeFileSync(join(folder, 'ca.crt'), (await at(0).run('cat', '/etc/kubernetes/pki/ca.crt')).stdout);
    const pair = [await credential('client-certificate-data'), await credential('client-key-data')];
    // In one file, so that no request gets the certificate of one and the key of another.
    for (const name of ['client.crt', 'client.key'])
      writeFileSync(join(folder, name), pair.join('\n'), { mode: 0o600 });
  };
  const authorities = async (node: RackNode): Promise<number> =>
    Number((await node.run('grep', '-c', 'BEGIN', '/etc/kubernetes/pki/ca.crt')).stdout);
  const kubeletAuthority = async (): Promise<string> => {
    const verify =
      'openssl verify -CAfile <(openssl x509 -in /etc/kubernetes/pki/ca.crt) /var/lib/kubelet/pki/kubelet-client-current.pem';
    return (await at(3).run('bash', '-c', `${verify} 2>&1`)).stdout.trim();
  };

  beforeAll(async () => {
    const made = await realRack();
    ({ nodes, remove } = made);
    await formCluster(nodes, at(1));
    await kubectl(at(0), 'create', 'secret', 'generic', 'before', '--from-literal=word=kept');
    await distribute();
    made.rack.startOutside('192.168.50.250/24', CLIENT, `https://${VIRTUAL_IP}:6443`, folder);
  });
  afterAll(async () => {
    await remove();
    rmSync(folder, { recursive: true });
  });

  it.each<[RotationStep, number]>([
    ['stage', 2],
    ['activate', 2],
    ['retire', 1],
  ])('%s: one node after the other, and no request fails', async (step, trusted) => {
    const images = await imagesOf(ARTIFACTS, names, {}, ROOTS.map((target) => ({ ...target, step }))); // prettier-ignore
    for (const node of nodes) {
      await node.shutDown();
      node.boots(images.get(node.name) ?? []);
      node.switchOn();
      await expectDone([node]);
      await expectWhole(at(1));
      expect([node.name, await authorities(node), failures()]).toEqual([node.name, trusted, []]);
    }
    await distribute();
    expect(await kubeletAuthority()).toMatch(/kubelet-client-current\.pem: OK$/);
    const secrets = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
    const rewrite = `${secrets} get secrets --all-namespaces -o json | ${secrets} replace -f -`;
    expect((await at(0).run('bash', '-c', rewrite)).status).toBe(0);
  });

  it('has lost nothing', async () => {
    writeFileSync(join(folder, 'stop'), '');
    const log = (): string => readFileSync(join(folder, 'log'), 'utf8');
    const written = (text: string): number => Number(/^written (\d+)$/m.exec(text)?.[1] ?? 0);
    const text = await eventually(60, () => Promise.resolve(log()), (said) => written(said) > 0); // prettier-ignore
    expect([failures(), written(text) > 100]).toEqual([[], true]);
    const found = await kubectl(at(2), 'get', 'configmaps', '--output', 'name');
    expect(found.split('\n').filter((name) => name.startsWith('configmap/load-'))).toHaveLength(written(text));
    const word = await kubectl(at(2), 'get', 'secret', 'before', '--output', 'jsonpath={.data.word}');
    expect(Buffer.from(word, 'base64').toString()).toBe('kept');
    console.log(`of ${String(2 * written(text))} requests, these were repeated:`, log().split('\n').filter((line) => line.startsWith('retry'))); // prettier-ignore
  });
});

/** What masters apply so that Kubernetes takes volumes from Ceph, before a real API server; needs what api-server.ts needs. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_OF_CEPH, sound } from '../config/ceph.ts';
import { missing, NEEDS, startApiServer, type ApiServer } from './api-server.ts';

describe.skipIf(missing.length > 0)(`kube-apiserver and the storage of Ceph (${NEEDS})`, () => {
  let api: ApiServer;
  const kubectl = (...args: string[]): string => api.kubectl(api.config('master-01', 'super-admin'), args);
  beforeAll(async () => {
    const nodes = { 'master-01': `master, worker, ${ALL_OF_CEPH}` };
    const pools = '{ name: fast }, { name: Slow_1 }, { name: home, application: cephfs }';
    api = await startApiServer(
      await sound({ nodes, ceph: `{ cephfs: true, encryption_on_wire: true, pools: [${pools}] }` }),
    );
  });
  afterAll(async () => {
    await api.stop();
  });

  it('takes the add-on strictly as it is, and has nothing to change the second time', () => {
    const apply = (): string[] => {
      const file = join(api.root('master-01'), 'etc/kubernetes/addons/30-ceph.yaml');
      return kubectl('apply', '--validate=strict', '-f', file).trimEnd().split('\n');
    };
    const objects = [
      ...['namespace/ceph-csi', 'secret/ceph-csi'],
      ...['ceph-csi-config', 'ceph-config', 'ceph-csi-encryption-kms-config'].map((name) => `configmap/${name}`),
      ...['ceph-rbd', 'ceph-rbd-2', 'ceph-fs'].map((name) => `storageclass.storage.k8s.io/${name}`),
    ];
    expect(apply()).toEqual(objects.map((object) => `${object} created`));
    expect(apply()).toEqual(objects.map((object) => `${object} unchanged`));
  });

  it('knows one class as the default one, and a key by which the drivers are client.kubernetes', () => {
    const table = kubectl('get', 'storageclass', '--no-headers').trimEnd().split('\n');
    expect(table.filter((line) => line.includes('(default)')).map((line) => line.split(' ')[0])).toEqual(['ceph-rbd']);
    const secret = JSON.parse(kubectl('get', 'secret', 'ceph-csi', '-n', 'ceph-csi', '-o', 'json')) as {
      data: Record<string, string>;
    };
    const text = (name: string): string => Buffer.from(secret.data[name] ?? '', 'base64').toString();
    expect([text('userID'), text('adminID')]).toEqual(['kubernetes', 'kubernetes']);
    expect(Buffer.from(text('userKey'), 'base64')).toHaveLength(28);
  });
});

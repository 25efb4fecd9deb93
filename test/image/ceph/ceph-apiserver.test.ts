/**
 * A real API server reads the manifests with which masters give volumes of Ceph to Kubernetes; for requirements see
 * api-server.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_OF_CEPH, sound } from '../../config/ceph.ts';
import { ARTIFACTS, missing, NEEDS, startApiServer, type ApiServer } from '../kubernetes/api-server.ts';
import { writeDrivers } from './ceph-csi.ts';

/** Manifests of ceph-csi itself, as a build would take them. */
const PUBLISHED = join(ARTIFACTS, 'manifests/ceph-csi');

interface Applied {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion: string };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec: { readonly volumes: readonly { readonly configMap?: { name: string } }[] } };
  };
  readonly subjects?: readonly { readonly namespace?: string }[];
}

const CLUSTER_WIDE = /^(CSIDriver|ClusterRole|ClusterRoleBinding)$/;

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

  describe.each([
    ['of our own', null],
    ['that were published (needs manifests/ceph-csi in COLDSTART_ARTIFACTS)', PUBLISHED],
  ])('drivers by manifests %s', (_, published) => {
    it.skipIf(published !== null && !existsSync(published))(
      'are applied strictly, in the namespace of their secrets',
      () => {
        const folder = join(api.folder, published === null ? 'made' : 'published');
        writeDrivers(api.cluster, folder, published);
        const apply = (): readonly Applied[] => {
          const how = ['--server-side', '--force-conflicts', '--validate=strict', '--field-manager', 'coldstart'];
          return (JSON.parse(kubectl('apply', ...how, '--kustomize', folder, '-o', 'json')) as { items: Applied[] })
            .items;
        };
        const objects = apply();
        const named = (kind: string): string[] =>
          objects
            .filter((one) => one.kind === kind)
            .map(({ metadata }) => metadata.name)
            .toSorted();
        expect(named('CSIDriver')).toEqual(['cephfs.csi.ceph.com', 'rbd.csi.ceph.com']);
        expect([named('DaemonSet').length, named('Deployment').length]).toEqual([2, 2]);
        for (const { kind, metadata, spec, subjects = [] } of objects) {
          expect([kind, metadata.namespace]).toEqual([kind, CLUSTER_WIDE.test(kind) ? undefined : 'ceph-csi']);
          expect(subjects.filter(({ namespace }) => namespace !== 'ceph-csi')).toEqual([]);
          if (kind === 'Deployment') expect(spec?.replicas).toBe(2);
        }
        const read = objects
          .flatMap(({ spec }) => spec?.template?.spec.volumes ?? [])
          .flatMap(({ configMap }) => configMap ?? []);
        const there = kubectl('get', 'configmap', '-n', 'ceph-csi', '-o', 'name').trimEnd().split('\n');
        expect(read.length).toBeGreaterThan(0);
        expect(read.map(({ name }) => `configmap/${name}`).filter((name) => !there.includes(name))).toEqual([]);
        const versions = (of: readonly Applied[]) => of.map(({ metadata }) => metadata.resourceVersion);
        expect(versions(apply())).toEqual(versions(objects));
      },
    );
  });
});

/** Files of nodes for Ceph: their whole text, the holders of each key, and the effects of a rotation. */
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/config/cluster.ts';
import { cephxKey } from '../../src/pki/cephx.ts';
import { nodeSecrets } from './node-secrets.ts';
import { cephFsid } from '../../src/pki/holes.ts';
import { completeStore, type Circumstances } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import { describeChange } from '../../src/pki/issue/reconcile.ts';
import { rotate } from '../../src/pki/issue/rotate.ts';
import { reveal } from '../../src/pki/secret.ts';
import { formatStore, parseStore } from '../../src/pki/store/format.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { ALL_OF_CEPH, ALONE, BESIDE, sound, STORAGE_ALONE } from '../config/ceph.ts';
import { NOW } from './clusters.ts';
import { secretsDue, secretsIn, secretsOf } from './least-privilege.ts';

const EXPECTED = join(import.meta.dirname, 'expected/ceph');

const [beside, alone] = await Promise.all([sound(BESIDE), sound(ALONE)]);

/** As counters count: the same keys each time. */
function counted(): Circumstances {
  let calls = 0;
  const bytes = (count: number) => (count === 1 ? systemRandomness.bytes(1) : Buffer.alloc(count, ++calls));
  return { now: NOW, random: { ...systemRandomness, bytes } };
}

const stores = new Map<Cluster, Store>();
beforeAll(async () => {
  for (const of of [beside, alone]) {
    const needs = needsOf({ ...of, ceph: of.ceph && { ...of.ceph, dashboard: false } });
    // Certificates take their serial numbers from the same source, so keys are made first and apart from them.
    const keys = await completeStore(null, { ...needs, certificates: [], authorities: [], tokens: [] }, counted());
    stores.set(of, (await completeStore(keys.store, needsOf(of), counted())).store);
  }
}, 120_000);

const filesOf = (of: Cluster, name: string) =>
  nodeSecrets(
    stores.get(of)!,
    of,
    of.nodes.find((node) => node.name === name)!,
  );
const textOf = (of: Cluster, name: string, path: string): string => {
  const found = filesOf(of, name).find((file) => file.path === path);
  return Buffer.from(found?.content ?? '').toString();
};

describe('the files of a node with Ceph', () => {
  it.each([
    ['beside', 'm-2', 'etc/ceph/ceph.conf'],
    ['beside', 'm-2', 'etc/ceph/ceph.mon.keyring'],
    ['beside', 'm-2', 'etc/cluster-config/ceph.env'],
    ['beside', 'm-1', 'etc/kubernetes/addons/30-ceph.yaml'],
    ['alone', 'store-b', 'etc/ceph/ceph.conf'],
    ['alone', 'store-b', 'etc/ceph/ceph.mon.keyring'],
    ['alone', 'store-b', 'etc/cluster-config/ceph.env'],
  ])('%s, %s: %s, to the letter', async (shape, name, path) => {
    await expect(textOf({ beside, alone }[shape] ?? beside, name, path)).toMatchFileSnapshot(
      join(EXPECTED, shape, name, path),
    );
  });

  const SERVERS = ['644 0 etc/ceph/dashboard-ca.crt', '644 0 etc/ceph/dashboard.crt', '600 0 etc/ceph/dashboard.key'];
  const ring = (name: string): string => `600 ${name.includes('admin') ? '0' : '64045'} etc/ceph/ceph.${name}.keyring`;
  const COMMON = ['644 0 etc/ceph/ceph.conf', '644 0 etc/cluster-config/ceph.env'];
  it.each([
    [
      'm-1',
      [
        ...[...COMMON, ...SERVERS, '600 0 etc/kubernetes/addons/30-ceph.yaml'],
        ...['mon', 'client.bootstrap-mgr', 'client.bootstrap-mds'].map(ring),
      ],
    ],
    [
      'm-2',
      [
        ...[...COMMON, ...SERVERS, '600 0 etc/ceph/dashboard-password'],
        ...['mon', 'client.admin', 'client.bootstrap-mgr', 'client.bootstrap-mds', 'client.bootstrap-osd'].map(ring),
      ],
    ],
    ['m-3', [...COMMON, ...['mon', 'client.bootstrap-osd'].map(ring)]],
    ['o-4', [...COMMON, ...['client.admin', 'client.bootstrap-osd'].map(ring)]],
    ['w-5', []],
  ])('%s has those of its daemons', (name, expected) => {
    const files = filesOf(beside, name).filter(({ path }) => /ceph/.test(path));
    const listed = files.map(
      ({ mode, uid, gid, path }) => `${mode.toString(8)} ${uid} ${path}${uid === gid ? '' : '!'}`,
    );
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  it('hold no key that the node does not need, and mark what they hold', () => {
    for (const of of [beside, alone]) {
      const store = stores.get(of)!;
      for (const node of of.nodes) {
        const files = nodeSecrets(store, of, node);
        expect([node.name, secretsIn(files, store)]).toEqual([node.name, secretsDue(of, node, store)]);
        for (const file of files) {
          const holds = secretsIn([file], store).length > 0;
          if (!file.path.endsWith('.tsv')) expect([file.path, file.secret]).toEqual([file.path, holds]);
        }
      }
    }
  });

  it('make up no settings that explain could not show', () => {
    for (const { path, origin } of filesOf(beside, 'm-2').filter((file) => /ceph\.(conf|env)$/.test(file.path))) {
      expect([path, origin]).toEqual([
        path,
        {
          ...{ kind: 'template', source: `templates/${path}.ejs`, holes: ['ceph_fsid'] },
          settings: ['cluster.ceph', 'cluster.networking.node_cidr', 'nodes'],
        },
      ]);
    }
  });
});

describe('the store', () => {
  it('of storage alone holds nothing of Kubernetes, and an authority for the dashboard', () => {
    const { authorities, keyPairs, keys, certificates, tokens } = stores.get(alone)!;
    expect(Object.keys(authorities)).toEqual(['ceph']);
    expect(Object.keys(keyPairs)).toEqual(alone.nodes.map(({ name }) => `ssh/${name}`));
    expect(tokens).toEqual({});
    expect(Object.keys(keys)).toEqual([
      ...['ceph/mon', 'ceph/admin', 'ceph/bootstrap-osd'],
      ...['ceph/bootstrap-mgr', 'ceph/dashboard'],
    ]);
    expect(Object.keys(certificates)).toEqual(Object.keys(STORAGE_ALONE).map((name) => `nodes/${name}/ceph-dashboard`));
  });

  it('is read again as it was written', () => {
    const store = stores.get(beside)!;
    expect(formatStore(parseStore(formatStore(store), 'x'))).toBe(formatStore(store));
  });

  it('keeps the id of the cluster in the shape of a UUID, whatever chance has given', () => {
    const store = stores.get(beside)!;
    const of = (id: string): string => cephFsid.read({ ...store, ids: { 'ceph-fsid': id } });
    expect(of('0'.repeat(32))).toBe('00000000-0000-4000-8000-000000000000');
    expect(of('f'.repeat(32))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });

  it('has keys that say when they were made', () => {
    const key = cephxKey(Buffer.alloc(16, 7), new Date('2026-11-22T12:00:00.900Z'));
    expect(key.toString('hex')).toBe(`010040d9026b000000001000${'07'.repeat(16)}`);
    expect(key.readUInt32LE(2)).toBe(Date.parse('2026-11-22T12:00:00Z') / 1000);
  });

  it('makes keys anew at one blow: one, or all', async () => {
    const store = stores.get(beside)!;
    const needs = needsOf(beside);
    const turn = async (id: string): Promise<string[]> => {
      const { store: next, changes } = await rotate(store, { kind: 'cephKeys', id }, needs, {
        ...counted(),
        now: new Date(),
      });
      const [before, after] = [secretsOf(store), secretsOf(next)];
      const changed = [...after].filter(([name, value]) => before.get(name) !== value).map(([name]) => name);
      expect(changes.map(describeChange)).toEqual(
        changed.map((name) => `made anew the key \`${name.replace('key ', '')}\`, as it was to be rotated`),
      );
      expect((await completeStore(next, needs, counted())).changes).toEqual([]);
      return changed;
    };
    expect(await turn('ceph/admin')).toEqual(['key ceph/admin']);
    expect(await turn('ceph')).toHaveLength(7);
    await expect(turn('ceph/nobody')).rejects.toThrow('The secrets store has no key `ceph/nobody`.');
    expect(reveal(store.keys['ceph/admin']!.current)).toBe(reveal(stores.get(beside)!.keys['ceph/admin']!.current));
  });
});

describe('what Kubernetes is told', () => {
  const documents = (
    of: Cluster,
  ): { kind: string; metadata: { name: string }; parameters?: Record<string, string> }[] =>
    parseAllDocuments(textOf(of, 'm-1', 'etc/kubernetes/addons/30-ceph.yaml')).map(
      (document) => document.toJS() as never,
    );

  it('is a class for each pool, by names that Kubernetes can hold', () => {
    const classes = documents(beside).filter(({ kind }) => kind === 'StorageClass');
    expect(classes.map(({ metadata, parameters }) => [metadata.name, parameters?.['pool']])).toEqual([
      ['ceph-rbd', 'fast'],
      ['ceph-rbd-2', 'Slow_1'],
      ['ceph-fs', 'home'],
    ]);
  });

  it('is nothing where there are no pools for it', async () => {
    const none = await sound({ nodes: { 'm-1': `master, worker, ${ALL_OF_CEPH}` }, ceph: '{ pools: [] }' });
    expect(needsOf(none).keys.map(({ id }) => id)).not.toContain('ceph/kubernetes');
    const { store } = await completeStore(null, needsOf(none), counted());
    expect(nodeSecrets(store, none, none.nodes[0]!).filter(({ path }) => /30-ceph/.test(path))).toEqual([]);
  });
});

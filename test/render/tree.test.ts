/** Trees, inventories, derived ids, package sets, enabled units: the small tables. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectionUuid, diskId, machineId, uuid5 } from '../../src/render/plan/ids.ts';
import { formatLine, inventory, parseInventory, type InventoryLine } from '../../src/render/tree/inventory.ts';
import { packageSet } from '../../src/render/plan/packages.ts';
import { makeTree, withEntries, type Origin, type TreeEntry } from '../../src/render/tree/tree.ts';
import { installationOf } from '../../src/config/systemd/install.ts';
import { cluster, node } from './cluster.ts';
import { everything } from './everything.ts';
import { ask, isInstalled } from './oracle.ts';

const ORIGIN: Origin = { kind: 'template', source: 'templates/x.ejs', settings: [] };
const ROOT = { uid: 0, gid: 0, origin: ORIGIN };
const file = (path: string): TreeEntry => ({
  ...ROOT,
  path,
  type: 'file',
  mode: 0o644,
  content: new Uint8Array(),
  secret: false,
});

describe('trees', () => {
  test('are sorted by bytes', () => {
    const paths = ['etc/b', 'etc/B', 'etc/a/b', 'etc/a-b'];
    expect(makeTree(paths.map(file)).map(({ path }) => path)).toEqual(['etc/B', 'etc/a-b', 'etc/a/b', 'etc/b']);
  });

  test.each([
    [['etc/a', 'etc/a'], 'path `etc/a` occurs twice in a tree'],
    [['etc/a', 'etc/a-b', 'etc/a/b'], 'path `etc/a/b` is below `etc/a`, which is no directory'],
    [['/etc/a'], 'path `/etc/a` of a tree is not relative'],
    [['etc/../a'], 'path `etc/../a` of a tree has the part `..`'],
    [['etc//a'], 'path `etc//a` of a tree has the part ``'],
    [['etc/ä'], 'path `etc/ä` of a tree has characters other than printable ASCII'],
  ])('refuse %j', (paths, message) => {
    expect(() => makeTree(paths.map(file))).toThrow(new Error(message));
  });

  test('take further entries as if they had been there from the start', () => {
    const somePaths = fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { maxLength: 10 });
    fc.assert(
      fc.property(somePaths, somePaths, (before, added) => {
        const kept = before.filter((path) => !added.includes(path));
        const all = withEntries(makeTree(before.map(file)), makeTree(added.map(file)));
        expect(all).toEqual(makeTree([...kept, ...added].map(file)));
      }),
    );
  });

  test('have an inventory', () => {
    const tree = makeTree([
      { ...ROOT, path: 'etc/localtime', type: 'symlink', mode: 0o777, target: '../usr/a b' },
      { ...ROOT, path: 'etc/credstore', type: 'directory', mode: 0o700, uid: 1, gid: 2 },
      { ...ROOT, path: 'etc/x', type: 'file', mode: 0o4755, content: new TextEncoder().encode('x\n'), secret: true },
    ]);
    expect(inventory(tree)).toBe(
      '0700 1:2 directory - etc/credstore\n' +
        String.raw`0777 0:0 symlink ../usr/a\x20b etc/localtime` +
        '\n4755 0:0 file sha256:73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac etc/x\n',
    );
  });
});

const anyLine: fc.Arbitrary<InventoryLine> = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.nat(),
  gid: fc.nat(),
  type: fc.constantFrom('file', 'symlink', 'directory'),
  digest: fc.stringMatching(/^[ -~]+$/),
  path: fc.stringMatching(/^[!-~][ -~]*$/),
});

describe('inventories', () => {
  test('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyLine), (lines) => {
        expect(parseInventory(lines.map((line) => `${formatLine(line)}\n`).join(''))).toEqual(lines);
      }),
    );
  });

  test.each(['0644 0:0 file x', '644 0:0 file x y', '0644 root:root file x y'])('refuse %j', (line) => {
    expect(() => parseInventory(`${line}\n`)).toThrow(new Error(`inventory line 1 is malformed: ${line}`));
  });
});

describe('ids', () => {
  test.skipIf(!isInstalled('python3', '-c', 'import uuid'))('are name-based UUIDs as Python makes them', () => {
    const space = "uuid.UUID('6f1f8c0e-6f0b-5e3d-9f0e-2c1d7a9b4e55')";
    const program = `import uuid; print(uuid.uuid5(${space}, 'connection/lab/master-01/lan'))`;
    expect(connectionUuid('lab', 'master-01', 'lan')).toBe(ask('python3', ['-c', program], '').trim());
  });

  test('follow from cluster and node, for ever', () => {
    expect(uuid5('a', 'b')).not.toBe(uuid5('ab'));
    expect(machineId('lab', 'master-01')).toBe('eeef50128801563788a1e8a6bea0b693');
    expect(diskId('lab', 'master-01')).toBe('525e1936');
  });
});

describe('package sets', () => {
  const setsOf = (of: ReturnType<typeof cluster>): Record<string, readonly string[]> =>
    Object.fromEntries(of.nodes.map((each) => [each.name, packageSet(of, each).sets]));

  test('masters and workers share one, Ceph is where its roles are', () => {
    expect(setsOf(cluster())).toEqual({
      'master-01': ['common', 'firmware', 'kubernetes', 'containerd'],
      'worker-01': ['common', 'firmware', 'kubernetes', 'containerd'],
      'worker-02': ['common', 'firmware', 'kubernetes', 'containerd'],
    });
    expect(setsOf(everything())).toEqual({
      'master-01': ['common', 'firmware', 'kubernetes', 'containerd', 'ceph', 'ceph-dashboard', 'xfs'],
      'store-01': ['common', 'firmware', 'ceph', 'ceph-dashboard'],
      'worker-01': ['common', 'firmware', 'kubernetes', 'containerd'],
    });
  });

  test('names are sorted, each once, with what the node adds', () => {
    const { names } = packageSet(cluster(), node('a', 1, { packages: ['zsh', 'curl', 'aide'] }));
    expect(names).toEqual([...new Set(names)].toSorted());
    expect(names).toEqual(expect.arrayContaining(['aide', 'containerd', 'curl', 'etcd-server', 'zsh']));
  });
});

describe('enabled units', () => {
  test.each([
    [
      'a.service',
      '[Install]\nWantedBy=multi-user.target x.target\n',
      ['multi-user.target.wants/a.service', 'x.target.wants/a.service'],
    ],
    [
      'a.timer',
      '[Unit]\nWantedBy=no.target\n[Install]\nRequiredBy = timers.target\n',
      ['timers.target.requires/a.timer'],
    ],
    ['a@.service', '[Install]\nDefaultInstance=1\nWantedBy=b.target\n', ['b.target.wants/a@1.service']],
    [
      'a.service',
      '[Install]\nWantedBy=b.target \\\n  c.target\nAlias=d.service\n',
      ['b.target.wants/a.service', 'c.target.wants/a.service', 'd.service'],
    ],
  ])('%s', (name, content, expected) => {
    expect(installationOf(name, content).links.map(({ path }) => path)).toEqual(expected);
  });
});

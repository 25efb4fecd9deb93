/**
 * Debian's own Ceph reads the files that nodes get for Ceph: it knows every setting and reads the intended value, reads
 * the key rings, and makes a monitor's store of them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packSquashfs } from '../../../src/builder/layers/node-layer.ts';
import { run } from '../../../src/builder/system/run.ts';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { wholeNode } from '../../../src/render/plan/plan.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { ALONE, BESIDE, sound } from '../../config/ceph.ts';
import { storeOf } from '../../pki/clusters.ts';
import { secretsDue, secretsIn } from '../../pki/least-privilege.ts';
import { SOURCES } from '../../render/sources.ts';
import { cephRoot } from './ceph-root.ts';
import { madeUp } from '../build/made-up.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';

const root = await cephRoot();
const clusters = await Promise.all([BESIDE, ALONE].map(sound));
const CASES = clusters.flatMap((of, index) =>
  of.nodes
    .filter(({ roles }) => roles.some((role) => role.startsWith('ceph-')))
    .map((node) => [`${index === 0 ? 'beside' : 'alone'}/${node.name}`, of, node] as const),
);

/** `name = value` by name, of one section or of what Ceph says. */
const settingsIn = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^(\w+) = (.*)$/gm)].map(([, key = '', value = '']) => [key, value]));

/** Ceph writes `0.250000` for `0.25`, and `v2:[::1]:0/0` for an address without a port. */
function plain(value: string | undefined): string | undefined {
  if (value !== undefined && /^\d+\.\d+$/.test(value)) return String(Number(value));
  return value
    ?.replace(/^v2:(.*):0\/0$/, '$1')
    .replace(/^\[(.*)\]$/, (whole, address: string) => (/^v\d/.test(address) ? whole : address));
}

/** The daemons of a node: their sections in ceph.conf, and their names. */
function daemonsOf({ name, roles }: Node): [section: string, name: string][] {
  const daemons: [string, string][] = [
    ['mon', `mon.${name}`],
    ['mgr', `mgr.${name}`],
    ['osd', 'osd.0'],
  ];
  return daemons.filter(([section]) => roles.some((role) => role === `ceph-${section}`));
}

const treeOf = async (of: Cluster, node: Node): Promise<FileTree> => wholeNode(of, node, SOURCES, await storeOf(of));

describe.each(clusters.flatMap((of) => of.nodes.map((node) => [node.name, of, node] as const)))('%s', (_, of, node) => {
  test('the packed layer holds the keys that the node needs, and no other of the store', async () => {
    const folder = await temporaryFolder();
    const [layer, unpacked] = [join(folder, 'node.squashfs'), join(folder, 'layer')];
    await packSquashfs(await treeOf(of, node), new Map(), layer, { epoch: 1_754_697_600, signal: undefined });
    await run({
      command: 'unsquashfs',
      args: ['-quiet', '-no-progress', '-d', unpacked, layer],
      reason: 'unpack a layer',
    });
    const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const files = await Promise.all(paths.map(async (path) => ({ content: await readFile(path) })));
    expect(files.length).toBeGreaterThan(50);
    const store = await storeOf(of);
    expect(secretsIn(files, store)).toEqual(secretsDue(of, node, store));
  });
});

describe.skipIf(root === null).each(CASES)("%s, in a root with Debian's Ceph", (_, of, node) => {
  let tree: FileTree;
  let on: NodeRoot;
  beforeAll(async () => {
    tree = await treeOf(of, node);
    on = nodeRoot(root ?? '', tree);
  });
  afterAll(() => {
    on.remove();
  });
  const textOf = (path: string): string => {
    const entry = tree.find((candidate) => candidate.path === path);
    return entry?.type === 'file' ? Buffer.from(entry.content).toString() : '';
  };

  test('systemd-analyze verify has nothing to say about the units of daemons', () => {
    const units = [
      'cluster-ceph.service',
      ...daemonsOf(node).map(([section]) => `ceph-${section}@${node.name}.service`),
    ];
    expect(units.length).toBeGreaterThan(1);
    expect(on.run('systemd-analyze', ['--man=no', 'verify', ...units])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('each daemon knows every setting, and takes it as it is written', () => {
    const sections = new Map(
      textOf('etc/ceph/ceph.conf')
        .split(/^(?=\[)/m)
        .map((text) => [/^\[(\w+)\]/.exec(text)?.[1] ?? '', settingsIn(text)]),
    );
    for (const [section, name] of [...daemonsOf(node), ['client', 'client.admin'] as const]) {
      const { status, stdout, stderr } = on.run('ceph-conf', ['--name', name, '--show-config']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const known = settingsIn(stdout);
      const written = [...(sections.get('global') ?? []), ...(sections.get(section) ?? [])];
      const meant = written.map(([key, value]) => [key, value.replace('$cluster', 'ceph').replace('$name', name)]);
      expect(written.length).toBeGreaterThan(15);
      expect(meant.map(([key = '']) => [key, plain(known.get(key))])).toEqual(
        meant.map(([key, value]) => [key, plain(value)]),
      );
    }
  });

  test('ceph-authtool reads each key ring, and finds in it what stands there', () => {
    const rings = tree.filter(({ path }) => path.endsWith('.keyring'));
    expect(rings.length).toBeGreaterThan(0);
    const sorted = (text: string): string[] => text.split(/^(?=\[)/m).toSorted();
    for (const { path } of rings) {
      const { status, stdout, stderr } = on.run('ceph-authtool', ['--list', `/${path}`]);
      expect({ path, status, stderr, sections: sorted(stdout) }).toEqual({
        ...{ path, status: 0, stderr: '' },
        sections: sorted(textOf(path)),
      });
    }
  });

  test('key rings are where daemons look for them, and theirs', () => {
    const stat = `for path in /etc/ceph/*.keyring; do stat -c '%n %U %a' "$path"; done`;
    const { stdout } = on.run('bash', ['-c', stat]);
    const files = tree.filter(({ path }) => path.endsWith('.keyring')).map(({ path }) => path);
    const owner = (path: string): string => (path.includes('client.admin') ? 'root' : 'ceph');
    expect(stdout.trimEnd().split('\n')).toEqual(files.map((path) => `/${path} ${owner(path)} 600`));
  });

  test.runIf(node.roles.includes('ceph-mon'))('a monitor makes its store of them', () => {
    const script = `set -euo pipefail; source /etc/cluster-config/ceph.env
      read -ra names <<<"$CEPH_MONS"; read -ra addresses <<<"$CEPH_MON_ADDRS"
      arguments=(); for i in "\${!names[@]}"; do arguments+=(--addv "\${names[i]}" "\${addresses[i]}"); done
      monmaptool --create --fsid "$CEPH_FSID" "\${arguments[@]}" /tmp/monmap >/dev/null
      install -d -o ceph -g ceph /tmp/mon; chmod a+r /tmp/monmap
      ceph-mon --mkfs -i "$1" --monmap /tmp/monmap --keyring /etc/ceph/ceph.mon.keyring --mon-data /tmp/mon \\
        --setuser ceph --setgroup ceph >/dev/null
      test -s /tmp/mon/keyring -a -d /tmp/mon/store.db
      monmaptool --print /tmp/monmap | grep -E '^(fsid|[0-9])' | sed 's,/0,,g'`;
    const { status, stdout, stderr } = on.run('bash', ['-c', script, 'make', node.name]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const conf = settingsIn(textOf('etc/ceph/ceph.conf'));
    const monitors = (conf.get('mon_host') ?? '').split(/,(?=\[v2)/);
    const names = (conf.get('mon_initial_members') ?? '').split(',');
    // One address alone is shown without its brackets.
    const shown = monitors.map((address) => (address.includes('v1:') ? address : address.slice(1, -1)));
    expect(stdout.trimEnd().split('\n')).toEqual([
      `fsid ${conf.get('fsid') ?? ''}`,
      ...shown.map((address, rank) => `${String(rank)}: ${address} mon.${names[rank] ?? ''}`),
    ]);
  });

  test.runIf(of.ceph?.dashboard === true && node.roles.includes('ceph-mgr'))(
    'the dashboard has a certificate of its own',
    () => {
      const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', node.name];
      const files = ['-CAfile', '/etc/ceph/dashboard-ca.crt', '/etc/ceph/dashboard.crt'];
      expect(on.run('openssl', [...verify, ...files])).toEqual({
        ...{ status: 0, stderr: '' },
        stdout: '/etc/ceph/dashboard.crt: OK\n',
      });
    },
  );
});

test.skipIf(root === null)("no package's identity or key is left in the base layer", () => {
  expect(madeUp(root ?? '')).toEqual([]);
});

/**
 * A cluster of Debian's real Ceph in containers, on IPv6 and with encryption. Its keys are made anew while it holds
 * data. The tests build on each other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cephDefinition, macOf, nameOf } from '../image/ceph/ceph-definition.ts';
import { expectDone, expectToStayWell, expectWell, listenWhileWriting } from '../image/ceph/ceph-life.ts';
import { readImage, writeImage } from '../image/ceph/ceph-life.ts';
import { cephRoot } from '../image/ceph/ceph-root.ts';
import { Rack, treesOf, type RackNode } from '../image/containers/rack.ts';

const root = await cephRoot();
const missing =
  root === null ? ' (needs systemd-nspawn, root and a root file system with Ceph: COLDSTART_TEST_CEPH_ROOT)' : '';
const DEFINITION = cephDefinition({ ipv6: true, encryptionOnWire: true });
const cephKey = (id: string) => ({ kind: 'cephKeys', id }) as const;

describe.skipIf(root === null)(`a cluster of Ceph on IPv6, with encryption${missing}`, () => {
  let rack: Rack;
  let nodes: readonly RackNode[];
  const at = (index: number): RackNode => nodes[index] as RackNode;
  let written = '';

  const keyOf = async (ring: string, entity: string): Promise<string> =>
    (await at(0).run('ceph-authtool', `/etc/ceph/ceph.${ring}.keyring`, '--name', entity, '--print-key')).stdout.trim();
  const ask = async (entity: string, key: string): Promise<string> => {
    const line = ['timeout', '100', 'ceph', '--name', entity, '--key', key, 'fsid'];
    const { status, stderr } = await at(0).run(...line);
    return status === 0 ? 'let in' : stderr;
  };

  beforeAll(async () => {
    const trees = await treesOf(DEFINITION);
    rack = new Rack(root ?? '');
    nodes = [0, 1, 2].map((index) => rack.add(nameOf(index), macOf(index), trees.get(nameOf(index)) ?? []));
  });
  afterAll(async () => {
    await rack.remove();
  });

  it('becomes healthy, and speaks the second version of the protocol alone', async () => {
    nodes.forEach((node) => {
      node.switchOn();
    });
    await expectWell(at(0));
    await expectDone(nodes);
    const { stdout } = await at(0).run('ceph', 'mon', 'dump', '--format', 'json');
    const { mons } = JSON.parse(stdout) as { mons: { public_addrs: { addrvec: { type: string; addr: string }[] } }[] };
    expect(mons.map(({ public_addrs }) => public_addrs.addrvec.map(({ type, addr }) => `${type} ${addr}`))).toEqual(
      [11, 12, 13].map((host) => [`v2 [fd00:50::${String(host)}]:3300`]),
    );
    const osds = JSON.parse((await at(0).run('ceph', 'osd', 'dump', '--format', 'json')).stdout) as {
      osds: { public_addrs: { addrvec: { type: string }[] } }[];
    };
    expect(osds.osds.flatMap(({ public_addrs }) => public_addrs.addrvec.map(({ type }) => type))).toEqual(
      nodes.map(() => 'v2'),
    );
  });

  it('shows nothing on the wire of what is written', async () => {
    expect(await listenWhileWriting(at(0), at(1))).toBe('much without');
    written = await writeImage(at(0));
  });

  it('takes new keys with which managers get theirs, and of the administrator, one node after the other', async () => {
    const old = await keyOf('client.admin', 'client.admin');
    expect(await ask('client.admin', old)).toBe('let in');
    const trees = await treesOf(DEFINITION, ['ceph/bootstrap-mgr', 'ceph/admin'].map(cephKey));
    for (const node of nodes) {
      await node.shutDown();
      node.boots(trees.get(node.name) ?? []);
      node.switchOn();
      await expectWell(node);
    }
    await expectDone(nodes);
    const fresh = await keyOf('client.admin', 'client.admin');
    expect(fresh).not.toBe(old);
    expect(await ask('client.admin', fresh)).toBe('let in');
    expect(await ask('client.admin', old)).toMatch(/denied|not permitted/i);
  });

  it('takes new keys of all, of the monitors, too, when all were off meanwhile', async () => {
    const old = await keyOf('mon', 'mon.');
    const trees = await treesOf(DEFINITION, [cephKey('ceph')]);
    await Promise.all(nodes.map((node) => node.shutDown()));
    for (const node of nodes) {
      node.boots(trees.get(node.name) ?? []);
      node.switchOn();
    }
    await expectDone(nodes);
    await expectToStayWell(at(1));
    const fresh = await keyOf('mon', 'mon.');
    expect(await ask('mon.', fresh)).toBe('let in');
    expect(await ask('mon.', old)).toMatch(/denied|not permitted/i);
    expect(await readImage(at(2))).toBe(written);
  });
});

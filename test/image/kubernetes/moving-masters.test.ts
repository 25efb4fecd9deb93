/**
 * Masters whose addresses change with new images, with the real etcd and the real scripts in containers. The API server
 * is a stand-in that never gets ready, so the scripts retry forever; later steps are not part of the test.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { file } from '../containers/container.ts';
import { eventually, PATIENCE, Rack, treesOf, type RackNode } from '../containers/rack.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const missing = root === null ? ' (needs root and a base layer)' : '';

/** Seconds. */
const WAIT = PATIENCE * 150;
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'];
const macOf = (index: number): string => `52:54:00:12:52:0${String(index + 1)}`;
const nameOf = (index: number): string => `master-0${String(index + 1)}`;

const definition = (name: string, addresses: readonly string[]): string => `
cluster:
  name: ${name}
  networking: { node_cidr: 192.168.50.0/24 }
  kubernetes: { version: 1.35.4, delivery: embedded }
nodes:${addresses
  .map(
    (ip, index) => `
  - name: ${nameOf(index)}
    ip: ${ip}
    roles: [master]
    hardware: { mac_addresses: ["${macOf(index)}"], state_disk: { path: /dev/test-disk } }`,
  )
  .join('')}
`;

const standIns = PROGRAMS.map((name) =>
  file(`usr/local/bin/${name}`, Buffer.from('#!/bin/sh\nexec sleep infinity\n'), 0o755),
);

describe.skipIf(root === null)(`masters that move${missing}`, () => {
  let rack: Rack;
  beforeEach(() => {
    rack = new Rack(root ?? '');
  });
  afterEach(async () => rack.remove());

  const etcdctl = async (node: RackNode, line: string): Promise<string> => {
    const ask = `source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 ${line}`;
    const { stdout, stderr } = await node.run('bash', '-c', ask);
    return stdout === '' ? stderr : stdout;
  };
  /** `name url learner` of each member. */
  const members = async (by: RackNode): Promise<string[]> => {
    const rows = (await etcdctl(by, 'member list')).split('\n').map((line) => line.split(', '));
    return rows.map(([, , name, url, , learner]) => `${name ?? ''} ${url ?? ''} ${learner ?? ''}`).toSorted();
  };
  const expectMember = async (node: RackNode): Promise<void> => {
    const isMember = (steps: readonly string[]): boolean => steps.includes('etcd done');
    expect((await eventually(WAIT, () => node.steps(), isMember)).filter((step) => step.startsWith('etcd '))).toContain(
      'etcd done',
    );
  };
  const expectWhole = async (nodes: readonly RackNode[], addresses: readonly string[]): Promise<void> => {
    const all = addresses.map((ip, index) => `${nameOf(index)} https://${ip}:2380 false`);
    for (const node of nodes) {
      expect(await eventually(WAIT, () => members(node), (found) => found.join() === all.join())).toEqual(all); // prettier-ignore
    }
    expect(await eventually(WAIT, () => etcdctl(nodes[0]!, 'put a b'), (said) => said === 'OK')).toBe('OK'); // prettier-ignore
  };
  /** The images of a definition, by the number of the master. */
  const imagesOf = async (name: string, addresses: readonly string[]) => {
    const trees = await treesOf(definition(name, addresses));
    return addresses.map((_, index) => [...(trees.get(nameOf(index)) ?? []), ...standIns]);
  };
  const add = (image: FileTree, index: number): RackNode => rack.add(nameOf(index), macOf(index), image, 0);

  it('one after the other, all three of them, have the others note it, and lose nothing', async () => {
    const before = ['192.168.50.11', '192.168.50.12', '192.168.50.13'];
    const after = ['192.168.50.21', '192.168.50.22', '192.168.50.23'];
    const nodes = (await imagesOf('three', before)).map(add);
    // All of them are in the definition from the beginning: the others are not yet where an image has them.
    const images = await imagesOf('three', after);
    for (const node of nodes) node.switchOn();
    for (const node of nodes) await expectMember(node);
    await expectWhole(nodes, before);
    expect(await etcdctl(nodes[0]!, 'put written before')).toBe('OK');
    for (const [index, node] of nodes.entries()) {
      await node.cutPower();
      node.boots(images[index]!);
      node.switchOn();
      await expectMember(node);
      await expectWhole(nodes, [...after.slice(0, index + 1), ...before.slice(index + 1)]);
    }
    expect(await etcdctl(nodes[1]!, 'get written')).toBe('written\nbefore');
  });

  it('alone, can take a second one', async () => {
    const [first] = await imagesOf('alone', ['192.168.50.31']);
    const alone = add(first!, 0);
    alone.switchOn();
    await expectMember(alone);
    await alone.cutPower();
    const both = ['192.168.50.41', '192.168.50.42'];
    const [moved] = await imagesOf('alone', both.slice(0, 1));
    alone.boots(moved!);
    alone.switchOn();
    await expectMember(alone);
    await expectWhole([alone], both.slice(0, 1));
    await alone.cutPower();
    const images = await imagesOf('alone', both);
    alone.boots(images[0]!);
    alone.switchOn();
    const second = add(images[1]!, 1);
    second.switchOn();
    await expectMember(second);
    await expectWhole([alone, second], both);
  });
});

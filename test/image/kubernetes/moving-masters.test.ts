/**
 * Masters that move, come and go with new images of their own, while the others keep their images, with the real etcd and the real scripts in containers. The API server
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

const BEFORE = ['192.168.50.11', '192.168.50.12', '192.168.50.13'];
const AFTER = ['192.168.50.21', '192.168.50.22', '192.168.50.23'];

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
  const begin = async (nodes: readonly RackNode[], addresses: readonly string[]): Promise<void> => {
    for (const node of nodes) node.switchOn();
    for (const node of nodes) await expectMember(node);
    await expectWhole(nodes, addresses);
  };
  const cut = (nodes: readonly RackNode[]) => Promise.all(nodes.map((node) => node.cutPower()));
  const library = async (node: RackNode, line: string): Promise<string> => {
    const { stdout } = await node.run('bash', '-c', `source /usr/local/lib/coldstart/coldstart.sh; load_node; ${line}`);
    return stdout;
  };
  const expectStep = async (node: RackNode, step: string): Promise<void> => {
    expect(await eventually(WAIT, () => node.steps(), (steps) => steps.includes(step))).toContain(step); // prettier-ignore
  };
  const add = (image: FileTree, index: number): RackNode => rack.add(nameOf(index), macOf(index), image, 0);

  it('one after the other, all three of them, have the others note it, and lose nothing', async () => {
    const nodes = (await imagesOf('three', BEFORE)).map(add);
    // All of them are in the definition from the beginning: the others are not yet where an image has them.
    const images = await imagesOf('three', AFTER);
    await begin(nodes, BEFORE);
    expect(await etcdctl(nodes[0]!, 'put written before')).toBe('OK');
    for (const [index, node] of nodes.entries()) {
      await node.cutPower();
      node.boots(images[index]!);
      node.switchOn();
      await expectMember(node);
      await expectWhole(nodes, [...AFTER.slice(0, index + 1), ...BEFORE.slice(index + 1)]);
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

  it('two at the same time: the one that stays has both noted', async () => {
    const nodes = (await imagesOf('two', BEFORE)).map(add);
    const after = [...AFTER.slice(0, 2), BEFORE[2]!];
    // Neither image says where the other one is now.
    const [first] = await imagesOf('two', [AFTER[0]!, ...BEFORE.slice(1)]);
    const [, second] = await imagesOf('two', [BEFORE[0]!, ...after.slice(1)]);
    await begin(nodes, BEFORE);
    const both = nodes.slice(0, 2);
    await cut(both);
    [first!, second!].forEach((image, index) => {
      both[index]!.boots(image);
      both[index]!.switchOn();
    });
    for (const node of both) await expectMember(node);
    await expectWhole(nodes, after);
  });

  it('all at the same time wait and say why, until one of them is back where it was', async () => {
    const old = await imagesOf('all', BEFORE);
    const nodes = old.map(add);
    const images = await imagesOf('all', AFTER);
    await begin(nodes, BEFORE);
    await cut(nodes);
    for (const [index, node] of nodes.entries()) {
      node.boots(images[index]!);
      node.switchOn();
    }
    for (const node of nodes) await expectStep(node, 'etcd waiting etcd-old-address');
    const last = nodes[2]!;
    await last.cutPower();
    last.boots(old[2]!);
    last.switchOn();
    for (const node of nodes) await expectMember(node);
    await expectWhole(nodes, [...AFTER.slice(0, 2), BEFORE[2]!]);
    await last.cutPower();
    last.boots(images[2]!);
    last.switchOn();
    await expectMember(last);
    await expectWhole(nodes, AFTER);
  });

  it('and others that come and go are known to those with old images', async () => {
    const four = [...BEFORE, '192.168.50.14'];
    const nodes = (await imagesOf('four', BEFORE)).map(add);
    await begin(nodes, BEFORE);
    const fourth = add((await imagesOf('four', four))[3]!, 3);
    fourth.switchOn();
    await expectMember(fourth);
    await expectWhole([...nodes, fourth], four);
    expect((await library(nodes[1]!, 'other_masters')).split('\n').toSorted()).toEqual([four[0], four[2], four[3]]);
    // All are off at the same time, and none but the fourth has an image that names it.
    await cut([...nodes, fourth]);
    await begin([...nodes, fourth], four);
    const gone = nodes[2]!;
    await gone.cutPower();
    await library(nodes[0]!, `etcdctl_at https://127.0.0.1:2379 member remove $(etcdctl_at https://127.0.0.1:2379 member list | sed -n 's/, .*, master-03, .*//p')`); // prettier-ignore
    const rest = [nodes[0]!, nodes[1]!, fourth];
    expect((await members(fourth)).map((line) => line.split(' ')[0])).toEqual(['master-01', 'master-02', 'master-04']);
    expect((await library(fourth, 'MASTER_IPS=$NODE_IP; other_masters')).split('\n').toSorted()).toEqual(BEFORE.slice(0, 2)); // prettier-ignore
    expect(await eventually(WAIT, () => etcdctl(rest[1]!, 'put a b'), (said) => said === 'OK')).toBe('OK'); // prettier-ignore
  });

  it('a blank first master whose image is older than the moves of all others gives up what it founded', async () => {
    const old = await imagesOf('old', BEFORE);
    const nodes = old.map(add);
    const now = [BEFORE[0]!, ...AFTER.slice(1)];
    const images = await imagesOf('old', now);
    await begin(nodes, BEFORE);
    for (const index of [1, 2]) {
      await nodes[index]!.cutPower();
      nodes[index]!.boots(images[index]!);
      nodes[index]!.switchOn();
      await expectMember(nodes[index]!);
    }
    await expectWhole(nodes, now);
    const first = nodes[0]!;
    await first.cutPower();
    first.blankState();
    first.switchOn();
    await expectMember(first);
    expect(await members(first)).toEqual(['master-01 https://192.168.50.11:2380 false']);
    // As cluster-nodes.timer does it every minute.
    await library(nodes[1]!, 'watch_clusters');
    expect((await library(first, 'hear_told; printf "%s" "$TOLD"')).split('\n').toSorted()).toEqual(now);
    await library(first, 'watch_clusters');
    await expectWhole(nodes, now);
  });
});

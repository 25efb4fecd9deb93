/** Masters in containers with the real etcd and the real scripts, and a stand-in for an API server that never gets ready. */
import { afterEach, beforeEach, expect } from 'vitest';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { file } from '../containers/container.ts';
import { eventually, PATIENCE, Rack, treesOf, type RackNode } from '../containers/rack.ts';
import { testRoot } from '../containers/root.ts';

export const root = await testRoot();
export const missing = root === null ? ' (needs root and a base layer)' : '';

/** Seconds. */
export const WAIT = PATIENCE * 150;
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'];
const macOf = (index: number): string => `52:54:00:12:52:0${String(index + 1)}`;
const nameOf = (index: number): string => `master-0${String(index + 1)}`;

export const BEFORE = ['192.168.50.11', '192.168.50.12', '192.168.50.13'];
export const AFTER = ['192.168.50.21', '192.168.50.22', '192.168.50.23'];

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

export const etcdctl = async (node: RackNode, line: string): Promise<string> => {
  const ask = `source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 ${line}`;
  const { stdout, stderr } = await node.run('bash', '-c', ask);
  return stdout === '' ? stderr : stdout;
};
/** `name url learner` of each member. */
export const members = async (by: RackNode): Promise<string[]> => {
  const rows = (await etcdctl(by, 'member list')).split('\n').map((line) => line.split(', '));
  return rows.map(([, , name, url, , learner]) => `${name ?? ''} ${url ?? ''} ${learner ?? ''}`).toSorted();
};
export const expectMember = async (node: RackNode): Promise<void> => {
  const isMember = (steps: readonly string[]): boolean => steps.includes('etcd done');
  expect((await eventually(WAIT, () => node.steps(), isMember)).filter((step) => step.startsWith('etcd '))).toContain(
    'etcd done',
  );
};
export const expectWhole = async (nodes: readonly RackNode[], addresses: readonly string[]): Promise<void> => {
  const all = addresses.map((ip, index) => `${nameOf(index)} https://${ip}:2380 false`);
  for (const node of nodes) {
    expect(await eventually(WAIT, () => members(node), (found) => found.join() === all.join())).toEqual(all); // prettier-ignore
  }
  expect(await eventually(WAIT, () => etcdctl(nodes[0]!, 'put a b'), (said) => said === 'OK')).toBe('OK'); // prettier-ignore
};
/** The images of a definition, by the number of the master. */
export const imagesOf = async (name: string, addresses: readonly string[]) => {
  const trees = await treesOf(definition(name, addresses));
  return addresses.map((_, index) => [...(trees.get(nameOf(index)) ?? []), ...standIns]);
};
export const begin = async (nodes: readonly RackNode[], addresses: readonly string[]): Promise<void> => {
  for (const node of nodes) node.switchOn();
  for (const node of nodes) await expectMember(node);
  await expectWhole(nodes, addresses);
};
export const cut = (nodes: readonly RackNode[]) => Promise.all(nodes.map((node) => node.cutPower()));
export const library = async (node: RackNode, line: string): Promise<string> => {
  const { stdout } = await node.run('bash', '-c', `source /usr/local/lib/coldstart/coldstart.sh; load_node; ${line}`);
  return stdout;
};
export const expectStep = async (node: RackNode, step: string): Promise<void> => {
  expect(await eventually(WAIT, () => node.steps(), (steps) => steps.includes(step))).toContain(step); // prettier-ignore
};

/** A rack for each test; adds a master with an image to it, by its number. */
export function rackForEach(): (image: FileTree, index: number) => RackNode {
  let rack: Rack;
  beforeEach(() => {
    rack = new Rack(root ?? '');
  });
  afterEach(() => rack.remove());
  return (image, index) => rack.add(nameOf(index), macOf(index), image, 0);
}

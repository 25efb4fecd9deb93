/**
 * Clusters of real Kubernetes in containers: etcd, API servers, controllers, scheduler, virtual address and the node's scripts are
 * real. The kubelet and the service proxy are stand-ins, because these containers run no pods; the real ones are in test/machines.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Target } from '../../../src/pki/issue/rotate.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { versionOf } from '../build/artifact-folder.ts';
import { file } from '../containers/container.ts';
import { containerd2 } from '../containers/containerd-2.ts';
import { writeTree } from '../containers/node-root.ts';
import { eventually, PATIENCE, treesOf, type RackNode } from '../containers/rack.ts';

/** Seconds; on a machine that does nothing else, a cluster is there after one minute. */
export const WAIT = PATIENCE * 150;
export const VIRTUAL_IP = '192.168.50.10';
export const masters = ['master-01', 'master-02', 'master-03'];
export const names = [...masters, 'worker-01'];
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

export const macOf = (index: number): string => `52:54:00:12:51:0${String(index + 1)}`;
export const addressOf = (index: number): string => `192.168.50.${String(11 + index)}`;

type Addresses = Readonly<Record<string, string>>;

/** @param addresses of nodes that have moved @param etcd of masters, where etcd has a network of its own: 10.20.0.0/24 */
const definition = (version: string, of: readonly string[], addresses: Addresses, etcd: Addresses = {}): string => `
cluster:
  name: three
  networking: { node_cidr: 192.168.50.0/24 }
  control_plane: { virtual_ip: ${VIRTUAL_IP} }
  kubernetes: { version: ${version}, delivery: embedded${Object.keys(etcd).length > 0 ? ', etcd: { cidr: 10.20.0.0/24 }' : ''} }
  bootstrap: { token_distribution: http }
nodes:${of
  .map(
    (name, index) => `
  - name: ${name}
    ip: ${addresses[name] ?? addressOf(index)}
    roles: [${name.startsWith('master') ? 'master' : 'worker'}]
    hardware: { mac_addresses: ["${macOf(index)}"], state_disk: { path: /dev/test-disk } }${
      name in etcd
        ? `
    network: { interfaces: [{ name: lan, mac: "${macOf(index)}", addresses: [${addressOf(index)}/24, ${etcd[name] ?? ''}/24] }] }`
        : ''
    }`,
  )
  .join('')}
`;

const standIns = ['kubelet', 'kube-proxy'].map((name) =>
  file(`usr/local/bin/${name}`, readFileSync(join(import.meta.dirname, `../containers/stand-ins/${name}.sh`)), 0o755),
);

/** The images of nodes by name, for the version of the programs in a folder. */
export async function imagesOf(
  artifacts: string,
  of: readonly string[] = names,
  addresses: Addresses = {},
  rotations: readonly Target[] = [],
  etcd: Addresses = {},
): Promise<ReadonlyMap<string, FileTree>> {
  const trees = await treesOf(definition(await versionOf(artifacts), of, addresses, etcd), rotations);
  return new Map([...trees].map(([name, tree]) => [name, [...tree, ...standIns]]));
}

/** A temporary folder with the programs, as a layer of the root of these images. */
export function programsFor(artifacts: string, images: ReadonlyMap<string, FileTree>): string {
  const layer = mkdtempSync(join(tmpdir(), 'coldstart-programs-'));
  mkdirSync(join(layer, 'usr/local/bin'), { recursive: true });
  for (const name of PROGRAMS) cpSync(join(artifacts, name), join(layer, 'usr/local/bin', name));
  const own = [...images.values()].some((tree) => tree.some(({ path }) => path.endsWith('/containerd.service')));
  if (own) writeTree(layer, containerd2() ?? []);
  return layer;
}

export async function kubectl(node: RackNode, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await node.run('kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...words);
  return stdout === '' ? stderr : stdout;
}

/** `name status` of each node, as the API says. */
export async function ready(by: RackNode): Promise<string[]> {
  const path = '{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  return (await kubectl(by, 'get', 'nodes', '--output', `jsonpath=${path}`)).trim().split('\n');
}

/** Pods of others would come to a master that gets its taints only later. */
async function taints(by: RackNode): Promise<string[]> {
  const path =
    '{range .items[*]}{.metadata.name} {.spec.taints[?(@.key=="node-role.kubernetes.io/control-plane")].effect}{"\\n"}{end}';
  return (await kubectl(by, 'get', 'nodes', '--output', `jsonpath=${path}`)).trim().split('\n');
}

/** `name state learner` of each member, as etcd says. */
export async function members(by: RackNode): Promise<string[]> {
  const ask = 'source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 member list';
  const rows = (await by.run('bash', '-c', ask)).stdout.split('\n').map((line) => line.split(', '));
  return rows.map(([, state, name, , , learner]) => `${name ?? ''} ${state ?? ''} ${learner ?? ''}`).toSorted();
}
export const voters = masters.map((name) => `${name} started false`);

export async function atVirtualAddress(by: RackNode): Promise<string> {
  const url = `https://${VIRTUAL_IP}:6443/readyz`;
  return (await by.run('curl', '-s', '--max-time', '5', '--cacert', '/etc/kubernetes/pki/ca.crt', url)).stdout;
}

export async function expectDone(of: readonly RackNode[]): Promise<void> {
  for (const node of of) {
    const steps = await eventually(WAIT, () => node.steps(), (all) => all.includes('bootstrap done')); // prettier-ignore
    expect([node.name, steps.findLast((step) => step.startsWith('bootstrap '))]).toEqual([node.name, 'bootstrap done']);
  }
}

/** The cluster has all of `names`, ready, and its masters vote; the virtual address answers. */
export async function expectWhole(by: RackNode): Promise<void> {
  const all = names.map((name) => `${name} True`);
  const is = (found: readonly string[]): boolean => found.join() === all.join();
  expect(await eventually(WAIT, () => ready(by), is)).toEqual(all);
  expect(await taints(by)).toEqual([...masters.map((name) => `${name} NoSchedule`), 'worker-01']);
  expect(await eventually(WAIT, () => members(by), (found) => found.join() === voters.join())).toEqual(voters); // prettier-ignore
  expect(await eventually(WAIT, () => atVirtualAddress(by), (said) => said === 'ok')).toBe('ok'); // prettier-ignore
}

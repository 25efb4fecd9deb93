/**
 * Three masters and a worker of real Kubernetes in containers, started at once: etcd, API servers, controllers,
 * scheduler, virtual address and the node's scripts are real. The kubelet and the service proxy are stand-ins, because
 * these containers run no pods; the real ones are in test/machines. The tests build on each other: together they are
 * the life of one cluster.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, needsArtifacts, versionOf } from '../build/artifact-folder.ts';
import { file } from '../containers/container.ts';
import { eventually, PATIENCE, Rack, treesOf, type RackNode } from '../containers/rack.ts';
import { containerd2 } from '../containers/containerd-2.ts';
import { writeTree } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = ARTIFACTS === '' ? null : await testRoot();
const missing = root === null ? needsArtifacts || ' (needs root and a base layer)' : '';

/** Seconds; on a machine that does nothing else, the cluster is there after one minute. */
const WAIT = PATIENCE * 150;
const VIRTUAL_IP = '192.168.50.10';
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];
const masters = ['master-01', 'master-02', 'master-03'];
const names = [...masters, 'worker-01'];
/** Nodes that the definition did not have when the images of the others were made. */
const further = ['worker-02', 'master-04'];
const macOf = (index: number): string => `52:54:00:12:51:0${String(index + 1)}`;

/** @param addresses of nodes that have moved */
const definition = (version: string, of = names, addresses: Readonly<Record<string, string>> = {}): string => `
cluster:
  name: three
  networking: { node_cidr: 192.168.50.0/24 }
  control_plane: { virtual_ip: ${VIRTUAL_IP} }
  kubernetes: { version: ${version}, delivery: embedded }
  bootstrap: { token_distribution: http }
nodes:${of
  .map(
    (name, index) => `
  - name: ${name}
    ip: ${addresses[name] ?? `192.168.50.${String(11 + index)}`}
    roles: [${name.startsWith('master') ? 'master' : 'worker'}]
    hardware: { mac_addresses: ["${macOf(index)}"], state_disk: { path: /dev/test-disk } }`,
  )
  .join('')}
`;

const standIns = ['kubelet', 'kube-proxy'].map((name) =>
  file(`usr/local/bin/${name}`, readFileSync(join(import.meta.dirname, `../containers/stand-ins/${name}.sh`)), 0o755),
);

const POD = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'late', namespace: 'default' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'late', image: 'registry.k8s.io/pause:3.10.1' }],
  },
};

describe.skipIf(root === null)(`three masters and a worker${missing}`, () => {
  /** A folder with the programs, as a layer of the nodes' root. */
  let layer: string;
  let rack: Rack;
  let nodes: readonly RackNode[];
  const at = (index: number): RackNode => nodes[index] as RackNode;

  const kubectl = async (node: RackNode, ...words: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await node.run('kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...words);
    return stdout === '' ? stderr : stdout;
  };
  const ready = async (by: RackNode): Promise<string[]> => {
    const path = '{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
    return (await kubectl(by, 'get', 'nodes', '--output', `jsonpath=${path}`)).trim().split('\n');
  };
  /** Pods of others would come to a master that gets its taints only later. */
  const taints = async (by: RackNode): Promise<string[]> => {
    const path =
      '{range .items[*]}{.metadata.name} {.spec.taints[?(@.key=="node-role.kubernetes.io/control-plane")].effect}{"\\n"}{end}';
    return (await kubectl(by, 'get', 'nodes', '--output', `jsonpath=${path}`)).trim().split('\n');
  };
  /** `name state learner` of each member, as etcd says. */
  const members = async (by: RackNode): Promise<string[]> => {
    const ask = 'source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 member list';
    const rows = (await by.run('bash', '-c', ask)).stdout.split('\n').map((line) => line.split(', '));
    return rows.map(([, state, name, , , learner]) => `${name ?? ''} ${state ?? ''} ${learner ?? ''}`).toSorted();
  };
  const voters = masters.map((name) => `${name} started false`);
  const atVirtualAddress = async (by: RackNode): Promise<string> => {
    const url = `https://${VIRTUAL_IP}:6443/readyz`;
    return (await by.run('curl', '-s', '--max-time', '5', '--cacert', '/etc/kubernetes/pki/ca.crt', url)).stdout;
  };

  const expectDone = async (of: readonly RackNode[]): Promise<void> => {
    for (const node of of) {
      const steps = await eventually(
        WAIT,
        () => node.steps(),
        (all) => all.includes('bootstrap done'),
      );
      expect([node.name, steps.findLast((step) => step.startsWith('bootstrap '))]).toEqual([
        node.name,
        'bootstrap done',
      ]);
    }
  };
  const expectWhole = async (by: RackNode): Promise<void> => {
    const all = names.map((name) => `${name} True`);
    const is = (found: readonly string[]): boolean => found.join() === all.join();
    expect(await eventually(WAIT, () => ready(by), is)).toEqual(all);
    expect(await taints(by)).toEqual([...masters.map((name) => `${name} NoSchedule`), 'worker-01']);
    expect(await members(by)).toEqual(voters);
    expect(await eventually(WAIT, () => atVirtualAddress(by), (said) => said === 'ok')).toBe('ok'); // prettier-ignore
  };

  /** What a node does with what the cluster says of the others: routes to their pods as `address`, and masters in use. */
  const followed = async (by: RackNode): Promise<{ routes: string[]; balanced: string[] }> => {
    const routes = (await by.run('bash', '-c', 'ip -j route show proto 202 | jq -r ".[].gateway"')).stdout;
    const ask = `echo 'show servers state masters' | socat - /run/haproxy/admin.sock | awk '$7 % 2 == 0 && $2 == "masters" { print $4 }'`;
    const balanced = (await by.run('bash', '-c', ask)).stdout;
    const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '').toSorted(); // prettier-ignore
    return { routes: lines(routes), balanced: lines(balanced) };
  };
  /** @param addresses of all members by name @param all names of the masters */
  const expectFollowed = async (
    by: readonly RackNode[],
    addresses: Readonly<Record<string, string>>,
    all: readonly string[],
  ): Promise<void> => {
    for (const node of by) {
      const { name } = node;
      const others = Object.entries(addresses).filter(([other]) => other !== name);
      const wanted = JSON.stringify({
        routes: others.map(([, address]) => address).toSorted(),
        balanced: all.toSorted(),
      });
      const ask = async () => JSON.stringify(await followed(node));
      expect([name, await eventually(WAIT, ask, (found) => found === wanted)]).toEqual([name, wanted]);
    }
  };
  const addressesOf = (of: readonly string[]): Record<string, string> =>
    Object.fromEntries(of.map((name, index) => [name, `192.168.50.${String(11 + index)}`]));

  beforeAll(async () => {
    layer = mkdtempSync(join(tmpdir(), 'coldstart-programs-'));
    mkdirSync(join(layer, 'usr/local/bin'), { recursive: true });
    for (const name of PROGRAMS) cpSync(join(ARTIFACTS, name), join(layer, 'usr/local/bin', name));
    const trees = await treesOf(definition(await versionOf(ARTIFACTS)));
    const own = [...trees.values()].some((tree) => tree.some(({ path }) => path.endsWith('/containerd.service')));
    if (own) writeTree(layer, containerd2() ?? []);
    rack = new Rack(`${layer}:${root ?? ''}`);
    nodes = names.map((name, index) => rack.add(name, macOf(index), [...(trees.get(name) ?? []), ...standIns], 0));
  });
  afterAll(async () => {
    await rack.remove();
    rmSync(layer, { recursive: true });
  });

  it('become one cluster, with three voting members of etcd and a virtual address', async () => {
    for (const node of nodes) node.switchOn();
    await expectDone(nodes);
    await expectWhole(at(1));
  });

  it('go on without the one that founded it: the API answers, also at the virtual address, and a pod is scheduled', async () => {
    await at(0).cutPower();
    const write = () => kubectl(at(1), 'create', 'configmap', 'written-without-the-first');
    expect(await eventually(WAIT, write, (said) => /created|exists/.test(said))).toMatch(/created|exists/);
    const isMissed = (found: readonly string[]): boolean => found.includes('master-01 Unknown');
    expect(await eventually(WAIT, () => ready(at(1)), isMissed)).toContain('master-01 Unknown');
    const create = `kubectl --kubeconfig /etc/kubernetes/admin.conf create --filename - <<<'${JSON.stringify(POD)}'`;
    expect((await at(1).run('bash', '-c', create)).status).toBe(0);
    const where = () => kubectl(at(1), 'get', 'pod', 'late', '--output', 'jsonpath={.spec.nodeName}');
    expect(await eventually(WAIT, where, (name) => name !== '')).toBe('worker-01');
    expect(await eventually(WAIT, () => atVirtualAddress(at(2)), (said) => said === 'ok')).toBe('ok'); // prettier-ignore
  });

  it('take it in again as a blank machine, as a voting member that knows what was written', async () => {
    at(0).blankState();
    at(0).switchOn();
    await expectDone([at(0)]);
    await expectWhole(at(0));
    const found = await kubectl(at(0), 'get', 'configmap', 'written-without-the-first', '--output', 'name');
    expect(found.trim()).toBe('configmap/written-without-the-first');
  });

  it.each([3, 2, 1])('take in number %i as a blank machine', async (index) => {
    await at(index).cutPower();
    at(index).blankState();
    at(index).switchOn();
    await expectDone([at(index)]);
    await expectWhole(at(0));
  });

  it('come back after the power was cut to all of them', async () => {
    await Promise.all(nodes.map((node) => node.cutPower()));
    for (const node of nodes) node.switchOn();
    await expectDone(nodes);
    await expectWhole(at(2));
    expect(await kubectl(at(2), 'get', 'pod', 'late', '--output', 'name')).toBe('pod/late');
  });

  it('take in a worker and a master that their images know nothing of', async () => {
    const all = [...names, ...further];
    const trees = await treesOf(definition(await versionOf(ARTIFACTS), all));
    const added = further.map((name, index) => {
      const mac = macOf(names.length + index);
      return rack.add(name, mac, [...(trees.get(name) ?? []), ...standIns], 0);
    });
    for (const node of added) node.switchOn();
    await expectDone(added);
    nodes = [...nodes, ...added];
    expect(await eventually(WAIT, () => members(at(0)), (found) => found.length === 4)).toEqual([...voters, 'master-04 started false']); // prettier-ignore
    await expectFollowed(nodes, addressesOf(all), [...masters, 'master-04']);
  });

  it('follow a worker to another address', async () => {
    const all = [...names, ...further];
    const trees = await treesOf(definition(await versionOf(ARTIFACTS), all, { 'worker-02': '192.168.50.99' }));
    await at(4).cutPower();
    at(4).boots([...(trees.get('worker-02') ?? []), ...standIns]);
    at(4).switchOn();
    await expectDone([at(4)]);
    const addresses = { ...addressesOf(all), 'worker-02': '192.168.50.99' };
    await expectFollowed([at(0), at(1), at(2), at(3), at(5)], addresses, [...masters, 'master-04']);
  });

  it('forget a worker and a master that were removed', async () => {
    for (const index of [4, 5]) await at(index).cutPower();
    for (const name of further) {
      // haproxy may hand a request on to the master that has just lost its power.
      const remove = () => at(0).run('/usr/local/bin/cluster-nodes.sh', '--remove', name);
      const { status, stderr } = await eventually(WAIT, remove, ({ status: ended }) => ended === 0);
      expect([name, status, stderr]).toEqual([name, 0, '']);
    }
    nodes = nodes.slice(0, names.length);
    await expectWhole(at(0));
    await expectFollowed(nodes, addressesOf(names), masters);
  });
});

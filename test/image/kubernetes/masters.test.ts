/** Three masters and a worker of real Kubernetes, started at once. The tests build on each other: together they are the life of one cluster. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS } from '../build/artifact-folder.ts';
import { eventually, type RackNode } from '../containers/rack.ts';
import {
  addressOf,
  atVirtualAddress,
  expectDone,
  expectWhole,
  imagesOf,
  kubectl,
  macOf,
  masters,
  members,
  names,
  ready,
  voters,
  WAIT,
} from './real-cluster.ts';
import { formCluster, missing, realRack, root, type RealRack } from './real-rack.ts';

/** Nodes that the definition did not have when the images of the others were made. */
const further = ['worker-02', 'master-04'];

const POD = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'late', namespace: 'default' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'late', image: 'registry.k8s.io/pause:3.10.1' }],
  },
};

describe.skipIf(root === null)(`three masters and a worker${missing}`, () => {
  let rack: RealRack['rack'];
  let nodes: RealRack['nodes'];
  let remove: RealRack['remove'];
  const at = (index: number): RackNode => nodes[index] as RackNode;

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
    Object.fromEntries(of.map((name, index) => [name, addressOf(index)]));

  beforeAll(async () => {
    ({ rack, nodes, remove } = await realRack());
  });
  afterAll(() => remove());

  it('become one cluster, with three voting members of etcd and a virtual address', async () => {
    await formCluster(nodes, at(1));
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
    await formCluster(nodes, at(2));
    expect(await kubectl(at(2), 'get', 'pod', 'late', '--output', 'name')).toBe('pod/late');
  });

  it('take in a worker and a master that their images know nothing of', async () => {
    const all = [...names, ...further];
    const images = await imagesOf(ARTIFACTS, all);
    const added = further.map((name, index) => rack.add(name, macOf(names.length + index), images.get(name) ?? [], 0));
    for (const node of added) node.switchOn();
    await expectDone(added);
    nodes = [...nodes, ...added];
    expect(await eventually(WAIT, () => members(at(0)), (found) => found.length === 4)).toEqual([...voters, 'master-04 started false']); // prettier-ignore
    await expectFollowed(nodes, addressesOf(all), [...masters, 'master-04']);
  });

  it('follow a worker to another address', async () => {
    const all = [...names, ...further];
    const images = await imagesOf(ARTIFACTS, all, { 'worker-02': '192.168.50.99' });
    await at(4).cutPower();
    at(4).boots(images.get('worker-02') ?? []);
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

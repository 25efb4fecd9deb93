/**
 * A cluster of real Kubernetes comes back from a snapshot of etcd, as docs/CARE.md says: without any data of etcd, and with masters
 * that still have the former data. The tests build on each other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type RackNode } from '../image/containers/rack.ts';
import { expectDone, expectWhole, kubectl, members, WAIT } from '../image/kubernetes/real-cluster.ts';
import { formCluster, missing, realRack, root, type RealRack } from '../image/kubernetes/real-rack.ts';

describe.skipIf(root === null)(`a snapshot of etcd${missing}`, () => {
  let nodes: RealRack['nodes'];
  let remove: RealRack['remove'];
  const at = (index: number): RackNode => nodes[index] as RackNode;

  const shell = (node: RackNode, line: string) => node.run('bash', '-c', line);
  const takeSnapshot = async (node: RackNode): Promise<string> => {
    const { status, stdout, stderr } = await node.run('/usr/local/bin/cluster-etcd-snapshot.sh', '--now');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/revision \d+, \d+ keys/)]);
    expect(stderr).toBe('');
    return (await shell(node, 'ls -1 /var/lib/etcd-snapshots/etcd-*.db | tail -n 1')).stdout;
  };
  const restore = (node: RackNode, snapshot: string) =>
    shell(node, `printf '${node.name}\\n' | /usr/local/bin/cluster-etcd-restore.sh ${snapshot} 2>&1`);
  const exists = async (by: RackNode, object: string): Promise<boolean> =>
    (await kubectl(by, 'get', object, '--output', 'name')).includes(object.split('/')[1] ?? '') &&
    !(await kubectl(by, 'get', object)).includes('NotFound');
  const create = async (name: string): Promise<void> => {
    const make = () => kubectl(at(1), 'create', 'configmap', name);
    expect(await eventually(WAIT, make, (said) => /created|exists/.test(said))).toMatch(/created|exists/);
  };
  const expectMember = async (node: RackNode, all: readonly string[]): Promise<void> => {
    expect(await eventually(WAIT, () => members(node), (found) => found.join() === all.join())).toEqual(all); // prettier-ignore
  };

  beforeAll(async () => {
    ({ nodes, remove } = await realRack());
    await formCluster(nodes, at(1));
  });
  afterAll(() => remove());

  it('is not restored while other masters run, nor without the right answer, nor when it is damaged', async () => {
    const snapshot = await takeSnapshot(at(1));
    const running = await restore(at(1), snapshot);
    expect([running.status, running.stdout]).toEqual([1, expect.stringContaining('192.168.50.11 192.168.50.13')]);
    expect(running.stdout).toContain('nothing was changed');
    const damaged = `cp ${snapshot} /run/damaged.db; printf x | dd of=/run/damaged.db bs=1 seek=9000 conv=notrunc status=none`;
    await shell(at(1), damaged);
    const refused = await restore(at(1), '/run/damaged.db');
    expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining('its checksum is wrong')]);
    await expectWhole(at(1));
  });

  it('brings back the cluster after all masters have lost their data of etcd', async () => {
    await create('kept');
    await kubectl(at(1), 'create', 'secret', 'generic', 'kept', '--from-literal=word=hidden');
    const snapshot = await takeSnapshot(at(1));
    await kubectl(at(1), 'delete', 'configmap', 'kept');
    await kubectl(at(1), 'delete', 'secret', 'kept');
    await create('later');
    for (const index of [0, 1, 2]) {
      await shell(at(index), 'systemctl stop cluster-bootstrap etcd; rm -rf /var/lib/etcd/member');
    }
    await at(0).cutPower();
    await at(2).cutPower();
    const { status, stdout } = await restore(at(1), snapshot);
    expect([status, stdout]).toEqual([0, expect.stringContaining('done; wait')]);
    await expectMember(at(1), ['master-02 started false']);
    at(0).switchOn();
    at(2).switchOn();
    await expectDone([at(0), at(1), at(2)]);
    await expectWhole(at(0));
    expect(await exists(at(0), 'configmap/kept')).toBe(true);
    expect((await kubectl(at(2), 'get', 'secret', 'kept', '--output', 'jsonpath={.data.word}')).trim()).toBe(
      'aGlkZGVu',
    );
    expect(await exists(at(0), 'configmap/later')).toBe(false);
  });

  it('takes the place of data that the majority of the masters still has', async () => {
    await create('wanted');
    const snapshot = await takeSnapshot(at(2));
    await kubectl(at(1), 'delete', 'configmap', 'wanted');
    await create('wrong');
    await at(0).cutPower();
    await at(1).cutPower();
    const { status, stdout } = await restore(at(2), snapshot);
    expect([status, stdout]).toEqual([0, expect.stringContaining('done; wait')]);
    at(0).switchOn();
    at(1).switchOn();
    await expectDone([at(0), at(1), at(2)]);
    await expectWhole(at(2));
    expect(await exists(at(0), 'configmap/wanted')).toBe(true);
    expect(await exists(at(0), 'configmap/wrong')).toBe(false);
    for (const node of nodes.slice(0, 3)) {
      expect((await shell(node, 'ls /var/lib/etcd-given-up')).stdout).toMatch(/^[0-9a-f]+$/m);
    }
    await create('after');
  });

  it('is older than what the cluster goes on with after a power cut to all', async () => {
    await Promise.all(nodes.map((node) => node.cutPower()));
    await formCluster(nodes, at(0));
    expect(await exists(at(0), 'configmap/after')).toBe(true);
  });
});

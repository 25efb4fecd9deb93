/** Three masters and a worker of real Kubernetes whose etcd has a network of its own. The tests build on each other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS } from '../image/build/artifact-folder.ts';
import { eventually, type RackNode } from '../image/containers/rack.ts';
import {
  addressOf,
  expectDone,
  expectWhole,
  imagesOf,
  masters,
  names,
  WAIT,
} from '../image/kubernetes/real-cluster.ts';
import { formCluster, missing, realRack, root, type RealRack } from '../image/kubernetes/real-rack.ts';

const BEFORE = ['10.20.0.11', '10.20.0.12', '10.20.0.13'];
const AFTER = ['10.20.0.11', '10.20.0.22', '10.20.0.13'];
const at = (addresses: readonly string[]) => Object.fromEntries(masters.map((name, i) => [name, addresses[i] ?? '']));

describe.skipIf(root === null)(`three masters with a network for etcd${missing}`, () => {
  let nodes: RealRack['nodes'];
  let remove: RealRack['remove'];

  /** URLs of each member for peers and for clients, as this node's etcd has them. */
  const urls = async (by: RackNode): Promise<string[]> => {
    const ask = 'source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 member list';
    const rows = (await by.run('bash', '-c', ask)).stdout.split('\n').map((line) => line.split(', '));
    return rows.map(([, , name, peers, clients]) => `${name ?? ''} ${peers ?? ''} ${clients ?? ''}`).toSorted();
  };
  const wanted = (addresses: readonly string[]): string[] =>
    masters.map((name, i) => `${name} https://${addresses[i] ?? ''}:2380 https://${addresses[i] ?? ''}:2379`);
  const expectUrls = async (by: readonly RackNode[], addresses: readonly string[]): Promise<void> => {
    for (const node of by) {
      expect(await eventually(WAIT, () => urls(node), (all) => all.join() === wanted(addresses).join())).toEqual(wanted(addresses)); // prettier-ignore
    }
  };
  /** Addresses of sockets on the ports of etcd, each once: of this node alone where it listens, of both ends of connections. */
  const sockets = async (by: RackNode, which: 'listening' | 'connected'): Promise<string[]> => {
    const { stdout } = await by.run('ss', '-Htn', ...(which === 'listening' ? ['-l'] : ['state', 'established']));
    const ends = stdout
      .split('\n')
      .map((line) =>
        line
          .trim()
          .split(/\s+/)
          .slice(which === 'listening' ? 3 : 2),
      )
      .filter(([own = '', other = '']) => [own, other].some((end) => /:(2379|2380)$/.test(end)));
    const used = ends.flatMap(([own = '', other = '']) => (which === 'listening' ? [own] : [own, other]));
    return [...new Set(used.map((end) => (which === 'listening' ? end : end.replace(/:\d+$/, ''))))].toSorted();
  };
  /** The masters as a node has heard of them, and where its load balancer looks for API servers. */
  const heard = async (by: RackNode): Promise<string> => {
    const { stdout: peers } = await by.run('jq', '-r', '.masters[] | "\\(.name) \\(.address) \\(.etcd)"', '/run/cluster/peers.json'); // prettier-ignore
    const ask = `echo 'show servers state masters' | socat - /run/haproxy/admin.sock | awk '$7 % 2 == 0 && $2 == "masters" { print $4, $5 }' | sort`;
    return `${peers}\n${(await by.run('bash', '-c', ask)).stdout}`;
  };
  const expectHeard = async (addresses: readonly string[]): Promise<void> => {
    const all = [
      ...masters.map((name, i) => `${name} ${addressOf(i)} ${addresses[i] ?? ''}`),
      ...masters.map((name, i) => `${name} ${addressOf(i)}`),
    ].join('\n');
    for (const node of nodes)
      expect([node.name, await eventually(WAIT, () => heard(node), (said) => said === all)]).toEqual([node.name, all]); // prettier-ignore
  };

  beforeAll(async () => {
    ({ nodes, remove } = await realRack(await imagesOf(ARTIFACTS, names, {}, [], at(BEFORE))));
  });
  afterAll(() => remove());

  it('form a cluster whose members are there, and nowhere else', async () => {
    await formCluster(nodes, nodes[0]!);
    await expectUrls(nodes.slice(0, 3), BEFORE);
    for (const [index, node] of nodes.slice(0, 3).entries()) {
      const own = BEFORE[index] ?? '';
      const listening = [`${own}:2379`, `${own}:2380`, '127.0.0.1:2379'].toSorted();
      expect([node.name, (await sockets(node, 'listening')).toSorted()]).toEqual([node.name, listening]);
      expect([node.name, await sockets(node, 'connected')]).toEqual([node.name, [...BEFORE, '127.0.0.1'].toSorted()]);
    }
  });

  it('tell all nodes where their API servers are', () => expectHeard(BEFORE));

  it('note the address of a master whose etcd alone moves', async () => {
    const images = await imagesOf(ARTIFACTS, names, {}, [], at(AFTER));
    const moving = nodes[1]!;
    await moving.cutPower();
    moving.boots(images.get(moving.name) ?? []);
    moving.switchOn();
    await expectDone([moving]);
    await expectWhole(nodes[0]!);
    await expectUrls(nodes.slice(0, 3), AFTER);
    await expectHeard(AFTER);
  });
});

/** Masters that move at the same time, come and go, while the others keep their images. */
import { describe, expect, it } from 'vitest';
import { eventually } from '../image/containers/rack.ts';
import {
  rackForEach,
  AFTER,
  BEFORE,
  begin,
  cut,
  etcdctl,
  expectMember,
  expectStep,
  expectWhole,
  imagesOf,
  library,
  members,
  missing,
  root,
  WAIT,
} from '../image/kubernetes/rack-of-masters.ts';

describe.skipIf(root === null)(`masters that move${missing}`, () => {
  const add = rackForEach();

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
    expect((await library(fourth, 'ETCD_MASTER_IPS=$NODE_IP; other_masters')).split('\n').toSorted()).toEqual(BEFORE.slice(0, 2)); // prettier-ignore
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
    // The key that the others write has a lease; on a busy machine, the script of the first may be on its way for longer.
    const look = async (): Promise<string[]> => {
      for (const node of [nodes[1]!, first]) await library(node, 'watch_clusters');
      return members(first);
    };
    expect(await eventually(WAIT, look, (found) => found.length === 3)).toHaveLength(3);
    await expectWhole(nodes, now);
  });
});

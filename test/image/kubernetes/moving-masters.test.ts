/**
 * Masters that move with new images of their own, while the others keep their images. Those that move at the same time, come
 * and go are in test/masters.
 */
import { describe, expect, it } from 'vitest';
import {
  rackForEach,
  AFTER,
  BEFORE,
  begin,
  etcdctl,
  expectMember,
  expectWhole,
  imagesOf,
  missing,
  root,
} from './rack-of-masters.ts';

describe.skipIf(root === null)(`masters that move${missing}`, () => {
  const add = rackForEach();

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
});

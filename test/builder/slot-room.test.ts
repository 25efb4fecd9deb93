/** What an installed node needs must fit a slot of its state disk. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { requireRoomInSlot, SLOT_SIZE } from '../../src/builder/steps/slot-room.ts';

const MIB = 2 ** 20;
const base = { path: 'live/base.squashfs', size: 333 * MIB };

it('takes what fits, and names the largest file where it does not', () => {
  const node = { node: 'master-01', reserve: 4 * MIB };
  expect(() => {
    requireRoomInSlot(node, [base, { path: 'live/artifacts.squashfs', size: 3500 * MIB }]);
  }).not.toThrow();
  expect(() => {
    requireRoomInSlot(node, [base, { path: 'live/artifacts.squashfs', size: 3600 * MIB }]);
  }).toThrow(
    'The files of node `master-01` have 3937 MiB, and a slot of its state disk takes 3892 MiB. The largest is `live/artifacts.squashfs` with 3600 MiB.',
  );
});

it.each(['20-slot-a', '30-slot-b'])('a slot is as large as partition %s', async (name) => {
  const text = await readFile(new URL(`../../templates/etc/repart.d/${name}.conf.ejs`, import.meta.url), 'utf8');
  expect(text).toContain(`SizeMinBytes=${SLOT_SIZE / 2 ** 30}G\nSizeMaxBytes=${SLOT_SIZE / 2 ** 30}G\n`);
});

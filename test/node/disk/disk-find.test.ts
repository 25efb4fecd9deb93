/** The disk selector: all conditions must hold, exactly one disk must match, and the report gives the reasons. */
import { mkdir, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { GIB, withDisks } from './disk.ts';

const fitting = async (disks: Parameters<typeof withDisks>[0], asked: Record<string, string>): Promise<string[]> => {
  const made = await withDisks(disks, asked);
  const { output } = await made.bash('load_state_disk; survey_disks');
  return (JSON.parse(output) as { fitting: string[] }).fitting;
};

const disks = {
  sda: { serial: 'S4EV1', model: 'Samsung SSD 870', wwn: '0x5002538e40a1b2c3', size: 500 * GIB },
  sdb: { serial: ' S4EV2 ', model: 'Samsung SSD 870 ', wwn: 'naa.5002538e40a1b2c4', size: 4000 * GIB, rota: true },
  nvme0n1: { serial: 'P1', model: 'INTEL SSDPE', wwn: 'eui.01000000', size: 900 * GIB },
};

describe('a selector', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['serial', { SERIAL: 'S4EV2' }, ['/dev/sdb']],
    ['serial, not a part of it', { SERIAL: 'S4EV' }, []],
    ['model', { MODEL: 'Samsung SSD 870' }, ['/dev/sda', '/dev/sdb']],
    ['model and rotational', { MODEL: 'Samsung SSD 870', ROTATIONAL: 'no' }, ['/dev/sda']],
    ['rotational', { ROTATIONAL: 'yes' }, ['/dev/sdb']],
    ['wwn in either notation', { WWN: '0x5002538E40A1B2C4' }, ['/dev/sdb']],
    ['eui', { WWN: 'eui.01000000' }, ['/dev/nvme0n1']],
    ['min_size', { MIN_SIZE: String(900 * GIB) }, ['/dev/sdb', '/dev/nvme0n1']],
    ['max_size', { MAX_SIZE: String(500 * GIB) }, ['/dev/sda']],
    ['a range', { MIN_SIZE: String(501 * GIB), MAX_SIZE: String(3999 * GIB) }, ['/dev/nvme0n1']],
    ['all of it at once', { SERIAL: 'S4EV1', MODEL: 'INTEL SSDPE' }, []],
  ])('by %s', async (_, asked, expected) => {
    expect(await fitting(disks, asked)).toEqual(expected);
  });

  it('by path or by-id follows the link', async () => {
    const made = await withDisks({ ...disks, null: {} }, { BY_ID: 'ata-X' });
    await mkdir(made.path('dev/disk/by-id'), { recursive: true });
    await symlink('/dev/null', made.path('dev/disk/by-id/ata-X'));
    const { output } = await made.bash('load_state_disk; survey_disks');
    expect((JSON.parse(output) as { fitting: string[] }).fitting).toEqual(['/dev/null']);
    expect(await fitting({ ...disks, null: {} }, { PATH: '/dev/null' })).toEqual(['/dev/null']);
  });

  it('never takes a disk that is in use, read-only, optical, empty or a loop device', async () => {
    const part = { name: 'part', type: 'part', mountpoints: ['/run/live/medium'] };
    const lvm = { name: 'vg-root', type: 'lvm', mountpoints: [null] };
    expect(
      await fitting(
        {
          ...{
            sda: { mountpoints: ['/srv'] },
            sdb: { children: [part] },
            sdc: { children: [{ ...part, mountpoints: ['[SWAP]'] }] },
          },
          ...{
            sdd: { children: [{ name: 'sdd1', type: 'part', mountpoints: [null], children: [lvm] }] },
            sde: { ro: true },
          },
          ...{ sr0: { type: 'rom' }, sdf: { size: 0 }, loop0: { type: 'loop' } },
        },
        {},
      ),
    ).toEqual([]);
  });
});

describe('the report', () => {
  it('says of every disk what keeps it from being the one', async () => {
    const medium = { name: 'sdc1', type: 'part', mountpoints: ['/run/live/medium'] };
    const made = await withDisks(
      { ...disks, sdc: { model: 'USB Stick', serial: null, size: 8 * GIB, children: [medium] } },
      { SERIAL: 'S4EV9', MIN_SIZE: String(600 * GIB), ROTATIONAL: 'no' },
    );
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ step: 'disk', state: 'failed', cause: 'no-matching-disk' },
      message: `no disk matches the selector of the state disk
/dev/sda  Samsung SSD 870, serial S4EV1, 500 GiB: its serial number is "S4EV1", not "S4EV9"; smaller than 600 GiB
/dev/sdb  Samsung SSD 870, serial S4EV2, 4000 GiB: its serial number is "S4EV2", not "S4EV9"; rotating
/dev/nvme0n1  INTEL SSDPE, serial P1, 900 GiB: its serial number is "P1", not "S4EV9"
/dev/sdc  USB Stick, serial unknown, 8 GiB: the boot medium of this system; its serial number is "", not "S4EV9"; smaller than 600 GiB`,
    });
  });

  it('lists all when several fit, and touches none', async () => {
    const made = await withDisks(disks, { MODEL: 'Samsung SSD 870' });
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'several-disks',
      message: `several disks match the selector of the state disk
/dev/sda  Samsung SSD 870, serial S4EV1, 500 GiB: fits
/dev/sdb  Samsung SSD 870, serial S4EV2, 4000 GiB: fits
/dev/nvme0n1  INTEL SSDPE, serial P1, 900 GiB: its model is "INTEL SSDPE", not "Samsung SSD 870"`,
    });
  });

  it('knows one disk on two paths from two disks', async () => {
    const path = { serial: 'S4EV1', model: 'Samsung SSD 870', wwn: '0x5002538e40a1b2c3' };
    const refused = async (seen: Parameters<typeof withDisks>[0]): Promise<object | undefined> => {
      const made = await withDisks(seen, { SERIAL: 'S4EV1' });
      expect((await made.run('cluster-disk.sh')).status).toBe(1);
      return (await made.ledger()).at(-1);
    };
    expect(await refused({ sda: path, sdb: path })).toMatchObject({
      cause: 'disk-on-several-paths',
      message: `the state disk is visible on several paths
/dev/sda  Samsung SSD 870, serial S4EV1, 20 GiB: fits
/dev/sdb  Samsung SSD 870, serial S4EV1, 20 GiB: fits`,
    });
    // A third disk of the same serial number leaves the choice open; disks without a WWN may share a number.
    expect(await refused({ sda: path, sdb: path, sdc: { ...path, wwn: null } })).toMatchObject({
      cause: 'several-disks',
    });
    expect(await refused({ sda: { ...path, wwn: null }, sdb: { ...path, wwn: ' ' } })).toMatchObject({
      cause: 'several-disks',
    });
  });
});

/** Disk selectors, in the forms of udev and in others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';
import { whyDoubtfulSerial, whyUnfit } from '../../../src/config/machine/disk-forms.ts';
import { whyNoDisk } from '../../../src/config/machine/disk-names.ts';
import type { DiskSelector } from '../../../src/config/node.ts';
import { soloDefinition } from '../solo.ts';

const any: DiskSelector = {
  ...{ byId: null, wwn: null, serial: null, model: null, path: null, minSize: null, maxSize: null, rotational: null },
};
const P = 1024 ** 5;

test.each<[Partial<DiskSelector>, key: string]>([
  [{ wwn: 'S1' }, 'wwn'],
  [{ wwn: '0x5000c500' }, 'wwn'],
  [{ wwn: '0x5000c500a1b2c3dg' }, 'wwn'],
  [{ wwn: '0x5000c500a1b2c3d4', byId: 'wwn-0x5000c500a1b2c3d5' }, 'wwn'],
  [{ wwn: '0x5000c500a1b2c3d4', path: '/dev/disk/by-id/wwn-0x5000c500a1b2c3d5' }, 'wwn'],
  [{ byId: 'wwn-5000c500a1b2c3d4' }, 'by_id'],
  [{ byId: 'sda' }, 'by_id'],
  [{ byId: 'ata-Samsung SSD_S1' }, 'by_id'],
  [{ serial: '0x5000c500a1b2c3d4' }, 'serial'],
  [{ byId: 'ata-Samsung*' }, 'by_id'],
  [{ byId: 'ata-{A,B}' }, 'by_id'],
  [{ path: '/dev/sd[ab]' }, 'path'],
  [{ path: '/dev/disk/by-path/*-ata-1' }, 'path'],
  [{ serial: 'S4EV*' }, 'serial'],
  [{ minSize: 2 * P }, 'min_size'],
  [{ path: '/dev/nvme0n1', rotational: true }, 'rotational'],
])('no disk fits %o', (selector, key) => {
  expect(whyUnfit({ ...any, ...selector })?.key).toBe(key);
});

test.each<[Partial<DiskSelector>]>([
  [{ wwn: '0x5000c500a1b2c3d4' }],
  [{ wwn: '0x60022480A1B2C3D45000C500A1B2C3D4' }],
  [{ wwn: 'naa.5000c500a1b2c3d4', byId: 'wwn-0x5000C500A1B2C3D4' }],
  [{ wwn: 'eui.0025385b71b0a4c1' }],
  [{ wwn: 'nvme.8086-50484b5338-494e54454c-00000001' }],
  [{ wwn: '0x5000c500a1b2c3d4', byId: 'ata-Samsung_SSD_S1' }],
  [{ byId: 'nvme-INTEL_SSDPE_P1', rotational: false }],
  [{ byId: 'virtio-state' }],
  [{ byId: 'scsi-SATA_disk:1,0#2+a=@' }],
  [{ serial: '{state}' }],
  [{ serial: 'S1', minSize: P }],
])('a disk may fit %o', (selector) => {
  expect(whyUnfit({ ...any, ...selector })).toBeUndefined();
});

test('names of what is no disk', () => {
  const no = ['/dev', '/dev/disk/by-id/', '/dev/nvme0', '/dev/sg0', '/dev/disk/by-id/wwn-0x5000c500a1b2c3d4-part2'];
  expect(no.filter((path) => whyNoDisk({ ...any, path }) === undefined)).toEqual([]);
  const yes = ['/dev/sda', '/dev/nvme0n1', '/dev/loop0', '/dev/disk/by-path/pci-0000:00:17.0-ata-1'];
  expect(yes.filter((path) => whyNoDisk({ ...any, path }) !== undefined)).toEqual([]);
});

test('serial numbers have no blanks', () => {
  expect(['S4EV1', 'S4EV1_1', 'state'].map(whyDoubtfulSerial)).toEqual([undefined, undefined, undefined]);
  expect(whyDoubtfulSerial('S4EV1 1')).toBeDefined();
});

test('a node whose cards are found by a match, without `hardware`, is asked for its state disk, too', async () => {
  const definition = soloDefinition().replace(
    /^ {4}hardware: .*$/m,
    '    network: { interfaces: [{ name: lan, type: ethernet, match: { driver: e1000e }, addresses: [192.168.50.11/24] }] }',
  );
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-disks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cluster.yaml'), definition);
  const codes = (await loadCluster(folder)).diagnostics.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['disk/no-state-disk', 'node/any-machine']));
});

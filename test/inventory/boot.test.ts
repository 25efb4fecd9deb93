/** Boots the inventory image, and gets the answer in each way: from the console, by QR code, over HTTP, on a stick. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readFacts } from '../../src/usecases/inventory/facts.ts';
import { nodeFileOf } from '../../src/usecases/inventory/node-file.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { inventoryImage } from './image.ts';
import { decode, pictureOf } from './qr-code.ts';
import { ADDRESS, DISK, MACS, server, type Server } from './rack.ts';

const PATIENCE = Number(process.env['COLDSTART_TEST_PATIENCE'] ?? 1);
/** Emulation takes two minutes to the first page, and half a minute for each further look. */
const BOOT = { timeout: 600_000 * PATIENCE, interval: 1000 };
const LOOK = { timeout: 180_000 * PATIENCE, interval: 1000 };

const folder = folderOfFile('inventory');
const servers: Server[] = [];
const lacking = [...missing, ...(existsSync('/usr/bin/zbarimg') ? [] : [' (needs zbar-tools)'])];

async function start(
  name: string,
  network: string | null,
  options: Pick<Parameters<typeof server>[1], 'firmware' | 'usb'>,
): Promise<Server> {
  const iso = join(folder(), `${name}.iso`);
  await inventoryImage(iso, network);
  const made = await server(folder(), { iso, ...options }, name);
  servers.push(made);
  await expect.poll(made.page, BOOT).toMatch(/^Written to the stick INVENTORY: SN-1\.json$/m);
  return made;
}

const macsOf = (text: string): readonly string[] => readFacts(text, 'x').nics.map(({ mac }) => mac).toSorted(); // prettier-ignore
const DISKS = [
  { ...DISK, size: 2 ** 30, removable: false, holds: 'ext4 data', claim: '' },
  { serial: 'NEW-1', size: 2 ** 30, removable: false, holds: '', rotational: false },
];

describe.skipIf(lacking.length > 0)(`the inventory image${lacking.join('')}`, { timeout: 1_500_000 * PATIENCE }, () => {
  afterEach(async () => {
    for (const one of servers.splice(0)) await one.off();
  });

  it('by BIOS from a CD, shows, serves and writes what a machine has', async () => {
    const made = await start('bios', '10.0.2.0/24', { firmware: 'bios' });
    // On the console, also what comes late.
    await expect.poll(made.page, LOOK).toMatch(new RegExp(`^${MACS.switched}  \\S+  e1000e  link 1000 Mbit/s  at rack3-switch port server 7$`, 'm')); // prettier-ignore
    await expect.poll(made.page, LOOK).toContain(`Over HTTP, in the network 10.0.2.0/24: curl http://${ADDRESS}/ `);
    expect(made.page()).toMatch(/^Example Server 1, serial number SN-1; BIOS \S+; 2 GiB of memory$/m);
    expect(made.page()).toMatch(new RegExp(`^${MACS.lan}  \\S+  virtio_net  link$`, 'm'));
    expect(made.page()).toMatch(new RegExp(`^${MACS.dangling}  \\S+  virtio_net  no link$`, 'm'));
    expect(made.page()).toMatch(/^sda {2}1 GB {2}rotating {2}QEMU HARDDISK {2}serial OLD-1 {2}on it: ext4 data$/m);
    expect(made.page()).toMatch(/^nvme0n1 {2}1 GB {2}solid state {2}QEMU NVMe Ctrl {2}serial NEW-1 {2}blank$/m);
    // By QR code, from the serial console and as a telephone sees the screen.
    const drawn = join(folder(), 'code.pgm');
    await writeFile(drawn, pictureOf(made.page()));
    for (const picture of [drawn, await made.photograph()]) {
      const text = await decode(picture);
      expect(macsOf(text)).toEqual(Object.values(MACS));
      expect(readFacts(text, 'x').disks).toMatchObject([{ serial: 'OLD-1' }, { serial: 'NEW-1' }]);
    }
    // Over HTTP.
    const served = await made.get();
    const facts = readFacts(served, 'x');
    expect(facts).toMatchObject({ machine: { vendor: 'Example', product: 'Server 1', serial: 'SN-1' }, firmware: { kind: 'BIOS' } }); // prettier-ignore
    expect(macsOf(served)).toEqual(Object.values(MACS));
    expect(facts.nics.find(({ mac }) => mac === MACS.switched)).toMatchObject({ driver: 'e1000e', permanent: true, link: true, path: expect.stringMatching(/^pci-0000:/) as string }); // prettier-ignore
    expect(facts.disks.filter(({ removable }) => !removable)).toMatchObject(DISKS);
    // A cable that is plugged in now shows which card it is.
    await made.plugIn();
    await expect.poll(made.page, LOOK).toMatch(new RegExp(`^${MACS.dangling}  \\S+  virtio_net  link$`, 'm'));
    // On the stick, and nothing on any other disk.
    await made.off();
    const file = await made.fileOnStick('SN-1.json');
    expect(macsOf(file)).toEqual(Object.values(MACS));
    expect(await made.isUntouched()).toBe(true);
    expect(nodeFileOf('worker-01', readFacts(file, 'x'), 'x')).toContain('  #   { serial: NEW-1 }  1 GB, solid state, QEMU NVMe Ctrl; blank\n'); // prettier-ignore
  });

  it('with Secure Boot from a stick, asks for no address without a network', async () => {
    const made = await start('secure-boot', null, { firmware: 'secure-boot', usb: true });
    await expect.poll(made.page, LOOK).toContain('at rack3-switch port server 7');
    expect(made.page()).toMatch(/^Example Server 1, serial number SN-1; UEFI \S/m);
    expect(made.page()).not.toContain('curl');
    expect(macsOf(await decode(await made.photograph()))).toEqual(Object.values(MACS));
    await expect(made.get()).rejects.toThrow();
  });

  it('does not answer to others than the network that the user named', async () => {
    const made = await start('elsewhere', '192.168.50.0/24', { firmware: 'bios' });
    await expect.poll(made.page, LOOK).toContain(`Over HTTP, in the network 192.168.50.0/24: curl http://${ADDRESS}/ `);
    await expect(made.get()).rejects.toThrow();
  });
});

/** The inventory image, built for real: it has its scripts and their programs, and no keys; the same input gives the same image. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256File } from '../../../src/builder/system/digest.ts';
import { folderOfFile } from '../../boot/environment.ts';
import { inventoryImage } from '../../inventory/image.ts';

const folder = folderOfFile('inventory');
const NETWORK = '192.168.50.0/24';

async function build(name: string): Promise<string> {
  const output = join(folder(), name);
  const digest = await inventoryImage(output, NETWORK);
  expect(await sha256File(output)).toBe(digest);
  return digest;
}

/** Takes files out of the image. */
async function extract(path: string): Promise<string> {
  const to = join(folder(), path.replaceAll('/', '-'));
  await execa('xorriso', ['-osirrox', 'on', '-indev', join(folder(), 'a.iso'), '-extract', path, to]);
  return to;
}

describe('the inventory image', () => {
  let digest = '';
  beforeAll(async () => {
    digest = await build('a.iso');
  });

  it('is the same when it is built again, and leaves nothing beside it', async () => {
    expect(await build('b.iso')).toBe(digest);
    expect((await readdir(folder())).filter((name) => name.startsWith('b.iso'))).toEqual(['b.iso']);
  });

  it('boots as `inventory`', async () => {
    const config = await readFile(await extract('/boot/grub/node.cfg'), 'utf8');
    expect(config).toMatch(/^set node_name='inventory'\nset node_image='[0-9a-f]{64}'\nset node_disk=''\n/);
    expect(config).toContain("set node_kernel_args='quiet console=ttyS0,115200 console=tty0'\n");
  });

  it('has its scripts, units that systemd understands, and the programs that they call', async () => {
    const root = join(folder(), 'root');
    const unpack = (layer: string, ...only: readonly string[]) => execa('unsquashfs', ['-quiet', '-no-progress', '-force', '-dest', root, layer, ...only]); // prettier-ignore
    await unpack(await extract('/live/base.squashfs'));
    await unpack(await extract('/live/node.squashfs'));
    for (const script of ['machine-inventory.sh', 'inventory-show.sh', 'inventory-answer.sh'])
      expect((await stat(join(root, 'usr/local/bin', script))).mode & 0o777).toBe(0o755);
    for (const program of ['qrencode', 'jq', 'lsblk', 'curl']) await expect(stat(join(root, 'usr/bin', program))).resolves.toBeTruthy(); // prettier-ignore
    for (const program of ['lldpcli', 'lldpd']) await expect(stat(join(root, 'usr/sbin', program))).resolves.toBeTruthy(); // prettier-ignore
    const units = [
      'inventory.timer',
      'inventory.service',
      'inventory-links.service',
      'inventory-http.socket',
      'inventory-http@x.service',
    ];
    const verified = await execa('chroot', [root, 'systemd-analyze', 'verify', '--man=no', ...units], { reject: false, all: true }); // prettier-ignore
    expect(verified.all.split('\n').filter((line) => line.includes('inventory'))).toEqual([]);
    // No account can log in: no field of a password is a hash.
    const shadow = await readFile(join(root, 'etc/shadow'), 'utf8');
    expect(shadow.split('\n').filter((line) => line !== '' && !/^[\w-]+:[!*]/.test(line))).toEqual([]);
    // The programs of the image, on this machine: JSON that coldstart reads, and a code.
    const alone = ['--mount', '--pid', '--fork', `--mount-proc=${join(root, 'proc')}`];
    const facts = await execa('unshare', [...alone, 'chroot', root, '/usr/local/bin/machine-inventory.sh']);
    expect(JSON.parse(facts.stdout)).toMatchObject({ coldstart_inventory: 1 });
    const code = await execa('chroot', [root, 'qrencode', '--type=ANSIUTF8', '--level=L', '--margin=2'], { input: 'coldstart-inventory 1\n' }); // prettier-ignore
    expect(code.stdout).toContain('█');
  });
});

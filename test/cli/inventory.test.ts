/** `coldstart inventory read`, and the tree of the image that `inventory build` makes. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inventoryTree } from '../../src/builder/inventory/inventory-image.ts';
import { makeWorld } from './world.ts';

const disk = (serial: string, more: object = {}) => ({
  ...{
    name: 'sda',
    model: 'X',
    serial,
    wwn: '',
    by_id: '',
    size: 5e11,
    rotational: false,
    removable: false,
    holds: '',
  },
  ...more,
});
const facts = (mac: string, disks: readonly object[]): string =>
  JSON.stringify({
    coldstart_inventory: 1,
    machine: { vendor: 'QEMU', product: 'Standard PC', serial: '' },
    nics: [{ name: 'ens3', mac, driver: 'virtio_net', pci: '0000:00:03.0', link: true, speed: null, neighbour: null }],
    disks,
  });

async function reading(files: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const { folder, run } = await makeWorld();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const outcome = run('inventory', 'read', ...Object.keys(files), '--out', 'new', ...flags);
  const written = (): Promise<string[]> => readdir(join(folder, 'new/nodes')).catch(() => []);
  return { folder, run, outcome, written };
}

describe('read', () => {
  test('writes a file for each machine, which a definition takes', async () => {
    const { folder, run, outcome } = await reading({
      'master-01.json': facts('52:54:00:12:34:01', [disk('S1'), disk('USB', { removable: true })]),
      'Worker 01.txt':
        'coldstart-inventory 1\nmachine - QEMU\nnic 52:54:00:12:34:02 up ens3\ndisk 500000000000 ssd S2 X Y\n',
    });
    expect(await outcome).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout: 'new/nodes/master-01.yaml: 1 network card, 2 disks\nnew/nodes/worker-01.yaml: 1 network card, 1 disk\n',
    });
    expect(await readFile(join(folder, 'new/nodes/worker-01.yaml'), 'utf8')).toBe(`# QEMU.
# From \`Worker 01.txt\` by \`coldstart inventory read\`.

node:
  name: worker-01
  # Its disk:
  #   { serial: S2 }  500 GB, solid state, X Y
  hardware:
    mac_addresses:
      # ens3: link
      - '52:54:00:12:34:02'
    state_disk:
      serial: S2
`);
    const cluster = (await readFile(join(folder, 'lab/cluster.yaml'), 'utf8')).replaceAll(
      /^ {4}hardware:\n( {6}.*\n)+/gm,
      '',
    );
    await writeFile(join(folder, 'new/cluster.yaml'), cluster);
    expect(await run('check', 'new')).toMatchObject({ exitCode: 0 });
  });

  test('leaves the choice among several disks to the user', async () => {
    const disks = [disk('S1'), disk('', { wwn: '0x5000c500a1b2c3d4' }), disk('', { by_id: 'ata-Z' }), disk('')];
    const { folder, outcome } = await reading({ 'a1.json': facts('52:54:00:12:34:01', disks) });
    await outcome;
    const text = await readFile(join(folder, 'new/nodes/a1.yaml'), 'utf8');
    expect(text).not.toMatch(/^ *state_disk:/m);
    expect(text).toContain('#   { serial: S1 }  500 GB');
    expect(text).toContain('#   { wwn: 0x5000c500a1b2c3d4 }  500 GB');
    expect(text).toContain('#   { by_id: ata-Z }  500 GB');
    expect(text).toContain('#   sda (nothing of it stays the same between boots)');
  });

  test('never replaces a file, and then writes none', async () => {
    const { folder, run } = await makeWorld();
    await mkdir(join(folder, 'new/nodes'), { recursive: true });
    await writeFile(join(folder, 'new/nodes/b1.yaml'), 'mine\n');
    for (const name of ['a1', 'b1']) await writeFile(join(folder, `${name}.json`), facts('52:54:00:12:34:01', []));
    await expect(run('inventory', 'read', 'a1.json', 'b1.json', '--out', 'new')).rejects.toThrow('`nodes/b1.yaml` is there already'); // prettier-ignore
    expect(await readdir(join(folder, 'new/nodes'))).toEqual(['b1.yaml']);
  });

  test.each([
    ['{"a": 1}', 'is no inventory of a machine'],
    ['not JSON', 'is no inventory of a machine'],
    [facts('x', []).replace('"nics":[{', '"nics":["a",{'), '`nics.0`'],
    ['coldstart-inventory 1\nmachine x\ndisk many ssd S1 X\n', '`disks.0.size`'],
    ['coldstart-inventory 1\nHELLO\n', '`HELLO` is none of its lines'],
  ])('refuses %j', async (text, message) => {
    const { outcome, written } = await reading({ 'a1.json': text });
    await expect(outcome).rejects.toThrow(message);
    expect(await written()).toEqual([]);
  });

  test('refuses two files for one node', async () => {
    const { outcome, written } = await reading({ 'a1.json': facts('52:54:00:12:34:01', []), 'a1.txt': facts('52:54:00:12:34:02', []) }); // prettier-ignore
    await expect(outcome).rejects.toThrow('Two of the files are for the node `a1`');
    expect(await written()).toEqual([]);
  });

  test('has no flags of build', async () => {
    const { outcome } = await reading({ 'a1.json': facts('52:54:00:12:34:01', []) }, '--network', '10.0.0.0/8');
    await expect(outcome).rejects.toThrow('takes neither');
  });
});

describe('build', () => {
  const textOf = (tree: Awaited<ReturnType<typeof inventoryTree>>, path: string): string | undefined => {
    const entry = tree.find((one) => one.path === path);
    return entry?.type === 'file' ? Buffer.from(entry.content).toString() : undefined;
  };
  const SOCKET = 'etc/systemd/system/inventory-http.socket';

  test('answers only in the network that the user named', async () => {
    const tree = await inventoryTree('192.168.50.0/24');
    expect(textOf(tree, SOCKET)).toContain('\nExecStartPre=/usr/sbin/nft --file /etc/coldstart/inventory.nft\n');
    expect(textOf(tree, 'etc/coldstart/inventory.nft')).toContain(
      '\n    tcp dport 80 ip saddr 192.168.50.0/24 accept\n    tcp dport 80 drop\n',
    );
    expect(textOf(tree, 'etc/coldstart/inventory-network')).toBe('192.168.50.0/24\n');
  });

  test('without a network, asks for no address and answers nobody', async () => {
    const tree = await inventoryTree(null);
    expect(tree.filter(({ path }) => path.includes('inventory-http.socket'))).toEqual([]);
    expect(textOf(tree, 'etc/NetworkManager/conf.d/inventory.conf')).toBe('[main]\nno-auto-default=*\n');
    expect(textOf(tree, 'etc/sysctl.d/inventory.conf')).toBe('net.ipv6.conf.all.disable_ipv6 = 1\n');
  });

  test('has scripts that can be run, no login and no secret', async () => {
    const tree = await inventoryTree('192.168.50.0/24');
    const scripts = tree.filter(({ path }) => path.startsWith('usr/local/bin/'));
    expect(scripts.map(({ mode }) => mode)).toEqual([0o755, 0o755, 0o755]);
    for (const unit of ['ssh.service', 'getty.target'])
      expect(tree.find(({ path }) => path === `etc/systemd/system/${unit}`)).toMatchObject({ target: '/dev/null' });
    expect(tree.filter((entry) => entry.type === 'file' && entry.secret)).toEqual([]);
    expect(tree.map(({ path }) => path).filter((path) => /passwd|shadow|\.ssh|kubernetes/.test(path))).toEqual([]);
  });

  test.each([
    [['inventory', 'build', 'file.json'], 'takes no files'],
    [['inventory', 'build', '--network', 'lan'], '`lan` is no network'],
  ])('%j', async (argv, message) => {
    const { run } = await makeWorld();
    await expect(run(...argv)).rejects.toThrow(message);
  });
});

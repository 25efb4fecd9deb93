/** The scripts of the inventory image on fake machines, and what `coldstart inventory read` makes of their answers. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../src/usecases/inventory/facts.ts';
import { nodeFileOf } from '../../../src/usecases/inventory/node-file.ts';
import { temporaryFolder } from '../../builder/temporary.ts';

const SCRIPTS = join(import.meta.dirname, '../../../scripts/inventory/root/usr/local/bin');

interface Setup {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Answers of programs: a value as JSON, or lines of bash. */
  readonly commands?: Readonly<Record<string, object | string>>;
}

async function machine({ files = {}, links = {}, commands = {} }: Setup) {
  const root = await temporaryFolder();
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  for (const [path, content] of Object.entries({ 'proc/meminfo': 'MemTotal:       65536000 kB\n', ...files }))
    await write(path, content);
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }
  for (const [name, answer] of Object.entries(commands)) {
    const body = typeof answer === 'string' ? answer : `cat <<'END'\n${JSON.stringify(answer)}\nEND`;
    await write(`commands/${name}`, `#!/bin/bash\n${body}\n`);
    await chmod(join(root, 'commands', name), 0o755);
  }
  const run = (script: string, input = '') =>
    execa(join(SCRIPTS, script), {
      ...{ reject: false, extendEnv: false, input, stripFinalNewline: false },
      env: { COLDSTART_ROOT: root, PATH: `${join(root, 'commands')}:/usr/sbin:/usr/bin:/sbin:/bin` },
    });
  return { root, run, write, read: (path: string) => readFile(join(root, path), 'utf8') };
}

const DMI = 'sys/class/dmi/id';
const EMPTY = { ip: [], lsblk: { blockdevices: [] }, lldpcli: 'exit 1' };
/** udevadm(8) knows the paths of PCI cards. */
const UDEVADM =
  'case $* in *eno1) echo pci-0000:01:00.0 ;; *usb0) echo pci-0000:00:14.0-usb-0:3:1.0 ;; *) exit 1 ;; esac';
/** A server with two cards, one of them at a switch, an NVMe disk, a rotating one, and the stick of this image. */
const SERVER: Setup = {
  files: {
    [`${DMI}/sys_vendor`]: 'Dell Inc.\n',
    [`${DMI}/product_name`]: 'PowerEdge R640 \n',
    [`${DMI}/product_serial`]: '1ABC234\n',
    [`${DMI}/bios_version`]: '2.19.1\n',
    'sys/firmware/efi/fw_platform_size': '64\n',
    'sys/class/net/eno1/speed': '10000\n',
    'sys/class/net/eno2/speed': '-1\n',
    'sys/class/net/bond0/speed': '10000\n',
  },
  links: {
    'sys/class/net/eno1/device/driver': '../../../bus/pci/drivers/ixgbe',
    'sys/class/net/eno2/device/driver': '../../../bus/pci/drivers/ixgbe',
    'dev/disk/by-id/nvme-eui.0025388b01': '../../nvme0n1',
    'dev/disk/by-id/nvme-Samsung_PM9A3_S64GNE0R': '../../nvme0n1',
    'dev/disk/by-id/wwn-0x5000c500a1b2c3d4': '../../sda',
  },
  commands: {
    udevadm: UDEVADM,
    ip: [
      { ifname: 'lo', link_type: 'loopback', flags: ['LOOPBACK', 'LOWER_UP'], address: '00:00:00:00:00:00' },
      { ifname: 'eno2', link_type: 'ether', flags: ['UP'], address: '24:6e:96:00:00:02', parentdev: '0000:01:00.1' },
      {
        ...{ ifname: 'eno1', link_type: 'ether', flags: ['UP', 'LOWER_UP'], address: '02:00:00:00:00:99' },
        ...{ permaddr: '24:6e:96:00:00:01', parentdev: '0000:01:00.0' },
      },
      {
        ...{ ifname: 'bond0', link_type: 'ether', flags: ['UP', 'LOWER_UP'], address: '02:00:00:00:00:99' },
        linkinfo: { info_kind: 'bond' },
      },
    ],
    lldpcli: {
      lldp: [
        {
          interface: [
            {
              name: 'eno1',
              chassis: [{ id: [{ type: 'mac', value: '00:01:02:03:04:05' }], name: [{ value: 'sw1\u001b[31m' }] }],
              port: [{ id: [{ type: 'ifname', value: 'Eth1/7' }], descr: [{ value: 'rack 3, port 7' }] }],
            },
          ],
        },
      ],
    },
    lsblk: {
      blockdevices: [
        {
          ...{
            name: 'sda',
            type: 'disk',
            size: 4000787030016,
            model: 'ST4000NM  ',
            serial: null,
            wwn: '0x5000c500a1b2c3d4',
          },
          ...{ rota: true, rm: false, tran: 'sas', fstype: null, label: null, pttype: 'gpt', mountpoints: [null] },
          children: [
            { name: 'sda1', type: 'part', size: 1, fstype: 'vfat', label: 'ESP', pttype: 'gpt', mountpoints: [null] },
            { name: 'sda2', type: 'part', size: 1, fstype: 'ext4', label: null, pttype: 'gpt', mountpoints: [null] },
          ],
        },
        {
          ...{
            name: 'nvme0n1',
            type: 'disk',
            size: 960197124096,
            model: 'SAMSUNG PM9A3',
            serial: 'S64GNE0R',
            wwn: 'eui.0025388b01',
          },
          ...{ rota: false, rm: false, tran: 'nvme', fstype: null, label: null, pttype: null, mountpoints: [null] },
        },
        {
          ...{
            name: 'sdb',
            type: 'disk',
            size: 8000000000,
            model: 'Stick',
            serial: 'USB1',
            wwn: null,
            rota: true,
            rm: true,
          },
          ...{ tran: 'usb', fstype: 'iso9660', label: 'COLDSTART', pttype: 'PMBR', mountpoints: ['/run/live/medium'] },
        },
        { name: 'zram0', type: 'disk', size: 4096, model: null, serial: null, wwn: null, rota: false, rm: false, tran: null, fstype: 'swap', label: null, pttype: null, mountpoints: [null] }, // prettier-ignore
        { name: 'sr0', type: 'rom', size: 1073741312, model: 'CD', serial: null, wwn: null, rota: true, rm: true, tran: 'sata', fstype: null, label: null, pttype: null, mountpoints: [null] }, // prettier-ignore
      ],
    },
  },
};

describe('machine-inventory.sh', () => {
  it('says what a server has', async () => {
    const { run } = await machine(SERVER);
    const { stdout, stderr, exitCode } = await run('machine-inventory.sh');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      coldstart_inventory: 1,
      machine: { vendor: 'Dell Inc.', product: 'PowerEdge R640', serial: '1ABC234' },
      firmware: { kind: 'UEFI', vendor: '', version: '2.19.1' },
      memory: 67108864000,
      nics: [
        {
          ...{ name: 'eno2', mac: '24:6e:96:00:00:02', driver: 'ixgbe', pci: '0000:01:00.1', link: false },
          ...{ permanent: true, path: '', speed: null, neighbour: null },
        },
        {
          ...{ name: 'eno1', mac: '24:6e:96:00:00:01', driver: 'ixgbe', pci: '0000:01:00.0', link: true, speed: 10000 },
          ...{ permanent: true, path: 'pci-0000:01:00.0' },
          // What a switch says cannot steer the console.
          neighbour: { system: 'sw1 [31m', port: 'rack 3, port 7' },
        },
      ],
      disks: [
        {
          ...{ name: 'sda', model: 'ST4000NM', serial: '', wwn: '0x5000c500a1b2c3d4', by_id: 'wwn-0x5000c500a1b2c3d4' },
          ...{ size: 4000787030016, rotational: true, removable: false, transport: 'sas' },
          ...{ holds: 'gpt, vfat ESP, ext4', claim: '' },
          partitions: [
            { size: 1, filesystem: 'vfat' },
            { size: 1, filesystem: 'ext4' },
          ],
        },
        {
          ...{ name: 'nvme0n1', model: 'SAMSUNG PM9A3', serial: 'S64GNE0R', wwn: 'eui.0025388b01' },
          ...{ by_id: 'nvme-Samsung_PM9A3_S64GNE0R', size: 960197124096, rotational: false, removable: false },
          ...{ transport: 'nvme', holds: '', claim: '', partitions: [] },
        },
      ],
    });
  });

  it.each([
    ['a machine without cards and disks', EMPTY],
    ['programs that fail', { ip: 'exit 1', lsblk: 'exit 1', lldpcli: 'exit 1' }],
    ['programs that say nonsense', { ip: 'echo Oops', lsblk: 'echo "{"', lldpcli: 'echo' }],
  ])('works on %s', async (_, commands) => {
    const { run } = await machine({ commands });
    const { stdout, exitCode } = await run('machine-inventory.sh');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ firmware: { kind: 'BIOS' }, nics: [], disks: [] });
  });
});

/** `qrencode` shows its text, so that the test can read it. */
const SHOW = { qrencode: 'cat', mount: 'exit 1', umount: 'exit 0' };
const CONSOLES = { 'sys/class/tty/console/active': 'tty0 ttyS0\n', 'dev/tty0': '', 'dev/ttyS0': '' };
const showing = (more: Setup = {}): Setup => ({
  ...SERVER,
  files: { ...SERVER.files, ...CONSOLES, ...more.files },
  commands: { ...SERVER.commands, ...SHOW, ...more.commands },
});

/** `lsblk` of the disks for `--tree`, of file systems for `--list`. */
const withStick = (label: string, fstype = 'vfat'): string => {
  const sticks = JSON.stringify({ blockdevices: [{ path: '/dev/sdc1', label, fstype }, { path: '/dev/sda1', label: 'ESP', fstype: 'vfat' }] }); // prettier-ignore
  return `if [[ " $* " == *" --tree "* ]]; then echo '${JSON.stringify(SERVER.commands?.['lsblk'])}'; else echo '${sticks}'; fi`;
};
/** Records what is mounted, and shows the folder as it was. */
const MOUNT = 'printf "%s\\n" "${*: -2:1}" >>"$COLDSTART_ROOT/mounted"';

describe('inventory-show.sh', () => {
  it('shows all on each console, with a QR code that coldstart reads', async () => {
    const { run, read } = await machine(showing());
    expect(await run('inventory-show.sh')).toMatchObject({ exitCode: 0, stderr: '' });
    const screen = await read('dev/ttyS0');
    expect(await read('dev/tty0')).toBe(screen);
    expect(screen).toContain('Dell Inc. PowerEdge R640, serial number 1ABC234; UEFI 2.19.1; 63 GiB of memory');
    expect(screen).toContain('24:6e:96:00:00:01  eno1  ixgbe  link 10000 Mbit/s  at sw1 [31m port rack 3, port 7');
    expect(screen).toContain('nvme0n1  960 GB  solid state  SAMSUNG PM9A3  serial S64GNE0R  blank');
    const code = screen.slice(screen.indexOf('coldstart-inventory 1'), screen.indexOf('To get a file'));
    expect(code).toBe(
      'coldstart-inventory 1\nmachine 1ABC234 PowerEdge R640\nnic 24:6e:96:00:00:02 down eno2\nnic 24:6e:96:00:00:01 up eno1\n' +
        'disk 4000787030016 hdd - ST4000NM\ndisk 960197124096 ssd S64GNE0R SAMSUNG PM9A3\n',
    );
    const facts = readFacts(code, 'x.txt');
    expect(facts.nics.map(({ mac, link }) => [mac, link])).toEqual([
      ['24:6e:96:00:00:02', false],
      ['24:6e:96:00:00:01', true],
    ]);
    expect(facts.disks.map(({ serial, size, rotational }) => [serial, size, rotational])).toEqual([
      ['', 4000787030016, true],
      ['S64GNE0R', 960197124096, false],
    ]);
  });

  it('shows only changes', async () => {
    const { run, read, write } = await machine(showing());
    await run('inventory-show.sh');
    await write('dev/tty0', '');
    await run('inventory-show.sh');
    expect(await read('dev/tty0')).toBe('');
    await write(`${DMI}/bios_version`, '2.20.0\n');
    await run('inventory-show.sh');
    expect(await read('dev/tty0')).toContain('UEFI 2.20.0');
  });

  it('writes to a stick of the name, and to nothing else', async () => {
    const { run, read } = await machine(showing({ commands: { lsblk: withStick('INVENTORY'), mount: MOUNT } }));
    expect(await run('inventory-show.sh')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await read('mounted')).toBe('/dev/sdc1\n');
    expect(JSON.parse(await read('run/coldstart-inventory/mount/1ABC234.json'))).toMatchObject({
      coldstart_inventory: 1,
    });
    expect(await read('dev/tty0')).toContain('Written to the stick INVENTORY: 1ABC234.json');
  });

  it.each([
    ['of another name', 'BACKUP', 'vfat'],
    ['with another file system', 'INVENTORY', 'ext4'],
  ])('leaves a stick %s alone', async (_, label, fstype) => {
    const { run, read } = await machine(showing({ commands: { lsblk: withStick(label, fstype), mount: MOUNT } }));
    expect(await run('inventory-show.sh')).toMatchObject({ exitCode: 0 });
    await expect(read('mounted')).rejects.toThrow();
  });

  it('says that a stick cannot be written to, and goes on', async () => {
    const { run, read } = await machine(showing({ commands: { lsblk: withStick('INVENTORY') } }));
    expect(await run('inventory-show.sh')).toMatchObject({
      ...{ exitCode: 0, stderr: 'inventory: /dev/sdc1 cannot be written to\n' },
    });
    expect(await read('dev/tty0')).toContain('To get a file');
  });

  it('names its addresses where the user named a network', async () => {
    const ip = `if [[ $* == *address* ]]; then echo '[{"addr_info":[{"scope":"global","local":"192.168.50.77"}]}]'; else echo '[]'; fi`;
    const made = await machine(showing({ commands: { ip }, files: { 'etc/coldstart/inventory-network': '192.168.50.0/24\n' } })); // prettier-ignore
    await made.run('inventory-show.sh');
    expect(await made.read('dev/tty0')).toContain('in the network 192.168.50.0/24: curl http://192.168.50.77/');
  });

  it.each([
    ['those in the network, if there are any', ['192.168.50.77'], ['192.168.50.77']],
    ['all, if none is in the network', [], ['10.0.0.7', '[2001:db8::7]']],
  ])('names %s', async (_, inside, named) => {
    const json = (all: readonly string[]): string => JSON.stringify([{ addr_info: all.map((local) => ({ scope: 'global', local })) }, {}]); // prettier-ignore
    const ip = `case $* in *address*' to '192.168.50.0/24) echo '${json(inside)}' ;; *address*) echo '${json(['10.0.0.7', '2001:db8::7', ...inside])}' ;; *) echo '[]' ;; esac`;
    const made = await machine(showing({ commands: { ip }, files: { 'etc/coldstart/inventory-network': '192.168.50.0/24\n' } })); // prettier-ignore
    expect(await made.run('inventory-show.sh')).toMatchObject({ exitCode: 0, stderr: '' });
    const screen = await made.read('dev/tty0');
    expect([...screen.matchAll(/curl http:\/\/(\S+)\/ /g)].map(([, address]) => address)).toEqual(named);
  });

  it('makes the code of a large machine shorter', async () => {
    const disk = (index: number) => ({
      ...{
        name: `sd${index}`,
        type: 'disk',
        size: 1e12,
        model: 'A LONG NAME OF A MODEL',
        serial: `SERIAL-${index}`,
        wwn: null,
      },
      ...{ rota: true, rm: false, tran: null, fstype: null, label: null, pttype: null, mountpoints: [null] },
    });
    const lsblk = { blockdevices: Array.from({ length: 40 }, (_, index) => disk(index)) };
    const { run, read } = await machine(showing({ commands: { lsblk } }));
    await run('inventory-show.sh');
    const screen = await read('dev/tty0');
    expect(screen).toContain('SERIAL-39');
    expect(screen.slice(screen.indexOf('coldstart-inventory 1'))).toMatch(
      /^coldstart-inventory 1\nmachine.*\nnic.*\nnic.*\nTo get/,
    );
  });
});

describe('inventory-answer.sh', () => {
  const FILE = { 'run/coldstart-inventory/inventory.json': '{"coldstart_inventory":1}\n' };
  it.each([
    ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', FILE, '200 OK', '{"coldstart_inventory":1}\n'],
    ['GET /inventory.json HTTP/1.0\r\n\r\n', FILE, '200 OK', '{"coldstart_inventory":1}\n'],
    ['GET / HTTP/1.1\r\n\r\n', {}, '503 Service Unavailable', 'not ready yet\n'],
    ['GET /etc/passwd HTTP/1.1\r\n\r\n', FILE, '404 Not Found', 'ask for /inventory.json\n'],
    ['POST / HTTP/1.1\r\n\r\n', FILE, '405 Method Not Allowed', 'only GET\n'],
    ['', FILE, '405 Method Not Allowed', 'only GET\n'],
  ])('%j', async (request, files, status, body) => {
    const { run } = await machine({ files });
    const { stdout, exitCode } = await run('inventory-answer.sh', request);
    const [head = '', rest = ''] = stdout.split('\r\n\r\n');
    expect([exitCode, head.split('\r\n')[0], rest]).toEqual([0, `HTTP/1.1 ${status}`, body]);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  });
});

it('from a server to the file of its node', async () => {
  const { run } = await machine(SERVER);
  const { stdout } = await run('machine-inventory.sh');
  expect(nodeFileOf('worker-01', readFacts(stdout, 'worker-01.json'), 'worker-01.json')).toBe(
    `# Dell Inc. PowerEdge R640, serial number 1ABC234; UEFI 2.19.1; 63 GiB of memory.
# From \`worker-01.json\` by \`coldstart inventory read\`.

node:
  name: worker-01
  # Choose the \`state_disk\`, \`osd_disks\` for Ceph and \`data_disks\` among its disks; only blank ones are taken:
  #   { wwn: 0x5000c500a1b2c3d4 }  4001 GB, rotating, ST4000NM; on it: gpt, vfat ESP, ext4
  #   { serial: S64GNE0R }  960 GB, solid state, SAMSUNG PM9A3; blank
  hardware:
    mac_addresses:
      # eno1 (ixgbe): link, 10000 Mbit/s; at sw1 [31m port rack 3, port 7
      - '24:6e:96:00:00:01'
      # eno2 (ixgbe): no link
      - '24:6e:96:00:00:02'
`,
  );
});

/** A block of `disk/claim.sh`, where it is on a disk. */
const claimed = (text: string): string => `${'\0'.repeat(524288)}${text}\n`.padEnd(524288 + 4096, '\0');
const disk = (name: string, serial: string, children: readonly object[] = []) => ({
  ...{ name, type: 'disk', size: 2 ** 40, model: null, serial, wwn: null, rota: false, rm: false, tran: 'nvme' },
  ...{ fstype: null, label: null, pttype: children.length > 0 ? 'gpt' : null, mountpoints: [null], children },
});
const partition = (size: number, fstype: string) => ({ name: 'p', type: 'part', size, fstype, label: null });
const card = (name: string, last: string) => ({ ifname: name, link_type: 'ether', flags: ['UP'], address: `52:54:00:00:00:${last}`, parentdev: 'x' }); // prettier-ignore
/** A card that gets a random MAC, and the disks of a node whose definition is lost. */
const USED: Setup = {
  files: {
    'sys/class/net/usb0/addr_assign_type': '1\n',
    'sys/class/net/eno1/addr_assign_type': '0\n',
    'dev/nvme0n1': claimed('coldstart-state-disk v1 lab/worker-01'),
    'dev/nvme1n1': claimed('coldstart-data-disk v1 lab/worker-01/fast'),
    'dev/nvme2n1': claimed('coldstart-other'),
  },
  commands: {
    ...{ udevadm: UDEVADM, lldpcli: 'exit 1', ip: [card('usb0', '01'), card('eno1', '02')] },
    lsblk: {
      blockdevices: [
        disk('nvme0n1', 'S0', [partition(2 ** 39, 'ext4')]),
        disk('nvme1n1', 'S1', [partition(200 * 2 ** 30, 'ext4'), partition(2 ** 39 + 4096, 'xfs')]),
        disk('nvme2n1', 'S2'),
      ],
    },
  },
};

describe('a machine that was a node', () => {
  it('gets back its state disk, and the entry of its data disk', async () => {
    const { run } = await machine(USED);
    const facts = readFacts((await run('machine-inventory.sh')).stdout, 'x');
    expect(facts.disks.map(({ claim }) => claim)).toEqual(['state lab/worker-01', 'data lab/worker-01/fast', '']);
    expect(nodeFileOf('worker-01', facts, 'x.json')).toContain(`
  # Choose \`osd_disks\` for Ceph and \`data_disks\` among its disks; only blank ones are taken:
  #   { serial: S0 }  1100 GB, solid state; the state disk of lab/worker-01
  #   { serial: S1 }  1100 GB, solid state; the data disk of lab/worker-01/fast
  #   { serial: S2 }  1100 GB, solid state; blank
  # The data disk \`fast\`; add where its partitions are mounted:
  #   data_disks:
  #     - { name: fast, disk: { serial: S1 }, partitions: [{ mount: /srv/…, size: 200G }, { mount: /srv/…, filesystem: xfs }] }
  hardware:
    # These cards get another MAC at each start. In \`network.interfaces\`, find them by:
    #   match: { path: 'pci-0000:00:14.0-usb-0:3:1.0' }  usb0: no link
    mac_addresses:
      # eno1: no link
      - '52:54:00:00:00:02'
    state_disk:
      serial: S0
`);
  });

  it('is found by the place of its card, where no card has a permanent MAC', async () => {
    const { run, read } = await machine(showing({ ...USED, files: { ...USED.files, ...CONSOLES }, commands: { ...USED.commands, ...SHOW, ip: [card('usb0', '01')] } })); // prettier-ignore
    await run('inventory-show.sh');
    const screen = await read('dev/tty0');
    expect(screen).toContain('52:54:00:00:00:01 (not permanent)  usb0');
    const code = screen.slice(screen.indexOf('coldstart-inventory 1'), screen.indexOf('To get a file'));
    for (const text of [await read('run/coldstart-inventory/inventory.json'), code])
      expect(nodeFileOf('a1', readFacts(text, 'x'), 'x')).toMatch(
        /\n {2}network:\n {4}interfaces:\n {6}# usb0: no link\. It gets another MAC.*\n {6}- name: lan\n {8}match:\n {10}path: pci-0000:00:14\.0-usb-0:3:1\.0\n$/,
      );
  });
});

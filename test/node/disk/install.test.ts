/** Installing to the state disk, with the power cut before each command that writes: no firmware ever starts half a system. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machine, type Machine, type Setup } from '../machine.ts';

const LABELS = { BIOS: 'bios', ESP: 'esp', SLOT_A: 'slot-a', SLOT_B: 'slot-b', VAR: 'var' };
const ID = '0a1b2c3d';
const CORE = `${'c'.repeat(500)}${'\0'.repeat(8)}${'d'.repeat(1000)}`;
const medium = {
  ...{ '.disk/coldstart': 'base-1\n', '.disk/info': 'coldstart\n' },
  ...{
    'live/vmlinuz': 'kernel',
    'live/initrd.img': 'initrd',
    'live/filesystem.module': 'base.squashfs\nnode.squashfs\n',
  },
  ...{
    'live/base.squashfs': 'base',
    'live/node.squashfs': 'node',
    'boot/grub/node.cfg': "set node_name='master-01'\n",
  },
};

/** Programs that write to a disk; each asks first whether the power is still there. */
const FUSE =
  'echo >>"$COLDSTART_ROOT/used"; (($(wc -l <"$COLDSTART_ROOT/used") <= $(<"$COLDSTART_ROOT/left"))) || kill -KILL 0\n';
const real = (name: string): string => `${FUSE}exec /bin/${name} "$@"`;
const COMMANDS = {
  ...{ dd: real('dd'), tee: real('tee'), cp: real('cp'), mv: real('mv') },
  sync: FUSE,
  // A file system is a folder beside its device; a mount is a link to it.
  'mkfs.ext4': `${FUSE}rm -rf "\${@: -1}.d"; mkdir "\${@: -1}.d"`,
  'mkfs.vfat': `${FUSE}rm -rf "\${@: -1}.d"; mkdir "\${@: -1}.d"`,
  mount: `device=$(readlink -e "\${@: -2:1}"); [[ -d $device.d ]] || exit 32
rm -rf "\${@: -1}"; ln -s "$device.d" "\${@: -1}"`,
  umount: '[[ -L ${@: -1} ]] || exit 32\nrm "${@: -1}"; mkdir "${@: -1}"',
  blockdev: '[[ $1 != --getsize64 ]] || echo 4294967296',
  'grub-editenv': `${FUSE}file=$1; [[ $2 == create ]] && exec touch "$file"; shift 2; printf '%s\\n' "$@" >>"$file"`,
  lsblk: `[[ "$*" == *PKNAME* ]] && echo vda || echo '{"blockdevices":[]}'`,
  findmnt: 'echo "$COLDSTART_ROOT/run/cluster/var-disk"',
  efibootmgr: 'exit 1',
};

async function withDisk(
  of: Pick<Setup, 'commands'> & { line?: string; install?: string; from?: object } = {},
): Promise<Machine> {
  const labels = Object.entries(LABELS).map(([name, label]) => `${name}_PARTLABEL=${label}-${ID}\n`);
  const env = `STATE_DISK_OWNER=lab/master-01\nINSTALL=${of.install ?? 'yes'}\n${labels.join('')}`;
  const files = Object.entries(of.from ?? medium).map(([path, text]) => [`run/live/medium/${path}`, String(text)]);
  const made = await machine({
    commands: { ...COMMANDS, ...of.commands },
    files: {
      ...{ 'etc/cluster-config/state-disk.env': env, 'proc/cmdline': `${of.line ?? 'quiet'}\n`, left: '100000\n' },
      ...{ 'usr/lib/grub/i386-pc/boot.img': `\xebc${'b'.repeat(510)}`, 'usr/lib/coldstart/disk-core.img': CORE },
      ...{ 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed': 'grub', 'dev/vda2': '', 'dev/vda3': '', 'dev/vda4': '' },
      ...{ 'usr/lib/shim/shimx64.efi.signed': 'shim', 'usr/lib/shim/mmx64.efi.signed': 'mok', 'dev/vda5': '' },
      ...{ 'dev/vda': `xx${'\0'.repeat(438)}table${'t'.repeat(67)}rest`, 'dev/vda1': '\0'.repeat(2000) },
      ...{ 'sys/class/block/vda1/start': '2048\n' },
      ...(Object.fromEntries(files) as Record<string, string>),
    },
  });
  const links = Object.values(LABELS).map(
    (label, index) => `ln -sf ../../vda${index + 1} ${made.path(`dev/disk/by-partlabel/${label}-${ID}`)}`,
  );
  await made.bash(
    `printf '\\xcd\\x18' | dd of=${made.path('dev/vda')} bs=2 conv=notrunc status=none; mkdir -p ${made.path('dev/disk/by-partlabel')}; ${links.join('; ')}; ln -s ${made.path('dev/vda5')} ${made.path('run/cluster/var-disk')}`,
  );
  return made;
}

/** What each firmware would start, and whether it is whole. */
async function firmwares(on: Machine) {
  const of = (path: string): Promise<string> => readFile(on.path(path), 'latin1').catch(() => '');
  const slot = await Promise.all(
    Object.entries(medium).map(async ([path, text]) => (await of(`dev/vda3.d/${path}`)) === text),
  );
  const esp =
    (await of('dev/vda2.d/EFI/BOOT/grubx64.efi')) === 'grub' &&
    (await of('dev/vda2.d/boot/grub/grubenv')).includes('A_OK=1');
  const menu = (await of('dev/vda2.d/boot/grub/grub.cfg')).includes(`by-partlabel/slot-b-${ID}`);
  const core = (await of('dev/vda1')).slice(508, 1508) === 'd'.repeat(1000);
  const disk = await of('dev/vda');
  return {
    isWhole: slot.every(Boolean) && esp && menu,
    hasCore: core,
    uefi: (await of('dev/vda2.d/EFI/BOOT/BOOTX64.EFI')) !== '',
    marked: (await readdir(on.path('dev/vda2.d/boot/grub')).catch((): string[] => [])).includes(`installed-${ID}`),
    bios: disk.startsWith('\xc3\xabc') || disk.startsWith('\xebc'),
    table: disk.slice(440, 512).startsWith('table'),
  };
}

/** What each firmware finds on the disk of an installed node. */
const INSTALLED = { isWhole: true, hasCore: true, uefi: true, marked: true, bios: true, table: true };

describe('a node that installs itself', () => {
  it('makes its disk start by each firmware, and says so', async () => {
    const on = await withDisk();
    expect((await on.run('cluster-install.sh')).output).toContain('the medium can be removed');
    expect(await on.steps()).toEqual(['install running', 'install done']);
    expect(await firmwares(on)).toEqual(INSTALLED);
    const core = await readFile(on.path('dev/vda1'));
    expect(core.readBigUInt64LE(500)).toBe(2049n);
    const code = await readFile(on.path('dev/vda'));
    expect([code.readBigUInt64LE(92), code.readUInt16LE(102), code.toString('latin1', 436, 445)]).toEqual([
      2048n,
      0x9090,
      'bbbbtable',
    ]);
  });

  it('writes the slot and the environment as updates read them', async () => {
    const on = await withDisk();
    await on.run('cluster-install.sh');
    const rows = Object.entries(medium).map(([path, text]) =>
      [path, createHash('sha256').update(text).digest('hex'), String(text.length)].join('\t'),
    );
    expect((await on.read('dev/vda3.d/live/files.tsv')).trim().split('\n').toSorted()).toEqual(rows.toSorted());
    await on.restart();
    await on.write('proc/cmdline', 'boot=live rauc.slot=A coldstart.image=abc\n');
    const status = JSON.parse((await on.run('cluster-update.sh', '--status')).output) as object;
    expect(status).toMatchObject({ node: 'master-01', slot: 'A', state: 'good', pending: null, image: 'abc' });
    const next = await on.bash(
      `source "$LIB_DIR/update/slots.sh"; load_node; mount_environment; slot_is_next A && ! slot_is_next B && echo "next A, other $(other_slot)"`,
    );
    expect(next.output).toBe('next A, other B');
  });

  it.each([
    [
      'of a layout without place for the boot loader',
      'rm -f dev/disk/by-partlabel/bios-*',
      'skipped install-old-layout',
    ],
    ['whose labels are on two disks', '', 'failed install-disk-unknown'],
  ])('writes nothing to a disk %s', async (_, change, end) => {
    const lsblk = `[[ "$*" == *PKNAME* ]] || exec echo '{"blockdevices":[]}'; [[ "$*" == *vda3 ]] && echo sdb || echo vda`;
    const on = await withDisk(change === '' ? { commands: { lsblk } } : {});
    await on.bash(`cd "$COLDSTART_ROOT"; ${change}`);
    const before = await readFile(on.path('dev/vda'));
    await on.run('cluster-install.sh');
    expect(await on.steps()).toEqual([`install ${end}`]);
    expect((await readFile(on.path('dev/vda'))).equals(before)).toBe(true);
    expect(await firmwares(on)).toMatchObject({ uefi: false, marked: false, bios: false });
  });

  it.each([
    ['takes an entry', 'exit 0', 'the medium can be removed'],
    [
      'has no room for an entry',
      '[[ $* != *--create* ]] || exit 5',
      'the firmware took no boot entry, so it must find the disk by itself',
    ],
    ['shows no entries', 'exit 1', 'the firmware took no boot entry, so it must find the disk by itself'],
  ])('is complete with UEFI that %s', async (_, answer, end) => {
    const efibootmgr = `echo "$*" >>"$COLDSTART_ROOT/asked"
[[ $# -gt 0 ]] || printf 'BootOrder: 0001\nBoot0001* coldstart master-01\tHD(2)\nBoot0002* coldstart master-011\tHD(2)\n'
${answer}`;
    const on = await withDisk({ commands: { efibootmgr } });
    await on.write('sys/firmware/efi/efivars/Boot0001', '');
    await on.run('cluster-install.sh');
    expect((await on.ledger()).at(-1)).toMatchObject({
      state: 'done',
      cause: '',
      message: expect.stringMatching(`${end}$`) as string,
    });
    if (answer === 'exit 1') return;
    expect((await on.read('asked')).split('\n').slice(1, 3)).toEqual([
      '--quiet --bootnum 0001 --delete-bootnum',
      `--quiet --create --disk ${on.path('dev/vda')} --part 2 --label coldstart master-01 --loader \\EFI\\BOOT\\BOOTX64.EFI`,
    ]);
  });

  it('leaves nothing half that a firmware would start, wherever the power is cut, and begins again', async () => {
    let cuts = 0;
    const step = process.env['COLDSTART_EVERY_CUT'] === undefined ? 4 : 1;
    for (let left = 0; left < 200; left += step) {
      const on = await withDisk();
      await on.write('left', `${left}\n`);
      await on.run('cluster-install.sh');
      if ((await on.steps()).includes('install done')) break;
      cuts++;
      const { isWhole, hasCore, uefi, marked, bios, table } = await firmwares(on);
      expect({ left, good: isWhole || !(uefi || marked || bios), core: hasCore || !bios, table }).toEqual({
        left,
        good: true,
        core: true,
        table: true,
      });
      await on.write('left', '100000\n');
      await on.bash(`rm -rf ${on.path('run/cluster/esp')} ${on.path('run/cluster/slot')}`);
      await on.run('cluster-install.sh');
      const after = await firmwares(on);
      expect({ left, ...after, marked: true, bios: after.bios || marked }).toEqual({ left, ...INSTALLED });
    }
    expect(cuts * step).toBeGreaterThan(20);
  });

  it.each([
    ['where the image does not ask for it', { install: 'no' }, []],
    ['without kernel on the medium', { from: { 'live/base.squashfs': 'base' } }, ['install skipped install-no-medium']],
    [
      'where a byte comes back changed',
      { commands: { sync: `${FUSE}echo x >>"$COLDSTART_ROOT/dev/vda3.d/live/vmlinuz"` } },
      ['install running', 'install failed install-copy-failed'],
    ],
  ])('does nothing, or stops, %s', async (_, of, steps) => {
    const on = await withDisk(of);
    await on.run('cluster-install.sh');
    expect(await on.steps()).toEqual(steps);
    expect(await firmwares(on)).toMatchObject({ uefi: false, marked: false, bios: false, table: true });
  });

  it('leaves an installed system to itself, unless a person asks otherwise', async () => {
    const on = await withDisk();
    await on.run('cluster-install.sh');
    await on.restart();
    await on.bash(`ln -s ${on.path('dev/vda5')} ${on.path('run/cluster/var-disk')}`);
    for (const [path, text] of Object.entries(medium)) await on.write(`run/live/medium/${path}`, text);
    await on.write('run/live/medium/live/vmlinuz', 'other kernel');
    await on.run('cluster-install.sh');
    expect((await on.steps()).at(-1)).toBe('install skipped install-already');
    expect(await on.read('dev/vda3.d/live/vmlinuz')).toBe('kernel');
    await on.write('proc/cmdline', 'quiet coldstart.install=again\n');
    expect((await on.run('cluster-install.sh')).output).toContain('the medium can be removed');
    expect(await on.read('dev/vda3.d/live/vmlinuz')).toBe('other kernel');
    await on.write('proc/cmdline', 'quiet rauc.slot=A\n');
    await on.run('cluster-install.sh');
    expect((await on.ledger()).at(-1)?.message).toContain('runs from slot A');
    expect(await on.read('dev/vda2.d/boot/grub/grubenv')).toMatch(/A_OK=1\nA_TRY=0\nA_TRIED=1\n/);
  });
});

describe('a medium beside an installed system', () => {
  const image = (id: string): string => `set node_name='master-01'\nset node_image='${id}'\n`;

  /** Whether it yields, and the image that is installed. @param line the kernel's command line of a boot from the medium */
  async function yields(on: Machine, line: string): Promise<string> {
    await on.write('proc/cmdline', `boot=live ${line} coldstart.node=master-01\n`);
    const { output } = await on.bash(
      `for part in slot loader yield; do source "$LIB_DIR/install/$part.sh"; done; load_node; load_state_disk
if yields_to_installed "$COLDSTART_ROOT/dev/vda"; then echo "to $INSTALLED_IMAGE"; start_installed master-01 && echo restarts; else echo no; fi`,
    );
    return output;
  }

  it('yields to another image on the disk, and asks UEFI once to start it', async () => {
    const efibootmgr = `echo "$*" >>"$COLDSTART_ROOT/asked"; [[ $# -gt 0 ]] || printf 'Boot0003* coldstart master-01\\tHD(2)\\n'`;
    const on = await withDisk({ commands: { efibootmgr }, from: { ...medium, 'boot/grub/node.cfg': image('new') } });
    expect(await yields(on, 'coldstart.image=new')).toBe('no');
    await on.run('cluster-install.sh');
    expect(await yields(on, 'coldstart.image=new')).toBe('no');
    expect(await yields(on, 'coldstart.image=old coldstart.install=again')).toBe('no');
    expect(await yields(on, 'coldstart.image=old coldstart.medium=stay')).toBe('no');
    expect(await yields(on, 'coldstart.image=new rauc.slot=A')).toBe('no');
    expect(await yields(on, 'coldstart.image=old')).toBe('to new\nrestarts');
    expect((await on.read('asked')).trim().split('\n').at(-1)).toBe('--quiet --bootnext 0003');
    expect(await yields(on, 'coldstart.image=old')).toBe('to new');
    // The disk has started after all, and was updated.
    await on.write('proc/cmdline', 'boot=live rauc.slot=A coldstart.image=new\n');
    await on.run('cluster-install.sh');
    await on.write('dev/vda4.d/boot/grub/node.cfg', image('newer'));
    await on.write('dev/vda2.d/boot/grub/grubenv', 'ORDER=B A\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n');
    expect(await yields(on, 'coldstart.image=new')).toBe('to newer\nrestarts');
  });

  it('goes on if it came over the network', async () => {
    const on = await withDisk({ from: { ...medium, 'boot/grub/node.cfg': image('new') } });
    await on.run('cluster-install.sh');
    await on.bash('rm "$COLDSTART_ROOT/run/live/medium/live/vmlinuz"');
    expect(await yields(on, 'coldstart.image=old')).toBe('no');
  });
});

/**
 * State disks as files: the output of `lsblk` for them, and fakes of sfdisk and systemd-repart that leave the results that the
 * scripts check.
 */
import { open, truncate } from 'node:fs/promises';
import { type Machine, machine, type Setup } from '../machine.ts';

export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;
export const CLAIM_AT = 512 * 1024;

interface Disk {
  readonly size?: number;
  readonly model?: string | null;
  readonly serial?: string | null;
  readonly wwn?: string | null;
  readonly rota?: boolean;
  readonly ro?: boolean;
  readonly type?: string;
  readonly mountpoints?: readonly (string | null)[];
  readonly children?: readonly object[];
}

/** What `lsblk --json` says of these disks, by name under /dev. */
export function lsblk(disks: Readonly<Record<string, Disk>>): string {
  const blockdevices = Object.entries(disks).map(([name, disk]) => ({
    ...{ name, path: `/dev/${name}`, type: 'disk', size: 20 * GIB, rota: false, ro: false, mountpoints: [null] },
    ...{ model: 'QEMU HARDDISK', serial: null, wwn: null },
    ...disk,
  }));
  return JSON.stringify({ blockdevices });
}

function selector(of: Readonly<Record<string, string>>): string {
  const own = { SLOT_A_PARTLABEL: 'slot-a-0a1b2c3d', SLOT_B_PARTLABEL: 'slot-b-0a1b2c3d' };
  const values = { STATE_DISK_OWNER: 'lab/master-01', VAR_PARTLABEL: 'var-0a1b2c3d', ...own, ...of };
  return Object.entries(values)
    .map(([name, value]) =>
      `STATE_DISK_${name}=${JSON.stringify(value)}\n`.replace(/^STATE_DISK_(?=STATE|VAR|SLOT)/, ''),
    )
    .join('');
}

/** A machine whose lsblk reports the given disks. */
export function withDisks(
  disks: Readonly<Record<string, Disk>>,
  asked: Readonly<Record<string, string>>,
): Promise<Machine> {
  return machine({
    files: { 'etc/cluster-config/state-disk.env': selector(asked) },
    commands: { lsblk: `cat <<'EOF'\n${lsblk(disks)}\nEOF` },
  });
}

/** The commands that a file needs in order to be a disk, and those that would need a kernel. */
function diskCommands(disk: string, partition: string): Record<string, string> {
  const tree = JSON.stringify({
    blockdevices: [{ name: 'disk', path: disk, type: 'disk', size: 20 * GIB, ro: false }],
  });
  return {
    lsblk: `[[ "$*" != *--json* ]] || cat <<'EOF'\n${tree}\nEOF`,
    blockdev: 'exec stat -c %s "$2"',
    findmnt: 'exit 1',
    e2fsck: 'exit 0',
    // The protective MBR has a signature, and the boot code that was there before.
    sfdisk: `printf 'EFI PART' | dd of="\${@: -1}" bs=512 seek=1 conv=notrunc status=none
printf '\\125\\252' | dd of="\${@: -1}" bs=1 seek=510 conv=notrunc status=none`,
    // Partitions are written last.
    'systemd-repart': `mkdir -p "$(dirname ${partition})"
touch ${partition}`,
  };
}

/** `master-01` with one blank disk of 20 GiB, a sparse file. */
export async function withBlankDisk(setup: Setup = {}, size = 20 * GIB): Promise<Machine & { readonly disk: string }> {
  const repart = ['1M', '512M', '4G', '4G', '2G'].map((least, index) => [
    `etc/repart.d/${index}0-x.conf`,
    `[Partition]\nSizeMinBytes=${least}\n`,
  ]);
  const made = await machine({
    ...setup,
    files: {
      'etc/cluster-config/state-disk.env': selector({}),
      disk: '',
      ...(Object.fromEntries(repart) as Record<string, string>),
      ...setup.files,
    },
  });
  const disk = made.path('disk');
  await truncate(disk, size);
  const commands = { ...diskCommands(disk, made.path('dev/disk/by-partlabel/var-0a1b2c3d')), ...setup.commands };
  for (const [name, body] of Object.entries(commands)) await made.command(name, body);
  return { ...made, disk };
}

export async function put(disk: string, offset: number, text: string): Promise<void> {
  const file = await open(disk, 'r+');
  await file.write(Buffer.from(text), 0, text.length, offset);
  await file.close();
}

/** The text of 4096 bytes. */
export async function block(disk: string, offset: number): Promise<string> {
  const file = await open(disk, 'r');
  const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, offset);
  await file.close();
  return buffer.toString('latin1').replace(/\0+$/, '');
}

/**
 * The state disk of a node that has installed itself, made without starting a machine: the node's own script writes into files, which
 * are then put together. Minutes faster than a boot in an emulator.
 */
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/builder/system/run.ts';
import { machine, type Machine } from '../node/machine.ts';

interface InstalledNode {
  readonly iso: string;
  /** The node's tree in the output folder. */
  readonly tree: string;
}

interface Partition {
  readonly start: number;
  readonly size: number;
  readonly name: string;
}

const SECTOR = 512;
const tool = (command: string, ...args: string[]): Promise<string> =>
  run({ command, args, reason: 'make an installed disk' });

/** File systems are folders beside their devices; where one is unmounted, it becomes the file system in the device's file. */
const COMMANDS = {
  'mkfs.vfat': `exec /usr/sbin/mkfs.vfat "$@"`,
  'mkfs.ext4': 'rm -rf "${@: -1}.d"; mkdir "${@: -1}.d"',
  mount: `device=$(readlink -e "\${@: -2:1}")
if [[ "$*" == *vfat* ]]; then rm -rf "$device.d"; mkdir "$device.d"; mcopy -s -n -i "$device" '::*' "$device.d/" 2>/dev/null || true; fi
rm -rf "\${@: -1}"; ln -s "$device.d" "\${@: -1}"`,
  umount: `target=\${@: -1}; [[ -L $target ]] || exit 32
folder=$(readlink -e "$target"); device=\${folder%.d}; rm "$target"; mkdir "$target"
case $device in
  *2) mkfs.vfat "$device" >/dev/null; mcopy -s -i "$device" "$folder"/* ::/ ;;
  *) mke2fs -q -F -t ext4 -m 0 -O ^metadata_csum_seed,^orphan_file -d "$folder" "$device" ;;
esac`,
  blockdev: '[[ $1 != --getsize64 ]] || stat -L -c %s "$2"',
  'grub-editenv': `file=$1; shift
if [[ $1 == create ]]; then variables=(); else shift; variables=("$@"); fi
{ printf '# GRUB Environment Block\\n'; for one in "\${variables[@]}"; do printf '%s\\n' "$one"; done; printf '%1024s' '' | tr ' ' '#'; } | head -c 1024 >"$file.new"
mv "$file.new" "$file"`,
  lsblk: 'echo vda',
  findmnt: 'echo "$COLDSTART_ROOT/run/cluster/var-disk"',
  efibootmgr: 'exit 1',
};

/** @param output the disk, 20 GiB, a sparse file. Removes files of its own at the end of the test. */
export async function makeInstalledDisk({ iso, tree }: InstalledNode, output: string): Promise<void> {
  const on = await machine({ commands: COMMANDS });
  const base = await unpack(on, iso, tree);
  const partitions = await partition(on, base, output);
  await mkdir(on.path('dev/disk/by-partlabel'), { recursive: true });
  for (const [index, { start, size, name }] of partitions.entries()) {
    const device = on.path(`dev/vda${String(index + 1)}`);
    await tool(
      'dd',
      `if=${output}`,
      `of=${device}`,
      'bs=1M',
      'iflag=skip_bytes,count_bytes',
      'conv=sparse',
      'status=none',
      `skip=${String(start * SECTOR)}`,
      `count=${String(size * SECTOR)}`,
    );
    await truncate(device, size * SECTOR);
    await on.write(`sys/class/block/vda${String(index + 1)}/start`, `${String(start)}\n`);
    await symlink(`../../vda${String(index + 1)}`, on.path(`dev/disk/by-partlabel/${name}`));
  }
  await tool('mke2fs', '-q', '-F', '-t', 'ext4', '-d', join(base, 'var'), on.path('dev/vda5'));
  await symlink(on.path('dev/vda5'), on.path('run/cluster/var-disk'));
  await symlink(output, on.path('dev/vda'));
  const { status, output: said } = await on.run('cluster-install.sh');
  if (status !== 0 || !said.includes('the medium can be removed')) throw new Error(said);
  for (const [index, { start }] of partitions.entries()) {
    await tool(
      'dd',
      `if=${on.path(`dev/vda${String(index + 1)}`)}`,
      `of=${output}`,
      'bs=1M',
      'oflag=seek_bytes',
      'conv=notrunc,sparse',
      'status=none',
      `seek=${String(start * SECTOR)}`,
    );
  }
}

/** The medium, the node's settings, and the programs of the boot loader from the base layer, whose root this returns. */
async function unpack(on: Machine, iso: string, tree: string): Promise<string> {
  const medium = on.path('run/live/medium');
  await mkdir(medium, { recursive: true });
  await tool('osirrox', '-indev', iso, '-extract', '/', medium);
  const base = on.path('base');
  await tool(
    'unsquashfs',
    '-q',
    '-n',
    '-d',
    base,
    join(medium, 'live/base.squashfs'),
    'var',
    'usr/lib/shim',
    'usr/lib/grub',
    'usr/lib/coldstart',
  );
  for (const folder of ['shim', 'grub', 'coldstart']) {
    await mkdir(on.path('usr/lib'), { recursive: true });
    await symlink(join(base, 'usr/lib', folder), on.path(`usr/lib/${folder}`));
  }
  for (const folder of ['cluster-config', 'repart.d']) {
    await rm(on.path(`etc/${folder}`), { recursive: true, force: true });
    await tool('cp', '-r', join(tree, 'etc', folder), on.path('etc'));
  }
  return base;
}

/** What `cluster-disk.sh` does, without mounting anything: table, file systems, and the two blocks that say whose disk it is. */
async function partition(on: Machine, base: string, output: string): Promise<Partition[]> {
  await rm(output, { force: true });
  await writeFile(output, '');
  await truncate(output, 20 * 2 ** 30);
  const { status, output: said } = await on.bash(
    `sed -i '/^CopyFiles=/d' "$REPART_DIR"/40-var.conf
load_node; load_state_disk; write_claim ${output}; pass_boot_on ${output}; _make_empty_table ${output}
systemd-repart --dry-run=no --empty=refuse --discard=no --pretty=no --root=${base} --definitions="$REPART_DIR" ${output}; write_layout_finished ${output}`,
  );
  if (status !== 0) throw new Error(said);
  const table = JSON.parse(await tool('sfdisk', '--json', output)) as { partitiontable: { partitions: Partition[] } };
  return table.partitiontable.partitions;
}

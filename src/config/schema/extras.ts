/** Settings that both the cluster and a node have (files, units, hooks, kernel, packages), and settings of users and disks. */
import * as z from 'zod';
import { content, line, mode, name, size } from './forms.ts';
import {
  absolutePath,
  hookName,
  kernelArgument,
  kernelModule,
  packageName,
  passwordHash,
  reference,
  sshKey,
  sysctlKey,
  unitName,
  userName,
} from './names.ts';
import { group, matching, textOrNumber } from './scalar.ts';

const owner = matching('`root` or numbers like `"1000:1000"` (user:group)', /^(root|\d{1,9}(:\d{1,9})?)$/, [
  'root',
  '1000:1000',
]);

const written = {
  content: content.optional().describe('The text itself. Either this or `source`.'),
  source: reference
    .optional()
    .describe('A UTF-8 file relative to the folder of `cluster.yaml`. Either this or `content`.'),
};

const file = group('a file', {
  path: absolutePath.describe('Absolute path on the node.'),
  ...written,
  mode: mode.prefault('0644').describe('Permission bits, octal, in quotes.'),
  owner: owner.prefault('root').describe('`root`, or numbers as `"user:group"`.'),
  secret: z.boolean().prefault(false).describe('Whether the content is shown as a digest only.'),
});

const unit = group('a unit', {
  name: unitName.describe('File name with suffix.'),
  ...written,
  enabled: z.boolean().prefault(true).describe('Whether the unit is enabled at boot.'),
});

const hook = group('a hook', {
  name: hookName.describe('Name of the hook. Hooks with the same `when` run in the order of this list.'),
  when: z
    .enum(['after-network', 'before-bootstrap', 'after-join'])
    .describe('When it runs: when the network is up, before the bootstrap, or when the node has joined.'),
  ...written,
});

/** Keys that the cluster sets for all nodes, and to which a node adds its own entries. */
export const extras = {
  kernel_modules: z.array(kernelModule).optional().describe('Kernel modules loaded at boot.'),
  sysctl: z
    .record(sysctlKey, textOrNumber)
    .optional()
    .describe("Kernel settings. A node's value replaces the cluster's."),
  files: z.array(file).optional().describe('Extra files.'),
  units: z.array(unit).optional().describe('Extra systemd units.'),
  hooks: z.array(hook).optional().describe('Scripts that run at a given moment of the boot.'),
};

export const kernelArgs = z.array(kernelArgument);
export const packages = z.array(packageName);

export const user = group('a user', {
  name: userName.describe('Login name.'),
  ssh_keys: z
    .array(sshKey)
    .prefault([])
    .describe(
      'Public keys that may log in by SSH. Options of sshd(8) may stand before a key, e.g. `from="10.0.0.0/8"`.',
    ),
  groups: z.array(userName).prefault([]).describe('Further groups.'),
  sudo: z.boolean().prefault(false).describe('Whether the user may become root without a password.'),
  shell: absolutePath.prefault('/bin/bash').describe('Login shell.'),
  password_hash: passwordHash
    .optional()
    .describe('crypt(5) hash of the console password; a secret. Default: no password login.'),
});

export const users = z.array(user);

export const diskSelector = group('a disk selector', {
  by_id: line.optional().describe('Name below `/dev/disk/by-id/`.'),
  wwn: line.optional().describe('World wide name, e.g. `0x5000c500a1b2c3d4`.'),
  serial: line.optional().describe('Serial number as `lsblk -o SERIAL` prints it.'),
  model: line.optional().describe('Model as `lsblk -o MODEL` prints it.'),
  path: absolutePath
    .optional()
    .describe('Device path. Only paths below `/dev/disk/by-path/` stay the same between boots.'),
  min_size: size.optional().describe('Smallest size, e.g. `"40G"`.'),
  max_size: size.optional().describe('Largest size, e.g. `"2T"`.'),
  rotational: z.boolean().optional().describe('Whether it is a spinning disk.'),
});

const mountPoint = matching(
  'an absolute path of letters, digits, `-`, `_`, `:` and dots, without `..`, `//` or a `/` at the end',
  /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9:._-]+)+$/,
  ['/srv/data'],
);

export const partition = group('a partition', {
  mount: mountPoint.describe('Where it is mounted.'),
  filesystem: z.enum(['ext4', 'xfs']).prefault('ext4').describe('Its file system.'),
  size: size.optional().describe('Its size, e.g. `"200G"`. Default: the rest of the disk, in equal parts.'),
});

export const dataDisk = group('a data disk', {
  name: name.describe('Name of the disk, which is written on it: a disk with another name is refused.'),
  disk: diskSelector.describe('The disk. Exactly one disk must match all given settings.'),
  partitions: z.array(partition).min(1).max(16).describe('Its partitions. They are made once, on a blank disk.'),
});

export type WrittenFile = z.output<typeof file>;
export type WrittenUnit = z.output<typeof unit>;
export type WrittenHook = z.output<typeof hook>;
export type WrittenUser = z.output<typeof user>;
export type WrittenDataDisk = z.output<typeof dataDisk>;
export type WrittenDisk = z.output<typeof diskSelector>;

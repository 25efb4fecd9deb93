/**
 * Kernel arguments that break the boot of a node. They come after those of the boot loader's menu, and the later argument
 * takes precedence (scripts/base-layer/grub.cfg; overlays/common/usr/local/lib/coldstart/install/grub.cfg; live-boot(7); initramfs-tools(7); kernel-command-line(7)).
 */

/** The properties of a node that decide whether an argument is harmful. */
export interface BootSurroundings {
  readonly isKubernetes: boolean;
  readonly usesIpv6: boolean;
  /** Modules that the user lists, with underscores. */
  readonly modules: ReadonlySet<string>;
}

interface Trouble {
  readonly argument: RegExp;
  /** Ends a sentence. */
  readonly reason: string;
}

const ofLiveBoot =
  'boot(=|$)|root=|rootfstype=|rootflags=|nfsroot=|nfsopts=|netboot(=|$)|fetch=|httpfs=|ftpfs=|iscsi=|findiso=|fromiso=|isofrom=|' +
  'live-media=|bootfrom=|live-media-path=|live-media-offset=|module=|union=|todisk=|nfsoverlay=|dm-verity-|exposedroot$|plainroot$|skipunion$|ignore_uuid$|noinitrd$';

/** Targets with which nodes work. */
const goodTargets = '(multi-user|graphical|default)\\.target$';
const goodInits = '(/usr)?(/lib/systemd/systemd|/sbin/init)$';

/** Units that a node needs; the names of coldstart's own units start with `cluster-`. */
const neededUnits =
  '(cluster-.+|NetworkManager|containerd|kubelet|kube-.+|etcd|haproxy|keepalived|chrony|dbus|systemd-(udevd|sysusers|sysctl|modules-load)|ceph-.+)\\.service|var\\.mount|multi-user\\.target|local-fs\\.target|network-online\\.target';

const BREAKS: readonly Trouble[] = [
  {
    argument: new RegExp(`^(${ofLiveBoot})`),
    reason: 'the node must find its system on its own boot medium',
  },
  {
    argument: /^toram=/,
    reason:
      'the node would have this one file of its medium in memory, and none of the others; `toram` alone copies them all',
  },
  { argument: /^nomodule$/, reason: 'the kernel would load no module' },
  { argument: /^persistence(-|=|$)/, reason: 'only `/var` is kept from boot to boot, on the state disk' },
  { argument: new RegExp(`^(init|rdinit)=(?!${goodInits})`), reason: 'only systemd can start the services of a node' },
  {
    argument: new RegExp(`^(single|s|S|1|emergency|rescue|break(=.*)?|systemd\\.unit=(?!${goodTargets}).*)$`),
    reason: 'the boot would stop before the services of the cluster start',
  },
  { argument: new RegExp(`^systemd\\.mask=(${neededUnits})$`), reason: 'a node needs this unit' },
  { argument: /^systemd\.(machine_id|hostname)=/, reason: 'the identity of a node comes with its image' },
  { argument: /^coldstart\.(?!try_wait=)/, reason: 'coldstart sets this argument itself' },
  { argument: /^systemd\.volatile(=(?!(no|off|false|0)$)|$)/, reason: 'systemd would hide the files of the image' },
  { argument: /^systemd\.run=/, reason: 'the node would run only this command and switch off' },
];

/** The kubelet needs cgroup v2 with these controllers (kubernetes.io, "About cgroup v2"; systemd's NEWS of 256). */
const BREAKS_KUBERNETES: readonly Trouble[] = [
  {
    argument: /^systemd\.(unified_cgroup_hierarchy=(0|no|off|false)|legacy_systemd_cgroup_controller(=|$))/,
    reason: 'systemd in Debian trixie supports only cgroups version 2',
  },
  {
    argument: /^cgroup_disable=(.*,)?(memory|cpu|cpuset|pids)(,|$)/,
    reason: 'the kubelet does not start without this cgroup controller',
  },
];

const IDLE: readonly Trouble[] = [
  { argument: /^ro$/, reason: 'the root file system of a node is an overlay in memory and always writable' },
  {
    argument: /^(ip|nameserver|dns|BOOTIF|ethdevice|vlan|bond|bridge|team|ifname)=|^(no)?dhcp$/,
    reason: 'NetworkManager configures the NICs, according to `network.interfaces`',
  },
  { argument: /^rd\./, reason: 'the initial RAM disk is made by initramfs-tools, not by dracut' },
  { argument: /^(selinux|enforcing)=1$|^security=selinux$/, reason: 'the base layer has no policy for SELinux' },
  {
    argument:
      /^(hostname|username|user-fullname|user-default-groups|locales|timezone|keyboard-layouts)=|^(live-config|components|nocomponents|noautologin|nottyautologin|user-password|keyboard-(model|variants|options))([.=]|$)/,
    reason: 'only live-config reads it, which is not in the image',
  },
];

/** Modules that a node needs to start, and modules that Kubernetes needs. */
const NEEDED = {
  always: new Set('overlay squashfs loop isofs ext4 vfat nls_ascii nls_cp437'.split(' ')),
  kubernetes: new Set(
    'br_netfilter bridge veth nf_conntrack nf_nat nf_tables nft_compat x_tables ip_tables ip_set xt_conntrack'.split(
      ' ',
    ),
  ),
};

/** Why the node would not start with an argument, as the end of a sentence. */
export function whyItBreaks(argument: string, surroundings: BootSurroundings): string | undefined {
  const whole = withSuffix(argument);
  const found = [...BREAKS, ...(surroundings.isKubernetes ? BREAKS_KUBERNETES : [])].find((one) =>
    one.argument.test(whole),
  );
  if (found) return found.reason;
  if (surroundings.usesIpv6 && /^ipv6\.disable(_ipv6)?=1$/.test(argument)) return 'the cluster has IPv6 addresses';
  return whyModulesAreNeeded(argument, surroundings);
}

/** A unit without a suffix is a service (systemd, debug-generator.c: `unit_name_mangle_with_suffix`). */
const withSuffix = (argument: string): string => argument.replace(/^systemd\.mask=[^.]+$/, '$&.service');

function whyModulesAreNeeded(argument: string, { isKubernetes, modules }: BootSurroundings): string | undefined {
  const list = /^(module_blacklist|modprobe\.blacklist|blacklist)=(.*)$/.exec(argument)?.[2];
  const barred = list?.split(',').map(moduleName) ?? [];
  const needed = barred.find((name) => NEEDED.always.has(name) || (isKubernetes && NEEDED.kubernetes.has(name)));
  if (needed !== undefined) return `the node needs the module \`${needed}\``;
  const wanted = barred.find((name) => modules.has(name));
  return wanted === undefined ? undefined : `\`kernel_modules\` asks for \`${wanted}\``;
}

/** Why an argument has no effect, as the end of a sentence. */
export const whyIdle = (argument: string): string | undefined =>
  IDLE.find((one) => one.argument.test(argument))?.reason;

/** In names of modules, `-` and `_` are the same for the kernel. */
export const moduleName = (name: string): string => name.replaceAll('-', '_');

/** In bytes, including the final NUL (arch/x86/include/asm/setup.h, `COMMAND_LINE_SIZE`). */
const COMMAND_LINE_SIZE = 2048;

/** The arguments from the boot loader of an installed node, which are the longest, before the node's name and its own arguments. */
export const COMMAND_LINE_START = [
  'BOOT_IMAGE=/live/vmlinuz boot=live nofstab nonetworking nopersistence oops=panic panic=10 coldstart.try=yes',
  `live-media=/dev/disk/by-partlabel/slot-a-${'0'.repeat(8)} rauc.slot=A coldstart.image=${'0'.repeat(64)} coldstart.node=`,
].join(' ');

/** The number of bytes that the kernel would cut off from the arguments of a node. */
export function bytesTooMany(name: string, args: readonly string[]): number {
  return Math.max(0, [`${COMMAND_LINE_START}${name}`, ...args].join(' ').length - (COMMAND_LINE_SIZE - 1));
}

/**
 * Facts about the base layer for checks of the user's files: Debian trixie's merged `/usr` and accounts, and the changes of our
 * own hooks (`scripts/base-layer`). `rules/files/node-paths.ts` uses them. `test/image/base-system/base-system.test.ts`
 * compares them with a real base layer.
 */

/** Links to folders, with their targets. A folder in the layer above would hide the link and its target. */
export const FOLDER_LINKS: Readonly<Record<string, string>> = {
  '/bin': '/usr/bin',
  '/etc/xdg/systemd/user': '/etc/systemd/user',
  '/lib': '/usr/lib',
  '/lib64': '/usr/lib64',
  '/sbin': '/usr/sbin',
  '/usr/lib/ssl/certs': '/etc/ssl/certs',
  '/usr/lib/ssl/private': '/etc/ssl/private',
  '/usr/local/man': '/usr/local/share/man',
  '/var/lib/dpkg': '/usr/lib/dpkg-database',
  '/var/lock': '/run/lock',
  '/var/run': '/run',
  '/var/spool/mail': '/var/mail',
};

/** Folders with a mount at every boot: file-hierarchy(7); `/tmp` is a tmpfs since trixie (its release notes, 2.2.4). */
export const EMPTY_AT_BOOT: readonly string[] = ['/dev', '/proc', '/run', '/sys', '/tmp'];

/** The mount point of the state disk (`var.mount`), on nodes that have one. */
export const STATE_FOLDER = '/var';

/** Debian's package database, moved by `customize.sh`. */
export const PACKAGE_DATABASE = '/usr/lib/dpkg-database';

/** The accounts, and the backup copies of their tools: passwd(5), group(5), shadow(5), gshadow(5). */
export const ACCOUNT_FILES: readonly string[] = ['passwd', 'group', 'shadow', 'gshadow'].flatMap((name) => [
  `/etc/${name}`,
  `/etc/${name}-`,
]);

const below = (folder: string, names: string): readonly string[] => names.split(' ').map((name) => `${folder}/${name}`);

/** Folders of which {@link BASE_FOLDERS} also lists the subfolders. */
export const BASE_PARENTS = [
  '/etc/NetworkManager',
  '/etc/apt',
  '/etc/ssh',
  '/etc/ssl',
  '/etc/systemd',
  '/etc/udev',
  '/usr/lib',
  '/usr/lib/systemd',
  '/usr/local',
];

/** The folders of the first two levels, and of {@link BASE_PARENTS}: a file in the place of one would hide its content. */
export const BASE_FOLDERS: readonly string[] = [
  ...below('', 'boot dev etc home media mnt opt proc root run srv sys tmp usr var'),
  ...below(
    '/etc',
    'NetworkManager alternatives apparmor.d apt binfmt.d ca-certificates chrony containerd credstore credstore.encrypted cron.d ' +
      'cron.daily dbus-1 default depmod.d dhcp dpkg grub.d gss haproxy init.d initramfs-tools keepalived kernel ld.so.conf.d ' +
      'libnl-3 live logrotate.d modprobe.d modules-load.d network opt pam.d ppp profile.d rc0.d rc1.d rc2.d rc3.d rc4.d rc5.d ' +
      'rc6.d rcS.d rsyslog.d runit security selinux sensors.d skel snmp ssh ssl sudoers.d sv sysctl.d systemd terminfo ' +
      'tmpfiles.d udev ufw update-motd.d xdg',
  ),
  ...below('/etc/NetworkManager', 'VPN conf.d dispatcher.d dnsmasq-shared.d dnsmasq.d system-connections'),
  ...below('/etc/apt', 'apt.conf.d auth.conf.d keyrings preferences.d sources.list.d trusted.gpg.d'),
  ...below('/etc/ssh', 'ssh_config.d sshd_config.d'),
  ...below('/etc/ssl', 'certs private'),
  ...below('/etc/systemd', 'network system user'),
  ...below('/etc/udev', 'hwdb.d rules.d'),
  ...below('/usr', 'bin games include lib lib64 libexec local sbin share src'),
  ...below(
    '/usr/lib',
    'NetworkManager apt cni coldstart dbus-1.0 depmod.d dpkg dpkg-database dracut environment.d firewalld firmware grub init kernel klibc ' +
      'live locale lsb mime modprobe.d modules networkd-dispatcher openssh pam.d pcrlock.d pppd runit-helper sasl2 shim ssl ' +
      'sysctl.d systemd sysusers.d tmpfiles.d udev x86_64-linux-gnu',
  ),
  ...below(
    '/usr/lib/systemd',
    'catalog journald.conf.d network ntp-units.d profile.d repart ssh_config.d system system-generators system-preset ' +
      'system.conf.d user user-environment-generators user-generators user-preset user.conf.d',
  ),
  ...below('/usr/local', 'bin etc games include lib libexec sbin share src'),
  ...below('/var', 'backups cache lib local log mail opt spool tmp'),
];

/** Files that have no effect on a node, because another program writes them or no program reads them. */

interface KeptFile {
  readonly path: RegExp;
  /** The end of "… has no effect: ". */
  readonly reason: string;
  /** What to do instead. */
  readonly instead: string;
  /** Additions of the user that read the file after all: packages, units, scripts. */
  readonly unless?: RegExp;
}

const INTERFACES = 'NetworkManager runs the interfaces';
const SET_INTERFACES = 'set `interfaces` and `routes` of the node';

const INSTEAD = {
  cron: 'write a timer below `units`, or add the package `cron` to `cluster.image.packages`',
  logrotate: 'the journal limits itself; add the package `logrotate` to `cluster.image.packages` for other files',
  rsyslog: 'add the package `rsyslog` to `cluster.image.packages`',
  ntpsec: 'chrony sets the clock: set `cluster.networking.ntp`',
};

export const KEPT_FILES: readonly KeptFile[] = [
  {
    // mount(8): a link to the kernel's list of mounts
    path: /^\/etc\/mtab$/,
    reason: 'it is a link to the list of mounts in the kernel, and a file in its place would be outdated',
    instead: 'remove it; write mounts into `/etc/fstab` or a unit',
  },
  {
    // `HostKey` in our sshd_config.d
    path: /^\/etc\/ssh\/ssh_host_/,
    reason: 'nodes have host keys of their own, in the image and on the state disk',
    instead: 'rename it, and set `HostKey` to its path in a file below `/etc/ssh/sshd_config.d`',
  },
  {
    // nodes have our own grub.cfg; only Debian's grub-mkconfig would read these files
    path: /^\/(boot|etc\/grub\.d|etc\/default\/grub(\.d)?)(\/|$)/,
    reason: 'nodes use the kernel and boot loader of their boot medium or of the state disk',
    instead: 'set kernel arguments with `cluster.image.kernel_args`',
  },
  {
    // netplan(5); the base layer does not have it
    path: /^\/etc\/netplan\/[^/]+\.yaml$/,
    reason: `${INTERFACES}, and nodes do not have netplan`,
    instead: SET_INTERFACES,
    unless: /netplan/,
  },
  {
    // interfaces(5); the base layer does not have ifupdown
    path: /^\/etc\/network\/(interfaces(\.d\/.+)?|if-(pre-up|up|down|post-down)\.d\/.+)$/,
    reason: `${INTERFACES}, and nodes do not have ifupdown`,
    instead: SET_INTERFACES,
    unless: /\bifup/,
  },
  {
    // systemd.network(5), systemd.netdev(5); udev reads the files `.link`. No preset enables systemd-networkd in Debian.
    path: /^\/(etc|usr\/lib|usr\/local\/lib)\/systemd\/network\/[^/]+\.(network|netdev)$/,
    reason: `${INTERFACES}, and systemd-networkd does not run`,
    instead: SET_INTERFACES,
    unless: /networkd/,
  },
  {
    // in Debian, systemd-timesyncd is a separate package, which chrony replaces
    path: /^\/etc\/systemd\/timesyncd\.conf(\.d\/.+)?$/,
    reason: 'chrony sets the clock',
    instead: 'set `cluster.networking.ntp`',
    unless: /timesyncd/,
  },
  {
    // release notes of Debian trixie: systemd-sysctl no longer reads it
    path: /^\/etc\/sysctl\.conf$/,
    reason: 'only files below `/etc/sysctl.d` are read at boot',
    instead: 'set `sysctl`, of the cluster or of a node',
    unless: /\bsysctl\b.*(-\w*p|--load|--system)/,
  },
  {
    // initramfs-tools(7): the build makes the initramfs with the base layer, before it adds files of nodes
    path: /^\/etc\/initramfs-tools\//,
    reason: 'the initramfs is created earlier, with the base layer',
    instead: 'set `kernel_modules` for modules, and `cluster.image.kernel_args` for arguments',
  },
  {
    // `AuthorizedKeysFile` in our sshd_config.d
    path: /^\/(root|home\/[^/]+)\/\.ssh\/authorized_keys2?$/,
    reason: 'sshd reads the keys of a user from `/etc/ssh/authorized_keys.d`',
    instead: 'set `ssh_keys` of the user below `cluster.users`',
    unless: /AuthorizedKeysFile|AuthorizedKeysCommand/i,
  },
  {
    // update-ca-certificates(8) ran at the build of the base layer
    path: /^\/usr\/local\/share\/ca-certificates\/.+\.crt$/,
    reason: 'nothing adds it to the CAs that programs trust',
    instead: 'run `update-ca-certificates` in a hook; for a registry, set its `ca_file`',
    unless: /\bca-certificates\b/,
  },
  ...(
    [
      ['cron', /^\/etc\/(crontab|cron\.(d|hourly|daily|weekly|monthly)\/.+)$/, /\bcron/],
      ['logrotate', /^\/etc\/logrotate\.(conf|d\/.+)$/, /\blogrotate/],
      ['rsyslog', /^\/etc\/rsyslog\.(conf|d\/.+)$/, /\brsyslog/],
      ['ntpsec', /^\/etc\/(ntp\.conf|ntpsec\/.+)$/, /\bntp(d|sec)?\b/],
    ] as const
  ).map(([program, path, unless]): KeptFile => ({
    path,
    reason: `nodes do not have ${program}`,
    instead: INSTEAD[program],
    unless,
  })),
  {
    // systemd(1): only init of System V read it
    path: /^\/etc\/inittab$/,
    reason: 'systemd does not read it',
    instead: 'write a unit below `units`',
  },
];

/**
 * Folders of which only files with certain names are read. Sources: sysctl.d(5), modprobe.d(5), modules-load.d(5),
 * tmpfiles.d(5), sysusers.d(5), binfmt.d(5), depmod.d(5), udev(7), systemd.unit(5), systemd-system.conf(5), sudoers(5),
 * sshd_config and ssh_config of Debian, limits.conf(5), ldconfig(8), NetworkManager.conf(5), /etc/profile of Debian,
 * update-ca-certificates(8).
 */

export interface ReadFolder {
  readonly folder: RegExp;
  readonly isRead: (name: string) => boolean;
  /** The end of "In this folder …". */
  readonly reads: string;
  /** A name that is read. */
  readonly meant: (name: string) => string;
}

const ENDINGS = /\.(bash|cer|cfg|cnf|conf|config|crt|ini|pem|rule|rules|sh|sysctl|txt)$/i;

const ending = (suffix: string, folder: RegExp): ReadFolder => ({
  folder,
  isRead: (name) => name.endsWith(suffix),
  reads: `only \`*${suffix}\` is read`,
  meant: (name) => `${name.replace(ENDINGS, '')}${suffix}`,
});

const SYSTEM = '^/(etc|usr/lib|usr/local/lib)';

export const READ_FOLDERS: readonly ReadFolder[] = [
  ending('.conf', new RegExp(`${SYSTEM}/(sysctl|modprobe|modules-load|tmpfiles|sysusers|binfmt|depmod)\\.d$`)),
  ending('.conf', new RegExp(`${SYSTEM}/systemd/(system/[^/]+|[a-z]+\\.conf)\\.d$`)),
  ending('.conf', /^\/etc\/(ssh\/sshd?_config|security\/limits|ld\.so\.conf|NetworkManager\/conf)\.d$/),
  ending('.rules', new RegExp(`${SYSTEM}/udev/rules\\.d$`)),
  // Other shells, which packages may bring, have files of their own there.
  { ...ending('.sh', /^\/etc\/profile\.d$/), isRead: (name) => /\.(c?sh|fish|zsh)$/.test(name) },
  ending('.crt', /^\/usr\/local\/share\/ca-certificates(\/.*)?$/),
  {
    folder: /^\/etc\/sudoers\.d$/,
    isRead: (name) => !name.includes('.'),
    reads: 'only names without a dot are read',
    meant: (name) => name.replace(ENDINGS, '').replaceAll('.', '-'),
  },
  {
    folder: new RegExp(`${SYSTEM}/systemd/system$`),
    isRead: (name) => /\.[a-z]+$/.test(name), // which of them are units, systemd's own rules tell
    reads: 'only units are read, such as `*.service`',
    meant: (name) => `${name}.service`,
  },
];

/** What people leave lying beside what is read, and know of. */
export const LEFT_ASIDE = /^\.|^README|~$|\.(bak|disabled|dist|dpkg-\w+|example|md|off|old|orig|sample|save)$/i;

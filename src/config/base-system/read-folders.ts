/**
 * Folders of which only files with certain names are read. Sources: sysctl.d(5), modprobe.d(5), modules-load.d(5),
 * tmpfiles.d(5), sysusers.d(5), binfmt.d(5), depmod.d(5), udev(7), systemd.unit(5), systemd-system.conf(5), sudoers(5),
 * sshd_config and ssh_config of Debian, limits.conf(5), ldconfig(8), NetworkManager.conf(5), /etc/profile of Debian,
 * update-ca-certificates(8), hwdb(7), systemd.preset(5), systemd.link(5), apt.conf(5), apt_preferences(5), sources.list(5),
 * apt-key(8), chrony.conf of Debian, libcni (conf.go), dbus-daemon(1), cron(8) of Debian, run-parts(8).
 */

interface ReadFolder {
  readonly folder: RegExp;
  readonly isRead: (name: string) => boolean;
  /** The end of "In this folder …". */
  readonly reads: string;
  /** A name that is read. */
  readonly meant: (name: string) => string;
}

const ENDINGS =
  /\.(bash|cer|cfg|cnf|conf|config|cron|crt|gpg|hwdb|ini|json|key|list|pem|pref|py|rule|rules|sh|sources|sysctl|txt|ya?ml)$/i;

const ending = (suffix: string, folder: RegExp): ReadFolder => ({
  folder,
  isRead: (name) => name.endsWith(suffix),
  reads: `only \`*${suffix}\` is read`,
  meant: (name) => `${name.replace(ENDINGS, '')}${suffix}`,
});

/** One of several endings; the first is the usual one. */
const endings = (folder: RegExp, suffixes: readonly string[]): ReadFolder => ({
  ...ending(suffixes[0] ?? '', folder),
  isRead: (name) => suffixes.some((suffix) => name.endsWith(suffix)),
  reads: `only ${suffixes.map((suffix) => `\`*${suffix}\``).join(' and ')} are read`,
});

/** A name with this ending or without an ending. */
const perhaps = (suffix: string, folder: RegExp): ReadFolder => ({
  ...ending(suffix, folder),
  isRead: (name) => /^[\w.-]+$/.test(name) && (name.endsWith(suffix) || !name.includes('.')),
  reads: `only \`*${suffix}\` and names without a dot are read`,
  meant: (name) => `${name.replace(ENDINGS, '').replaceAll(/[^\w-]/g, '-')}${suffix}`,
});

/** Names that run-parts(8) accepts. */
const plain = (folder: RegExp, isRead: (name: string) => boolean = (name) => /^[\w-]+$/.test(name)): ReadFolder => ({
  folder,
  isRead,
  reads: 'only names of letters, digits, `_` and `-` are read',
  meant: (name) => name.replace(ENDINGS, '').replaceAll(/[^\w-]/g, '-'),
});

const SYSTEM = '^/(etc|usr/lib|usr/local/lib)';

export const READ_FOLDERS: readonly ReadFolder[] = [
  ending('.conf', new RegExp(`${SYSTEM}/(sysctl|modprobe|modules-load|tmpfiles|sysusers|binfmt|depmod)\\.d$`)),
  ending('.conf', new RegExp(`${SYSTEM}/systemd/(system/[^/]+|[a-z]+\\.conf)\\.d$`)),
  ending('.conf', /^\/etc\/(ssh\/sshd?_config|security\/limits|ld\.so\.conf|NetworkManager\/conf)\.d$/),
  ending('.rules', new RegExp(`${SYSTEM}/udev/rules\\.d$`)),
  ending('.hwdb', new RegExp(`${SYSTEM}/udev/hwdb\\.d$`)),
  ending('.preset', new RegExp(`${SYSTEM}/systemd/(system|user)-preset$`)),
  endings(new RegExp(`${SYSTEM}/systemd/network$`), ['.link', '.network', '.netdev']),
  ending('.conf', /^\/etc\/(chrony\/conf|dbus-1\/(system|session))\.d$/),
  ending('.sources', /^\/etc\/chrony\/sources\.d$/),
  endings(/^\/etc\/cni\/net\.d$/, ['.conflist', '.conf', '.json']),
  endings(/^\/etc\/apt\/sources\.list\.d$/, ['.list', '.sources']),
  endings(/^\/etc\/apt\/trusted\.gpg\.d$/, ['.asc', '.gpg']),
  perhaps('.conf', /^\/etc\/apt\/(apt|auth)\.conf\.d$/),
  perhaps('.pref', /^\/etc\/apt\/preferences\.d$/),
  plain(/^\/etc\/cron\.(d|hourly|daily|weekly|monthly)$/),
  // pam_motd of Debian: run-parts --lsbsysinit
  plain(/^\/etc\/update-motd\.d$/, (name) => /^([\w-]+|_?([a-z0-9_.]+-)+[a-z0-9]+)$/.test(name)),
  // Other shells, from packages, have their own files there.
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
    isRead: (name) => /\.[a-z]+$/.test(name), // the rules for units check which of them are units
    reads: 'only units are read, such as `*.service`',
    meant: (name) => `${name}.service`,
  },
];

/** Files that people leave in these folders on purpose, although they are not read. */
export const LEFT_ASIDE = /^\.|^README|~$|\.(bak|disabled|dist|dpkg-\w+|example|md|off|old|orig|sample|save)$/i;

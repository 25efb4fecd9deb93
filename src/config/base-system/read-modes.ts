/**
 * Files that their readers ignore because of their mode or owner. Sources: nm_keyfile_utils of NetworkManager's source;
 * NetworkManager-dispatcher(8); sudoers(5), "SUDOERS FILE FORMAT" (tried with sudo 1.9.16); cron(8) of Debian; run-parts(8);
 * sshd(8), "FILES"; systemd.generator(7); rc-local.service of Debian.
 */

export interface Access {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

interface ReadMode {
  readonly path: RegExp;
  readonly isRead: (access: Access) => boolean;
  /** The end of "… has no effect: ". */
  readonly reads: string;
  /** A mode that the reader accepts, as text. */
  readonly mode: string;
}

const isOthers = ({ mode, uid }: Access): boolean => uid !== 0 || (mode & 0o022) !== 0;

export const READ_MODES: readonly ReadMode[] = [
  {
    path: /^\/(etc|usr\/lib)\/NetworkManager\/system-connections\/[^/]+$/,
    isRead: ({ mode, uid }) => uid === 0 && (mode & 0o077) === 0,
    reads: 'NetworkManager accepts connections only in files that belong to root and that other users cannot read',
    mode: '0600',
  },
  {
    path: /^\/etc\/sudoers(\.d\/[^/]+)?$/,
    isRead: ({ mode, uid, gid }) => uid === 0 && (mode & 0o002) === 0 && (gid === 0 || (mode & 0o020) === 0),
    reads: 'sudo accepts rules only in files that belong to root and that other users cannot write',
    mode: '0440',
  },
  {
    path: /^\/etc\/cron\.d\/[^/]+$/,
    isRead: (access) => !isOthers(access),
    reads: 'cron accepts tables only in files that belong to root and that other users cannot write',
    mode: '0644',
  },
  {
    path: /^\/(etc|usr\/lib)\/NetworkManager\/dispatcher\.d\/(pre-up\.d\/|pre-down\.d\/|no-wait\.d\/)?[^/]+$/,
    isRead: (access) => !isOthers(access) && (access.mode & 0o100) !== 0 && (access.mode & 0o4000) === 0,
    reads: 'NetworkManager runs only executable files that belong to root and that other users cannot write',
    mode: '0755',
  },
  {
    path: /^\/etc\/(cron\.(hourly|daily|weekly|monthly)|update-motd\.d)\/[^/]+$/,
    isRead: ({ mode }) => (mode & 0o111) !== 0,
    reads: 'run-parts runs only executable files',
    mode: '0755',
  },
  {
    path: /^\/(etc|usr\/lib|usr\/local\/lib)\/systemd\/(system-generators|system-environment-generators|system-sleep|system-shutdown)\/[^/]+$/,
    isRead: ({ mode }) => (mode & 0o111) !== 0,
    reads: 'systemd runs only executable files there',
    mode: '0755',
  },
  {
    path: /^\/etc\/rc\.local$/,
    isRead: ({ mode }) => (mode & 0o111) !== 0,
    reads: 'systemd runs it only if it is executable',
    mode: '0755',
  },
];

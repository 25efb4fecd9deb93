/**
 * Whether a node has a program, from the list of the base layer, the node's packages and files, and the user's overlays.
 * The answer is "absent" only if that is certain, because packages may contain programs that this list does not know.
 */
import { BASE_PROGRAMS, OWN_PROGRAMS } from '../../base-system/programs.ts';
import type { Node } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import type { Facts } from '../rule.ts';
import { isCephNode } from '../../roles.ts';

/** The `PATH` of hooks and services: `systemd-path search-binaries-default` of Debian. */
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

/** Folders in which Debian's packages install nothing (policy 9.1.2, FHS): files there come from the user or from us. */
const LOCAL = /^\/(usr\/local|opt|srv|home|root)\//;

/** The packages of shells and of mount helpers. Few other packages depend on these, so users have to name them. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  csh: /^t?csh$/,
  elvish: /^elvish$/,
  fish: /^fish$/,
  ksh: /^(ksh|mksh)/,
  ksh93: /^ksh/,
  mksh: /^mksh$/,
  'mount.cifs': /cifs|smb/,
  'mount.davfs': /davfs/,
  'mount.glusterfs': /gluster/,
  'mount.nfs': /nfs/,
  'mount.nfs4': /nfs/,
  'mount.ntfs-3g': /ntfs/,
  'mount.smb3': /cifs|smb/,
  'mount.sshfs': /sshfs/,
  nu: /^nushell$/,
  rc: /^rc$/,
  tcsh: /^tcsh$/,
  xonsh: /^xonsh$/,
  yash: /^yash$/,
  zsh: /^zsh/,
};

/** Resolves the links of the base layer: `/bin/sh` is `/usr/bin/sh`. */
const canonical = (path: string): string => path.replace(/^\/(bin|sbin)\//, '/usr/$1/');

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a node certainly lacks a program. @param path an absolute path, or a name that is searched in `PATH` */
export function lacks(node: Node, path: string, facts: Facts): boolean {
  if (!path.includes('/')) return SEARCHED.every((folder) => lacks(node, `${folder}/${path}`, facts));
  const at = canonical(path);
  const [folder, name] = [folderOf(at), nameOf(at)];
  if (folder === '/usr/local/bin' && OWN_PROGRAMS.has(name)) return false;
  if (isBrought(node, at, facts) || isMentioned(node, path)) return false;
  const known = BASE_PROGRAMS[folder];
  return known === undefined ? LOCAL.test(at) : !known.has(name) && !mayBring(packagesOf(node), name);
}

/** Like `lacks`, for a login shell. The name of its package contains the shell's name or is part of it: `git`, `git-shell`. */
export function lacksShell(node: Node, path: string, facts: Facts): boolean {
  const name = nameOf(path);
  const related = (one: string): boolean => one.includes(name) || name.includes(one.replace(/[=/].*/, ''));
  const packages = node.packages.filter((one) => PACKAGES[name]?.test(one) ?? related(one));
  return lacks({ ...node, packages, roles: [] }, path, facts);
}

/** Folders in which Debian has no interpreters (hier(7)). */
const NO_PROGRAMS = /^\/(boot|dev|etc|proc|run|sys|tmp)(\/|$)/;

/** Why an existing path cannot be an interpreter, as the end of a sentence; undefined if it can. */
export function whyNoInterpreter(node: Node, path: string, facts: Facts): string | undefined {
  const asFolder = canonical(path.replace(/\/*$/, '/'));
  const isFolder = path.endsWith('/') || Object.keys(BASE_PROGRAMS).some((one) => `${one}/`.startsWith(asFolder));
  if (isFolder) return `its interpreter \`${path}\` is a folder`;
  if (!NO_PROGRAMS.test(path) || isBrought(node, path, facts) || isMentioned(node, path)) return undefined;
  return `its interpreter \`${path}\` is not a program`;
}

/** Ceph's packages depend on Python, LVM and more. */
const packagesOf = (node: Node): readonly string[] => [...node.packages, ...(isCephNode(node) ? ['ceph'] : [])];

function mayBring(packages: readonly string[], program: string): boolean {
  const known = PACKAGES[program];
  return known === undefined ? packages.length > 0 : packages.some((name) => known.test(name));
}

const pathsOf = memo((overlays: Facts['overlays']) => new Set(overlays.map(({ path }) => path)));

/** Whether a file or an overlay of the user has this path. */
function isBrought({ name, roles, files }: Node, at: string, { overlays }: Facts): boolean {
  const roots = ['common', ...roles.map((role) => `role-${role}`), `node-${name}`];
  const paths = new Set([at, at.replace(/^\/usr\/(s?bin)\//, '/$1/')]);
  return files.some(({ path }) => paths.has(path)) || roots.some((root) => pathsOf(overlays).has(root + at));
}

/** Whether a script or command mentions the program (other than to start it) or its folder: it may install the program. */
function isMentioned({ hooks, files, units }: Node, path: string): boolean {
  if (!path.includes('/')) return false;
  const names = new Set([path, folderOf(path), `${folderOf(path)}/`]);
  const mentions = (line: string): boolean =>
    line
      .replace(/^(#!.*|Exec\w+=[-@:+!|]*\S*)/, '')
      .split(/["'\s;|&()=>]+/)
      .some((word) => names.has(word));
  return [...hooks, ...files, ...units].some(({ content }) => content.split('\n').some(mentions));
}

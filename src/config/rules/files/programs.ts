/**
 * Whether a node has a program: by the base layer's list, the node's packages and files, and the user's overlays. Says
 * "absent" only where it is sure, as packages bring programs that are not known here.
 */
import { BASE_PROGRAMS, OWN_PROGRAMS } from '../../base-system/programs.ts';
import type { Node } from '../../cluster.ts';
import type { Facts } from '../rule.ts';
import { isCephNode } from '../../roles.ts';

/** `systemd-path search-binaries-default` of Debian, which hooks and services get as `PATH`. */
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

/** Folders that Debian's packages leave alone (policy 9.1.2, FHS), so that what lies there is the user's or ours. */
const LOCAL = /^\/(usr\/local|opt|srv|home|root)\//;

/** Programs that hardly anything depends on, so that they come with a package of their own: shells, and what mounts shares. */
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

/** With the base layer's links resolved: `/bin/sh` is `/usr/bin/sh`. */
const canonical = (path: string): string => path.replace(/^\/(bin|sbin)\//, '/usr/$1/');

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a node surely lacks a program. @param path absolute, or a name that is looked up as `PATH` says */
export function lacks(node: Node, path: string, facts: Facts): boolean {
  if (!path.includes('/')) return SEARCHED.every((folder) => lacks(node, `${folder}/${path}`, facts));
  const at = canonical(path);
  const [folder, name] = [folderOf(at), nameOf(at)];
  if (folder === '/usr/local/bin' && OWN_PROGRAMS.has(name)) return false;
  if (isBrought(node, at, facts) || isMentioned(node, path)) return false;
  const known = BASE_PROGRAMS[folder];
  return known === undefined ? LOCAL.test(at) : !known.has(name) && !mayBring(packagesOf(node), name);
}

/** The same of a login shell: a package that brings one has a name in common with it, as `git` and `git-shell`. */
export function lacksShell(node: Node, path: string, facts: Facts): boolean {
  const name = nameOf(path);
  const related = (one: string): boolean => one.includes(name) || name.includes(one.replace(/[=/].*/, ''));
  const packages = node.packages.filter((one) => PACKAGES[name]?.test(one) ?? related(one));
  return lacks({ ...node, packages, roles: [] }, path, facts);
}

/** Where Debian has no programs that could start a script (hier(7)). */
const NO_PROGRAMS = /^\/(boot|dev|etc|proc|run|sys|tmp)(\/|$)/;

/** Why a path starts no script, although something may be there, as the end of a sentence. */
export function whyNoInterpreter(node: Node, path: string, facts: Facts): string | undefined {
  const asFolder = canonical(path.replace(/\/*$/, '/'));
  const isFolder = path.endsWith('/') || Object.keys(BASE_PROGRAMS).some((one) => `${one}/`.startsWith(asFolder));
  if (isFolder) return `its interpreter \`${path}\` is a folder`;
  if (!NO_PROGRAMS.test(path) || isBrought(node, path, facts) || isMentioned(node, path)) return undefined;
  return `its interpreter \`${path}\` is not a program`;
}

/** Ceph's packages bring Python, LVM and more. */
const packagesOf = (node: Node): readonly string[] => [...node.packages, ...(isCephNode(node) ? ['ceph'] : [])];

function mayBring(packages: readonly string[], program: string): boolean {
  const known = PACKAGES[program];
  return known === undefined ? packages.length > 0 : packages.some((name) => known.test(name));
}

/** Whether a file or an overlay of the user's lies there. */
function isBrought({ name, roles, files }: Node, at: string, { overlays }: Facts): boolean {
  const roots = ['common', ...roles.map((role) => `role-${role}`), `node-${name}`];
  const paths = new Set([at, at.replace(/^\/usr\/(s?bin)\//, '/$1/')]);
  return (
    files.some(({ path }) => paths.has(path)) ||
    roots.some((root) => overlays.some((overlay) => overlay.path === root + at))
  );
}

/** Whether a script or command of the user's names the program otherwise than to start it, or its folder: that may bring it. */
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

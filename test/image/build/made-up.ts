/**
 * Looks for identities and secrets that packages generate at installation, which all nodes of a base layer would share.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DATABASE = 'usr/lib/dpkg-database/info';
const FORMS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/i,
  /\b[0-9a-f]{32,}\b/i,
  /\b(iqn|nqn)\.\d{4}-\d\d\./,
  /^\s*secret\b/m,
];
/** Holds the id of the base layer itself. */
const OURS = 'etc/initramfs-tools/hooks/coldstart';

/** Files below `/etc` that belong to no package and hold something of that kind. @param root of a base layer */
export function madeUp(root: string): string[] {
  const lists = readdirSync(join(root, DATABASE)).filter((name) => name.endsWith('.list'));
  const owned = new Set(lists.flatMap((name) => readFileSync(join(root, DATABASE, name), 'utf8').split('\n')));
  const entries = readdirSync(join(root, 'etc'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !owned.has(`/${path}`) && path !== OURS)
    .filter((path) => FORMS.some((form) => form.test(readFileSync(join(root, path), 'latin1'))))
    .toSorted();
}

/** The front end's facts about the base layer, compared with the real one. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import {
  ACCOUNT_FILES,
  BASE_FOLDERS,
  BASE_PARENTS,
  FOLDER_LINKS,
  PACKAGE_DATABASE,
} from '../../../src/config/base-system/files.ts';
import { TIME_ZONES } from '../../../src/config/base-system/time-zones.ts';
import { madeUp } from '../build/made-up.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const inRoot = (path: string): string => join(root ?? '', path);

it.skipIf(root === null)('links to folders are those of the base layer, as far as definitions come near them', () => {
  expect(linksToFolders()).toEqual(FOLDER_LINKS);
});

it.skipIf(root === null)('so are the folders of the first two levels, and some of the third', () => {
  const real = foldersOf('').flatMap((top) => [top, ...(/^\/(etc|usr|var)$/.test(top) ? foldersOf(top) : [])]);
  expect(BASE_FOLDERS.toSorted()).toEqual([...real, ...BASE_PARENTS.flatMap(foldersOf)].sort());
});

it.skipIf(root === null)('so are the files of the accounts, and the package database', () => {
  for (const file of ACCOUNT_FILES) expect([file, lstatSync(inRoot(file)).isFile()]).toEqual([file, true]);
  expect(readFileSync(inRoot(`${PACKAGE_DATABASE}/status`), 'utf8')).toContain('Package: systemd\n');
});

it.skipIf(root === null)('so are the time zones', () => {
  const entries = readdirSync(inRoot('/usr/share/zoneinfo'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((path) => relative(inRoot('/usr/share/zoneinfo'), path));
  // Zones begin with a capital, tables about them with a small letter; `Factory` is for systems that were not set up.
  const zones = names.filter((name) => /^[A-Z]/.test(name) && name !== 'Factory');
  expect([...TIME_ZONES].sort()).toEqual(zones.sort());
});

it.skipIf(root === null)("no package's identity or key is left in it", () => {
  expect(madeUp(root ?? '')).toEqual([]);
});

function foldersOf(folder: string): string[] {
  const entries = readdirSync(inRoot(folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
}

/** But for those of single packages' documentation, and of versions of Perl. */
function linksToFolders(): Record<string, string> {
  const entries = readdirSync(inRoot(''), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => join('/', relative(inRoot(''), join(entry.parentPath, entry.name))))
    .filter((path) => !/^\/usr\/share\/doc\/|\/perl\/\d/.test(path));
  return Object.fromEntries(
    paths.map((path) => [path, resolved(path)] as const).filter(([, target]) => isFolder(target)),
  );
}

/** As the node would see it, not this machine. */
function resolved(path: string): string {
  const found = lstatSync(inRoot(path), { throwIfNoEntry: false });
  return found?.isSymbolicLink() ? resolved(resolve(dirname(path), readlinkSync(inRoot(path)))) : path;
}

const isFolder = (path: string): boolean => lstatSync(inRoot(path), { throwIfNoEntry: false })?.isDirectory() ?? false;

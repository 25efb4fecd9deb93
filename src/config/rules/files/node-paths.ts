/** Rules about the paths of users' files on the nodes. The files come from `files` or from overlays. */
import type { Report } from '../../../diagnostics/report.ts';
import {
  ACCOUNT_FILES,
  BASE_FOLDERS,
  EMPTY_AT_BOOT,
  FOLDER_LINKS,
  PACKAGE_DATABASE,
  STATE_FOLDER,
} from '../../base-system/files.ts';
import { KEPT_FILES } from '../../base-system/kept-files.ts';
import { OWN_PROGRAMS } from '../../base-system/programs.ts';
import { READ_MODES } from '../../base-system/read-modes.ts';
import { LEFT_ASIDE, READ_FOLDERS } from '../../base-system/read-folders.ts';
import { reportCertificates } from '../../content/certificates.ts';
import { placedFiles, textsBeside, type PlacedFile } from './placed-files.ts';
import { replacedWrongly } from './replaced-programs.ts';
import type { Facts, Rule } from '../rule.ts';

/** Checks one file of the user. Returns true if the check applies; it has then reported the fault. */
type Judge = (file: PlacedFile, report: Report, facts: Facts) => boolean;

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The folders of {@link EMPTY_AT_BOOT} and the links to them. */
const EMPTY = [
  ...EMPTY_AT_BOOT,
  ...Object.entries(FOLDER_LINKS).flatMap(([link, to]) => (EMPTY_AT_BOOT.some((one) => isIn(to, one)) ? [link] : [])),
];

const lostAtBoot: Judge = ({ path, at }, report) => {
  const folder = EMPTY.find((one) => isIn(path, one));
  if (folder !== undefined) report.add('file/lost-at-boot', { path, folder }, { at });
  return folder !== undefined;
};

const inPackageDatabase: Judge = ({ path, at }, report) => {
  const links = Object.entries(FOLDER_LINKS).flatMap(([link, to]) => (to === PACKAGE_DATABASE ? [link] : []));
  const found = [PACKAGE_DATABASE, ...links].some((folder) => isIn(path, folder));
  if (found) report.add('file/package-database', { path }, { at });
  return found;
};

const onStateDisk: Judge = ({ path, nodes, at }, report) => {
  const found = isIn(path, STATE_FOLDER) && path !== STATE_FOLDER && nodes.some(({ stateDisk }) => stateDisk !== null);
  if (found) report.add('file/on-state-disk', { path }, { at });
  return found;
};

const overLink: Judge = ({ path, target, at }, report) => {
  const [link, to] = Object.entries(FOLDER_LINKS).find(([one]) => isIn(path, one)) ?? [];
  if (link === undefined || to === undefined) return false;
  // A link with the same target changes nothing.
  if (path === link && target !== null && linkedTo(path, target) === to) return true;
  const instead = path === link ? null : `${to}${path.slice(link.length)}`;
  const hint = instead === null ? undefined : `write \`${instead}\``;
  report.add('file/over-link', { path, link, target: to }, { at, hint });
  return true;
};

/** The absolute target of a link. As in the kernel, `..` at the root stays at the root. */
function linkedTo(path: string, target: string): string {
  const start = target.startsWith('/') ? [] : path.split('/').slice(1, -1);
  const parts = target.split('/').reduce<string[]>((above, part) => {
    if (part === '' || part === '.') return above;
    return part === '..' ? above.slice(0, -1) : [...above, part];
  }, start);
  return `/${parts.join('/')}`;
}

const overAccounts: Judge = ({ path, at }, report) => {
  const found = ACCOUNT_FILES.some((file) => isIn(path, file));
  if (found) report.add('file/over-accounts', { path }, { at });
  return found;
};

/** This includes home folders: systemd-tmpfiles creates them and copies files into them. */
const overFolder: Judge = ({ path, at, nodes }, report) => {
  const users = nodes.flatMap((node) => node.users.map(({ name }) => name));
  const found = BASE_FOLDERS.includes(path) || users.some((name) => path === `/home/${name}`);
  if (found) report.add('file/over-folder', { path }, { at });
  return found;
};

const overPrograms: Judge = ({ path, at }, report) => {
  const [, name = ''] = /^\/usr\/local\/bin\/([^/]+)/.exec(path) ?? [];
  const found = OWN_PROGRAMS.has(name);
  if (found) report.add('file/over-program', { path, name }, { at });
  return found;
};

const overSystemPrograms: Judge = (file, report) => {
  const wrong = replacedWrongly(file);
  if (wrong !== undefined) report.add('file/not-a-program', { path: file.path, ...wrong }, { at: file.at });
  return wrong !== undefined;
};

const keptByOthers: Judge = ({ path, nodes, at }, report, facts) => {
  const kept = KEPT_FILES.find((one) => one.path.test(path));
  if (kept === undefined) return false;
  const { unless, reason, instead } = kept;
  if (unless && textsBeside(kept.path, nodes, facts).some((text) => unless.test(text))) return false;
  report.add('file/kept-by-system', { path, reason }, { at, hint: instead });
  return true;
};

/** If another text mentions the path of the file, a program may read the file under any name. */
const ignoredName: Judge = ({ path, nodes, at }, report, facts) => {
  const [folder, name] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
  const found = READ_FOLDERS.find((one) => one.folder.test(folder));
  if (found === undefined || found.isRead(name) || LEFT_ASIDE.test(name)) return false;
  if (textsBeside(/^$/, nodes, facts).some((text) => text.includes(path))) return false;
  report.add('file/ignored-name', { path, folder, reads: found.reads, meant: found.meant(name) }, { at });
  return true;
};

/** Programs check the mode of the target, not of the link. */
const ignoredMode: Judge = ({ path, target, access, isOverlay, at }, report) => {
  const found = READ_MODES.find((one) => one.path.test(path));
  if (found === undefined || target !== null || found.isRead(access)) return false;
  const owner = access.uid === 0 && access.gid === 0 ? 'root' : `${String(access.uid)}:${String(access.gid)}`;
  const hint = isOverlay
    ? `overlays have mode 0644 or 0755 on the node: list it below \`files\`, with \`mode: "${found.mode}"\``
    : `set \`mode: "${found.mode}"\`${owner === 'root' ? '' : ' and remove `owner`'}`;
  report.add('file/ignored-mode', { path, reads: found.reads, mode: octal(access.mode), owner }, { at, hint });
  return true;
};

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`;

/** Files that update-ca-certificates(8) reads get the same checks as CAs in settings. */
const badCertificate: Judge = ({ path, text, at }, report) => {
  if (text === undefined || !/^\/usr\/local\/share\/ca-certificates\/.+\.crt$/.test(path)) return false;
  reportCertificates(path, text, at, report);
  return true;
};

/** Only the first judge that applies reports, so one mistake gives one diagnostic. */
const judges: readonly Judge[] = [
  lostAtBoot,
  inPackageDatabase,
  onStateDisk,
  overLink,
  overAccounts,
  overFolder,
  overPrograms,
  overSystemPrograms,
  keptByOthers,
  ignoredName,
  ignoredMode,
  badCertificate,
];

export const nodePathRules: readonly Rule[] = [
  {
    name: 'a file is where it can stay, and where the system needs nothing else',
    check: (cluster, facts, report) => {
      for (const file of placedFiles(cluster, facts)) judges.some((judge) => judge(file, report, facts));
    },
  },
];

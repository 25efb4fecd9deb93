/**
 * Finds the user's overlays: regular files and links below `overlays/common`, `role-<role>` and `node-<name>`. A link there is
 * copied as a link. A link in the place of one of these folders would be ignored, so it is an error.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';
import {
  findWithin,
  type FolderEntry,
  type Kind,
  kindWithin,
  linkWithin,
  listWithin,
  readWithin,
  startWithin,
} from './definition-folder.ts';
import { ELF_START, elfMachine } from '../content/elf.ts';
import { fileDiagnostic, folderDiagnostic, wholeFile } from './file-faults.ts';
import { leftBy } from './left-overs.ts';
import { decodeUtf8 } from './text.ts';

export interface OverlayFile {
  /** Relative to `overlays/`, e.g. `common/etc/motd`. */
  readonly path: string;
  /** The target of a link; null for a file. */
  readonly target: string | null;
  /** The content; null for a link, a binary file, and a file that is too large for a text of a person. */
  readonly text: string | null;
  /** The architecture of a program or library: `e_machine` of ELF; null for other files. */
  readonly machine: number | null;
  readonly isProgram: boolean;
}

const ROOT = 'overlays';

/** Maximum size of one file in bytes. It is kept in memory, and a node's whole layer may be four times as large. */
export const OVERLAY_LIMIT = 2 ** 30;

/** Bytes. A larger file is not a unit file or a script that a person wrote. */
const TEXT_LIMIT = 2 ** 20;

/** All readable overlays of a definition, sorted by path. Reports the faults of the others. */
export async function listOverlays(folder: string, report: Report): Promise<readonly OverlayFile[]> {
  const { value: kind, fault } = await kindWithin(folder, ROOT);
  if (kind === null) return [];
  const wrong = fault ?? (kind === 'a folder' ? undefined : { kind: 'other' as const, what: kind });
  return wrong ? refuse(folderDiagnostic(wrong, ROOT), report) : listFolder(folder, ROOT, report);
}

async function listFolder(folder: string, below: string, report: Report): Promise<readonly OverlayFile[]> {
  const { value, fault } = await listWithin(folder, below);
  if (fault) return refuse(folderDiagnostic(fault, below), report);
  const found: OverlayFile[] = [];
  for (const entry of value.filter(({ name }) => name !== '.gitkeep')) {
    found.push(...(await listEntry(folder, `${below}/${entry.name}`, entry, report)));
  }
  return found;
}

async function listEntry(
  folder: string,
  file: string,
  { exact, kind }: FolderEntry,
  report: Report,
): Promise<readonly OverlayFile[]> {
  const at = wholeFile(file);
  if (!exact) return refuse(diagnostic('file/illegal-name', { path: file }, { at }), report);
  const program = isBelowRoot(file) ? leftBy(entryName(file)) : undefined;
  if (program !== undefined) report.add('overlay/left-over', { path: file, program }, { at });
  if (kind === 'a folder') return listFolder(folder, file, report);
  if (isTop(file)) return besideRoots(file, kind, report);
  const { value, fault } =
    kind === 'a link' ? await linkWithin(folder, file) : await findWithin(folder, file, OVERLAY_LIMIT);
  if (fault) return refuse(fileDiagnostic(fault, file, at), report);
  const path = file.slice(ROOT.length + 1);
  if (kind === 'a link') return [{ path, target: value, text: null, machine: null, isProgram: false }];
  return [{ path, target: null, ...(await lookInto(folder, file)) }];
}

type Content = Pick<OverlayFile, 'text' | 'machine' | 'isProgram'>;

/** The content of a file. `text` is null for a binary file (whatever its name is), a large file and an unreadable file. */
async function lookInto(folder: string, file: string): Promise<Content> {
  const { value } = await readWithin(folder, file, TEXT_LIMIT);
  if (value === undefined) {
    const { value: start } = await startWithin(folder, file, ELF_START);
    const machine = start === undefined ? null : elfMachine(start);
    return { text: null, machine, isProgram: machine !== null };
  }
  const { text = '\0' } = decodeUtf8(value.content);
  return {
    text: text.includes('\0') ? null : text,
    machine: elfMachine(value.content),
    isProgram: (value.mode & 0o111) !== 0,
  };
}

/** Whether a path is directly below `overlays`, like `overlays/common`. */
const isTop = (file: string): boolean => file.split('/').length === 2;

/** Whether a path is below a folder whose files are copied, like `overlays/common`. */
const isBelowRoot = (file: string): boolean => file.split('/').length > 2;
const entryName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Files that may be beside the roots: notes for readers, and files of git. */
const NOTES = /^overlays\/(\.|README|LICEN[CS]E)/i;
const ROOT_NAMES = /^overlays\/(common$|role-|node-)/;

/** Reports a file beside the roots that is not a folder. */
function besideRoots(file: string, kind: Kind, report: Report): readonly OverlayFile[] {
  if (NOTES.test(file)) return [];
  const isStray = kind === 'a file' && !ROOT_NAMES.test(file);
  const found = isStray
    ? diagnostic('overlay/stray-file', { path: file }, { at: wholeFile(file) })
    : folderDiagnostic({ kind: 'other', what: kind }, file);
  return refuse(found, report);
}

function refuse(found: Diagnostic, report: Report): readonly OverlayFile[] {
  report.addAll([found]);
  return [];
}

/** Whether a file that replaces a program, library or kernel module of the base layer is one itself. */
import { BASE_PROGRAMS, FIRST_PROGRAMS, SYSTEM_BINARIES } from '../../base-system/programs.ts';
import { machineName, X86_64 } from '../../content/elf.ts';
import type { PlacedFile } from './placed-files.ts';

interface Replaced {
  /** The kind of the replaced file. */
  readonly kind: string;
  /** Why the file cannot replace it, as the end of a sentence. */
  readonly reason: string;
}

/** The fault of a replacement; undefined if the file is sound, or replaces no known file. */
export function replacedWrongly(file: PlacedFile): Replaced | undefined {
  const { path } = file;
  const [, folder = '', name = '', below] = /^(\/usr\/s?bin)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (BASE_PROGRAMS[folder]?.has(name)) {
    if (below !== undefined) return { kind: 'program', reason: `\`${folder}/${name}\` would be a folder` };
    return withReason('program', notAProgram(file, name));
  }
  const kind = SYSTEM_BINARIES.find(([pattern]) => pattern.test(path))?.[1];
  return kind === undefined ? undefined : withReason(kind, notElf(file));
}

const withReason = (kind: string, reason: string | undefined): Replaced | undefined =>
  reason === undefined ? undefined : { kind, reason };

function notAProgram(file: PlacedFile, name: string): string | undefined {
  const { target, text, isProgram, machine } = file;
  if (target !== null) return notElf(file);
  const isScript = machine === null && text?.startsWith('#!') === true;
  if (isScript && FIRST_PROGRAMS.has(name)) return 'it is a script, and scripts are started by it';
  const reason = isScript ? undefined : notElf(file);
  return reason ?? (isProgram ? undefined : 'its mode has no execute bits');
}

/** A link other than to `/dev/null` may lead to a sound program. */
function notElf({ target, text, machine, isOverlay }: PlacedFile): string | undefined {
  if (target !== null) return target === '/dev/null' ? 'it is a link to `/dev/null`' : undefined;
  if (machine !== null) return machine === X86_64 ? undefined : `it is for ${machineName(machine)}`;
  const isKnown = text !== undefined || isOverlay;
  return isKnown ? 'it is not an ELF file' : undefined;
}

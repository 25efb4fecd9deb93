/** Diagnostics for faults of the user's files, which `definition-folder.ts` found. */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import type { FileFault } from './definition-folder.ts';

/** The place of a file as a whole. */
export const wholeFile = (file: string): Location => ({ file, line: 1, column: 1, length: 1, path: '' });

/**
 * The diagnostic for a file that a setting or the build needs.
 * @param path relative to the definition's folder
 * @param at the setting that names it, or the file
 */
export function fileDiagnostic(fault: FileFault, path: string, at: Location): Diagnostic {
  switch (fault.kind) {
    case 'missing':
      return diagnostic('file/missing', { path }, { at });
    case 'outside':
      return diagnostic('file/outside-folder', { path }, { at });
    case 'too-large':
      return diagnostic('file/too-large', { path, size: fault.size, limit: fault.limit }, { at });
    case 'unreadable':
      return diagnostic('file/unreadable', { path, reason: fault.reason }, { at });
    case 'other': {
      const { what } = fault;
      if (what === 'a folder') return diagnostic('file/not-a-file', { path }, { at });
      return diagnostic('file/special', { path, what }, { at });
    }
  }
}

/** The diagnostic for a file of the definition: `cluster.yaml`, below `nodes/`, the lock. @param shown as the user would type it */
export function definitionDiagnostic(fault: FileFault, file: string, shown: string): Diagnostic {
  const at = wholeFile(file);
  switch (fault.kind) {
    case 'missing':
      return diagnostic('config/not-found', { path: shown });
    case 'too-large':
      return diagnostic('config/too-large', { path: file, size: fault.size, limit: fault.limit }, { at });
    case 'unreadable':
      return diagnostic('config/unreadable', { path: file, reason: fault.reason }, { at });
    default:
      return fault.kind === 'other' && fault.what === 'a folder'
        ? diagnostic('config/not-a-file', { path: file }, { at })
        : fileDiagnostic(fault, file, at);
  }
}

/** The fault as the end of a sentence that names the file. */
export function faultText(fault: FileFault): string {
  switch (fault.kind) {
    case 'missing':
      return 'is not there';
    case 'outside':
      return 'lies outside of the folder of `cluster.yaml`';
    case 'other':
      return `is ${fault.what} and not a regular file`;
    case 'too-large':
      return `has ${String(fault.size)} bytes; at most ${String(fault.limit)} are read`;
    case 'unreadable':
      return `cannot be read: ${fault.reason}`;
  }
}

/** The diagnostic for a folder: `nodes`, or one below `overlays`. */
export function folderDiagnostic(fault: FileFault, path: string): Diagnostic {
  const at = wholeFile(path);
  if (fault.kind === 'other') return diagnostic('file/not-a-folder', { path, what: fault.what }, { at });
  return fileDiagnostic(fault, path, at);
}

/** Reads a file that a setting refers to by its path relative to `cluster.yaml`. */
import { posix } from 'node:path';
import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';
import { ARCHIVE_START, isTar, whyNoArchive, whyNoImages } from '../content/archive.ts';
import { reportCertificates } from '../content/certificates.ts';
import { partsWithin, readWithin } from './definition-folder.ts';
import { fileDiagnostic } from './file-faults.ts';
import { leavesFolder, type Reference } from './references.ts';
import { decodeUtf8 } from './text.ts';

/** Bytes. The largest common manifests, with all their CRDs, have about 5 MB. */
const LIMIT = 16 * 1024 * 1024;

/** The text of a referenced file; empty if no text is needed. Reports a faulty file and returns undefined. */
export async function readReference(
  folder: string,
  { file, use }: Reference,
  at: Location,
  report: Report,
): Promise<string | undefined> {
  const path = posix.normalize(file);
  if (leavesFolder(file)) return void report.add('file/outside-folder', { path: file }, { at });
  if (use === 'archive') return readArchive(folder, { file, path }, at, report);
  const { value, fault } = await readWithin(folder, path, LIMIT);
  if (fault) return void report.addAll([fileDiagnostic(fault, file, at)]);
  const { text } = decodeUtf8(value.content);
  if (text === undefined || text.includes('\0')) return void report.add('file/not-text', { path: file }, { at });
  if (use === 'certificate') reportCertificates(file, text, at, report);
  return text;
}

async function readArchive(
  folder: string,
  { file, path }: { readonly file: string; readonly path: string },
  at: Location,
  report: Report,
): Promise<string | undefined> {
  const { value: reason, fault } = await partsWithin(folder, path, async (read) => {
    const start = await read(0, ARCHIVE_START);
    return whyNoArchive(start) ?? (isTar(start) ? whyNoImages(read) : undefined);
  });
  if (fault) return void report.addAll([fileDiagnostic(fault, file, at)]);
  return reason === undefined ? '' : void report.add('file/not-an-archive', { path: file, reason }, { at });
}

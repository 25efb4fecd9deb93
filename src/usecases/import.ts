/** `import`: makes a definition of coldstart from one of another tool, and checks it. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic, Location, Result } from '../diagnostics/diagnostic.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import { FORMATS } from '../import/formats/formats.ts';
import { type Imported, importDefinition } from '../import/import.ts';
import type { InputFiles } from '../import/input/files.ts';
import { type Found, inFile, inFolder, inputsIn, besides, unreadableFiles, withPartners } from '../import/recognise.ts';
import { check } from './check.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { UsageError } from './usage.ts';

interface ImportRequest {
  /** A file or a folder, as the user gave it. */
  readonly source: string;
  /** The folder to write, as the user gave it; by default the name of the cluster. */
  readonly out: string | undefined;
  /** The name of a format; by default it is recognised. */
  readonly format: string | undefined;
}

export interface ImportReport extends Imported {
  /** Absolute; the folder of the new `cluster.yaml`. */
  readonly folder: string;
  /** What `check` would say of the new definition. */
  readonly findings: readonly Diagnostic[];
  /** What could not be brought, and what was assumed. */
  readonly notes: readonly Diagnostic[];
}

const LARGEST = 4 * 1024 * 1024;

/** Reads, writes and checks. The value is there if a definition was written, also if `check` refuses it. @throws UsageError */
export async function importFrom(request: ImportRequest, host: Host): Promise<Result<ImportReport>> {
  const findings = new Findings(host);
  const source = resolve(host.cwd, request.source);
  const isFolder = kindOf(source, request.source);
  const files = filesBelow(isFolder ? source : dirname(source), host.cwd);
  const formats = FORMATS.filter(({ name }) => request.format === undefined || name === request.format);
  const found = isFolder
    ? inFolder(files, '.', formats)
    : inFile(files, basename(source), formats).map((one) => withPartners(files, one));
  const [chosen] = found;
  if (!chosen || found.length > 1) {
    findings.add(
      notRecognised(request.source, found, files, isFolder ? inputsIn(files) : [basename(source)]),
      NO_FRAME,
    );
    return findings.stopped();
  }
  const unread = chosen.format.partners ? unreadableFiles(files, besides(files, chosen)) : [];
  if (unread.length > 0) {
    findings.add(unread, NO_FRAME);
    return findings.stopped();
  }
  const { value, diagnostics, frame } = importDefinition(chosen.format, chosen.paths, files);
  const isSound = findings.add(diagnostics, frame);
  if (!value || !isSound) return findings.stopped();
  const folder = resolve(host.cwd, request.out ?? value.name);
  await writeNew(folder, value);
  const checked = await checkNew(folder, host);
  const report = { ...value, folder, findings: checked, notes: diagnostics };
  return { value: report, diagnostics: [...diagnostics, ...checked] };
}

function kindOf(path: string, given: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats)
    throw new UsageError(`\`${given}\` does not exist.`, 'name a file or folder with the definition of another tool');
  return stats.isDirectory();
}

/** Lines of a file that nobody could read may hold secrets, so none is shown. */
const NO_FRAME: FrameOf = () => undefined;

/** Why there is not one definition. A file that cannot be read may be the one. */
function notRecognised(
  path: string,
  found: readonly Found[],
  files: InputFiles,
  candidates: readonly string[],
): readonly Diagnostic[] {
  if (found.length > 1) {
    const list = found.map(
      ({ format, paths }) => `${paths.map(files.display).join(' with ')} (--format ${format.name})`,
    );
    return [diagnostic('import/several-formats', { path, found: list.join(', ') })];
  }
  const faults = unreadableFiles(files, candidates);
  if (faults.length > 0) return faults;
  const formats = FORMATS.map(({ title }) => title).join(', ');
  return [diagnostic('import/unknown-format', { path, formats })];
}

/** Reads below one folder only: a definition may name other files, but none elsewhere on this machine. */
function filesBelow(base: string, cwd: string): InputFiles {
  const within = (path: string): string => join(base, path);
  const entries = (folder: string) => {
    try {
      return readdirSync(within(folder), { withFileTypes: true });
    } catch {
      return [];
    }
  };
  const named = (folder: string, wanted: 'isFile' | 'isDirectory'): readonly string[] =>
    entries(folder).filter((entry) => entry[wanted]()).map(({ name }) => (folder === '.' || folder === '' ? name : `${folder}/${name}`)).sort(); // prettier-ignore
  return {
    display: (path) => relative(cwd, within(path)),
    list: (folder) => named(folder, 'isFile'),
    folders: (folder) => named(folder, 'isDirectory'),
    text: (path) => {
      const stats = statSync(within(path), { throwIfNoEntry: false });
      return stats?.isFile() && stats.size <= LARGEST ? readFileSync(within(path), 'utf8') : undefined;
    },
  };
}

/** Writes the files into a folder that is new or empty; all of them or none. @throws UsageError */
async function writeNew(folder: string, { written }: Imported): Promise<void> {
  const standing = await readdir(folder).catch(() => []);
  if (standing.length > 0) {
    throw new UsageError(`\`${folder}\` is not empty, so nothing was written.`, 'name a new folder with `--out`');
  }
  const unfinished = join(dirname(folder), `.${basename(folder)}.unfinished`);
  await rm(unfinished, { recursive: true, force: true });
  for (const [path, text] of [['cluster.yaml', written.cluster] as const, ...written.files]) {
    const file = join(unfinished, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
}

/** What `coldstart check` says of the new definition, with paths as the user would type them. */
async function checkNew(folder: string, host: Host): Promise<readonly Diagnostic[]> {
  const name = relative(host.cwd, folder);
  const outer = <T extends Location>(at: T): T => ({ ...at, file: join(name, at.file) });
  const inner = <T extends Location>(at: T): T => ({ ...at, file: relative(name, at.file) });
  const moved = (one: Diagnostic): Diagnostic => ({
    ...one,
    ...(one.at ? { at: outer(one.at) } : {}),
    ...(one.related ? { related: one.related.map((other) => ({ ...other, at: outer(other.at) })) } : {}),
  });
  const onDiagnostics: Host['onDiagnostics'] = (found, frame) =>
    host.onDiagnostics(found.map(moved), (at) => frame(inner(at)));
  const { diagnostics } = await check({ config: folder, artifacts: null }, { ...host, onDiagnostics });
  return diagnostics.map(moved);
}

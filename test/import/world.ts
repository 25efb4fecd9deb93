/** Imports a folder of this test, or of memory, into memory. */
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadCluster } from '../../src/config/load.ts';
import { formatDiagnostics } from '../../src/diagnostics/format.ts';
import { importDefinition } from '../../src/import/import.ts';
import type { InputFiles } from '../../src/import/input/files.ts';
import { inFolder } from '../../src/import/recognise.ts';

export type Texts = Readonly<Record<string, string>>;

/** All files of a folder, by relative path. */
export function textsOf(folder: string): Texts {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function inMemory(texts: Texts): InputFiles {
  const names = Object.keys(texts);
  const folderOf = (name: string): string => dirname(name);
  const above = (name: string): readonly string[] => (name === '.' ? [] : [name, ...above(folderOf(name))]);
  const folders = [...new Set(names.map(folderOf).flatMap(above))].sort();
  return {
    display: (path) => path,
    text: (path) => texts[path],
    list: (folder) => names.filter((name) => folderOf(name) === (folder === '' ? '.' : folder)),
    folders: (folder) => folders.filter((name) => folderOf(name) === (folder === '' ? '.' : folder)),
  };
}

/** What an import gives: the new files, and all that is said of the old ones. */
export function importTexts(texts: Texts) {
  const files = inMemory(texts);
  const [found] = inFolder(files);
  if (!found) throw new Error('no definition was recognised');
  const { value, diagnostics, frame } = importDefinition(found.format, found.paths, files);
  const report = formatDiagnostics(diagnostics, { colour: false, frame });
  const written: Texts = value
    ? { 'cluster.yaml': value.written.cluster, ...Object.fromEntries(value.written.files) }
    : {};
  return {
    format: found.format.name,
    written,
    diagnostics,
    report,
    skipped: value?.skipped ?? [],
    without: value?.without ?? [],
  };
}

/** What `check` says of a definition: code and message of each finding. */
export async function check(written: Texts): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  try {
    for (const [path, text] of Object.entries(written)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { diagnostics } = await loadCluster(relative(process.cwd(), folder));
    return diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Finds the definition in a file or folder, by what is in the files, not by their names. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { type InputFiles, OTHER_FOLDERS } from './input/files.ts';
import { Field } from './input/field.ts';
import { Ledger } from './input/ledger.ts';
import { readTrees, unreadable } from './input/read.ts';
import { NotReadable } from './input/tree.ts';

export interface Found {
  readonly format: Format;
  /** Its files, relative to the folder of the input. */
  readonly paths: readonly string[];
}

/** How deep a folder is searched. */
const DEEPEST = 3;
const SUFFIX = /\.(ya?ml|toml|nmconnection|json)$/i;

/** All definitions in a file; several if its documents are of several formats. */
export function inFile(files: InputFiles, path: string, formats: readonly Format[] = FORMATS): readonly Found[] {
  const text = files.text(path);
  if (text === undefined) return [];
  try {
    const ledger = new Ledger();
    const roots = readTrees({ name: path, text }).map((tree) => Field.root(tree, ledger));
    return formats
      .filter((format) => roots.some((root) => format.fits(root)))
      .map((format) => ({ format, paths: [path] }));
  } catch (error) {
    if (error instanceof NotReadable) return [];
    throw error;
  }
}

/** The files in the folder of the input that may be definitions. */
export const inputsIn = (files: InputFiles): readonly string[] => files.list('.').filter((path) => SUFFIX.test(path));

/** The faults of files that cannot be read, so that nobody knows whether they are a definition. */
export function unreadableFiles(files: InputFiles, paths: readonly string[]): readonly Diagnostic[] {
  return paths.flatMap((path) => {
    const file = { name: files.display(path), text: files.text(path) ?? '' };
    try {
      readTrees(file);
      return [];
    } catch (error) {
      if (error instanceof NotReadable) return [unreadable(file, error)];
      throw error;
    }
  });
}

/** The files beside a file that are parts of the same definition, e.g. the nodes of a cluster. The file comes first. */
export function withPartners(files: InputFiles, { format, paths }: Found): Found {
  if (!format.partners) return { format, paths };
  const beside = inputsIn(files).filter((path) => !paths.includes(path));
  return {
    format,
    paths: [...paths, ...beside.flatMap((path) => inFile(files, path, [format])).flatMap((found) => found.paths)],
  };
}

/** The other files in the folder of a definition that may be parts of it. */
export const besides = (files: InputFiles, { paths }: Found): readonly string[] =>
  [...new Set(paths.map((path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.')))].flatMap(
    (folder) => files.list(folder).filter((path) => SUFFIX.test(path) && !paths.includes(path)),
  );

/** The definitions in a folder, or in the nearest of its sub-folders that have some. */
export function inFolder(files: InputFiles, folder = '.', formats: readonly Format[] = FORMATS): readonly Found[] {
  let level = [folder];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const found = level.flatMap((one) => joined(files.list(one).filter((path) => SUFFIX.test(path)).flatMap((path) => inFile(files, path, formats)))); // prettier-ignore
    if (found.length > 0)
      return found.filter(({ format }) => !found.some((other) => other.format.name === format.madeFrom));
    level = level.flatMap((one) => files.folders(one).filter((path) => !OTHER_FOLDERS.test(path.split('/').at(-1) ?? ''))); // prettier-ignore
  }
  return [];
}

/** Files of one folder that make up one definition, e.g. a cluster and its nodes. */
function joined(found: readonly Found[]): readonly Found[] {
  const parts = new Map<Format, string[]>();
  for (const { format, paths } of found) parts.set(format, [...(parts.get(format) ?? []), ...paths]);
  return [...parts].flatMap(([format, paths]) => {
    if (format.joins) return [{ format, paths }];
    return paths.map((path) => ({ format, paths: [path] }));
  });
}

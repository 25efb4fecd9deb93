/** The files of an input. */
/** The files that may be read, by path relative to one folder. */
export interface InputFiles {
  /** The text of a file; undefined if there is none that may be read. */
  readonly text: (path: string) => string | undefined;
  /** A path as the user would type it. */
  readonly display: (path: string) => string;
  /** The files in a folder, sorted, without those of its sub-folders. */
  readonly list: (folder: string) => readonly string[];
  /** The sub-folders of a folder, sorted. */
  readonly folders: (folder: string) => readonly string[];
}

/** Hidden folders, and those of programs. */
export const OTHER_FOLDERS = /^(\.|node_modules$)/;

/** How deep the folders beside a definition are searched; below it are programs in the cluster. */
const DEEPEST = 6;

/** All files below a folder, sorted. */
export function filesBelow(files: InputFiles, folder: string, depth = DEEPEST): readonly string[] {
  const inner = depth === 0 ? [] : files.folders(folder).filter((one) => !OTHER_FOLDERS.test(one.split('/').at(-1) ?? ''));
  return [...files.list(folder), ...inner.flatMap((one) => filesBelow(files, one, depth - 1))].sort();
} // prettier-ignore

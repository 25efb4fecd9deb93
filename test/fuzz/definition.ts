/**
 * The source definitions of mutants: the examples, and the cases of the diagnostics with and without their mistakes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** Texts by path, relative to the folder of `cluster.yaml`. */
export type Definition = ReadonlyMap<string, string>;

const TEST = join(import.meta.dirname, '..');
/** Beside a case: the nearest definition without its mistake. */
const OK = 'ok.yaml';
/** What a build leaves beside an example is not the same on every machine. */
const STORE = 'cluster.secrets.yaml';
/** Larger files are the cases of too large ones. */
const MOST_BYTES = 64 * 1024;

export interface Corpus {
  /** Accepted as they are. */
  readonly sound: readonly Definition[];
  /** With a mistake each. */
  readonly faulty: readonly Definition[];
}

/** In a fixed order, so that a seed always means the same. */
export function corpus(): Corpus {
  const examples = foldersWithDefinitions(join(TEST, '../examples')).map(read);
  const cases = foldersWithDefinitions(join(TEST, 'config/cases')).map(read);
  const faulty = cases.map((files) => new Map([...files].filter(([path]) => path !== OK && path !== 'expected.txt')));
  const sound = cases.flatMap((files) => {
    const ok = files.get(OK);
    return ok === undefined ? [] : [new Map([['cluster.yaml', ok]])];
  });
  return { sound: [...examples, ...sound], faulty: faulty.filter((files) => files.has('cluster.yaml')) };
}

function foldersWithDefinitions(root: string): string[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('cluster.yaml'))
    .map((file) => dirname(join(root, file)))
    .sort();
}

function read(folder: string): Definition {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  const files = paths.filter((path) => existsSync(path) && statSync(path).isFile() && statSync(path).size < MOST_BYTES);
  const kept = files.filter((path) => basename(path) !== STORE).sort();
  const texts = kept.map((path) => [relative(folder, path), readFileSync(path, 'utf8')] as const);
  return new Map(texts);
}

/** Replaces whatever the folder holds. */
export function write(folder: string, definition: Definition): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of definition) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

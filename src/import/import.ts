/** Reads a definition of another tool, and makes one of coldstart of it. Effects are the caller's: it gives texts and takes texts. */
import { wholeFile } from '../config/files/file-faults.ts';
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../diagnostics/diagnostic.ts';
import { type FrameOf, createFrames } from '../diagnostics/frame.ts';
import { createReport } from '../diagnostics/report.ts';
import type { Definition, Format } from './formats/format.ts';
import { Field } from './input/field.ts';
import { Ledger, type Skipped } from './input/ledger.ts';
import { isSecret, secretRanges } from './input/secrets.ts';
import { type InputFile, NotReadable, type Tree, childrenOf } from './input/tree.ts';
import { type InputFiles, filesBelow } from './input/files.ts';
import { readTrees, unreadable } from './input/read.ts';
import type { Draft } from './model.ts';
import { type Written, writeDefinition } from './write/definition.ts';

export interface Imported {
  readonly format: Format;
  /** Name for the cluster's folder. */
  readonly name: string;
  readonly written: Written;
  readonly nodes: readonly string[];
  /** Number of values that were read. */
  readonly taken: number;
  readonly skipped: readonly Skipped[];
  /** The places of all values that are not brought: those that are named, and those that are not needed. */
  readonly without: readonly Location[];
}

interface ImportResult {
  readonly value: Imported | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly frame: FrameOf;
}

const isEmpty = (tree: Tree): boolean =>
  tree.kind === 'scalar' ? tree.value === '' || tree.value === null : childrenOf(tree).every(isEmpty);

const UNKNOWN = 'coldstart does not know this setting';
const LOOK = 'look whether the default of coldstart suits you';

/** @param paths the files of the definition; the first is the one that the user named */
export function importDefinition(format: Format, paths: readonly string[], files: InputFiles): ImportResult {
  const session = new Session(files);
  const report = createReport();
  const definitions = paths.flatMap((path) => session.definition(path));
  const draft = format.read(definitions);
  const [path = ''] = paths;
  if (draft.nodes.length === 0 && session.errors.length === 0)
    report.add('import/no-nodes', {
      path: files.display(path),
      todo: format.nodesHint ?? 'name the file or folder that describes the machines',
    });
  const file = files.display(path).split('/').at(-1) ?? path;
  const heads = headsOf(definitions, draft);
  const head = [...heads.flatMap(({ comments }) => comments.before ?? []), `Imported from ${format.title} (\`${file}\`) by \`coldstart import\`.`]; // prettier-ignore
  const notes = heads.flatMap(({ tree }) => tree.note ?? []);
  const written = writeDefinition(draft, head.join('\n\n'), notes, report);
  for (const tree of session.ledger.untouched()) {
    const field = new Field(tree, session.ledger);
    if (isSecret(tree)) field.text();
    else if (isEmpty(tree)) field.skip('it is empty');
    else field.lose(UNKNOWN, LOOK);
  }
  report.addAll([...session.errors, ...session.lost, ...session.ledger.diagnostics()]);
  const diagnostics = report.diagnostics();
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  const name = draft.cluster.at(['name']);
  const value = {
    ...{ format, written, name: name && 'value' in name ? String(name.value) : 'imported' },
    ...{ nodes: draft.nodes.map((node) => node.name), taken: session.ledger.taken, skipped: session.ledger.skipped },
    without: session.ledger.without,
  };
  return { value: hasErrors ? undefined : value, diagnostics, frame: session.frame };
}

/** The beginnings of files, whose comments stand at the head of `cluster.yaml`. Those of a node stand in its file. */
function headsOf(definitions: readonly Definition[], { nodes }: Draft): readonly Field[] {
  const names = definitions.map(({ name }) => name);
  const first = definitions.filter(({ name }, index) => names.indexOf(name) === index);
  return first.map(({ root }) => root).filter(({ tree }) => nodes.every(({ from }) => from.tree !== tree));
}

/** The files of one import. */
class Session {
  readonly ledger = new Ledger();
  readonly errors: Diagnostic[] = [];
  /** Files that are not brought. */
  readonly lost: Diagnostic[] = [];
  readonly #files: InputFiles;
  readonly #read = new Map<string, { readonly file: InputFile; readonly trees: readonly Tree[] }>();

  constructor(files: InputFiles) {
    this.#files = files;
  }

  definition(path: string): readonly Definition[] {
    const documents = this.#open(path);
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    const beside = (name: string): string | undefined => joinPaths(folder, name);
    const place = {
      open: (name: string) => onPath(beside(name), (found) => this.#open(found)),
      text: (name: string) => onPath(beside(name), (found) => this.#files.text(found)),
      below: (name: string): readonly string[] => {
        const path = beside(name);
        const names = path === undefined ? [] : filesBelow(this.#files, path);
        return names.map((file) => (folder === '' ? file : file.slice(folder.length + 1)));
      },
      lose: (name: string, reason: string, todo: string) => {
        const path = this.#files.display(beside(name) ?? name);
        this.lost.push(diagnostic('import/file-not-brought', { path, reason, todo }, { at: wholeFile(path) }));
      },
    };
    return (documents ?? []).map((root) => ({ root, name: path, folder: place }));
  }

  readonly frame: FrameOf = (at) => {
    const found = [...this.#read.values()].find(({ file }) => file.name === at.file);
    if (!found) return undefined;
    const spans = found.trees.flatMap(secretRanges).map(([start, end]) => ({ start, end }));
    return createFrames(found.file.text, spans)(at);
  };

  #open(path: string): readonly Field[] | undefined {
    const standing = this.#read.get(path);
    if (standing) return standing.trees.map((tree) => new Field(tree, this.ledger));
    const text = this.#files.text(path);
    if (text === undefined) return undefined;
    const file = { name: this.#files.display(path), text };
    try {
      const trees = readTrees(file);
      this.#read.set(path, { file, trees });
      return trees.map((tree) => Field.root(tree, this.ledger));
    } catch (error) {
      if (!(error instanceof NotReadable)) throw error;
      this.#read.set(path, { file, trees: [] });
      this.errors.push(unreadable(file, error));
      return undefined;
    }
  }
}

const onPath = <T>(path: string | undefined, read: (path: string) => T): T | undefined =>
  path === undefined ? undefined : read(path);

/** A path below the folder of the input; undefined if it leads out of it. */
function joinPaths(folder: string, name: string): string | undefined {
  const steps = folder === '' ? [] : folder.split('/');
  for (const step of name.split('/')) {
    if (step === '..' && steps.pop() === undefined) return undefined;
    if (step !== '..' && step !== '.' && step !== '') steps.push(step);
  }
  return name.startsWith('/') ? undefined : steps.join('/');
}

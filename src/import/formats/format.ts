/** What a format is: how it is recognised, and how it is read. */
import type { Field } from '../input/field.ts';
import type { Draft } from '../model.ts';
import type { FormatName } from './names.ts';

/** The files beside a definition. Names are relative to the definition. */
export interface Folder {
  /** The documents of a YAML file; undefined if there is none, or if it lies outside of what may be read. */
  readonly open: (name: string) => readonly Field[] | undefined;
  /** The text of a file. */
  readonly text: (name: string) => string | undefined;
  /** All files below a folder, sorted, with names relative to the definition. */
  readonly below: (name: string) => readonly string[];
  /** Says that a file is not brought. */
  readonly lose: (name: string, reason: string, todo: string) => void;
}

export interface Definition {
  readonly root: Field;
  /** Name of the file, as the user would type it. */
  readonly name: string;
  readonly folder: Folder;
}

export interface Format {
  readonly name: FormatName;
  /** What it is, for messages. */
  readonly title: string;
  /** Whether a file is a definition of this format. */
  readonly fits: (root: Field) => boolean;
  /** Whether several files of a folder are one definition. */
  readonly joins?: boolean;
  /** Whether the files beside a file that the user names belong to its definition. */
  readonly partners?: boolean;
  /** The format from which a tool writes files of this one: beside a definition of that format, they are none of their own. */
  readonly madeFrom?: FormatName;
  /** What to do if the definition names no machine. */
  readonly nodesHint?: string;
  /** Reads one definition, or all files of a host or cluster that belong together. */
  readonly read: (definitions: readonly Definition[]) => Draft;
}

/** Reads a file of any known notation, by its content: YAML, TOML, or a key file. */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { readKeyfileTree } from './keyfile-tree.ts';
import { readTomlTree } from './toml-tree.ts';
import { type InputFile, type NotReadable, type Tree, locate } from './tree.ts';
import { readYamlTrees } from './yaml-tree.ts';

const SECTION = /^\[\[?[\w ."'-]+\]\]?\s*(#.*)?$/;

/** @throws NotReadable */
export function readTrees(file: InputFile): readonly Tree[] {
  const first = file.text.split('\n').map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')); // prettier-ignore
  if (first === undefined) return [];
  if (/^\[(connection|ipv4|ipv6|ethernet|802-3-ethernet|bond|vlan|bridge)\]$/.test(first))
    return [readKeyfileTree(file)];
  return SECTION.test(first) || /^[\w.-]+\s*=/.test(first) ? [readTomlTree(file)] : readYamlTrees(file);
}

/** The fault of a file, at its place. */
export function unreadable(file: InputFile, { message, range }: NotReadable): Diagnostic {
  return { ...diagnostic('import/unreadable', { path: file.name, reason: message }), at: locate(file, range) };
}

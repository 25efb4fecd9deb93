/** Reads a file of any known notation, by its content: YAML, TOML, or a key file. */
import type { InputFile, Tree } from './tree.ts';
import { readYamlTrees } from './yaml-tree.ts';

/** @throws NotReadable */
export function readTrees(file: InputFile): readonly Tree[] {
  return readYamlTrees(file);
}

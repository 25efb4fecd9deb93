/**
 * Schematics of Talos's Image Factory by their id, which is the SHA-256 digest of the schematic (`Schematic.ID` in pkg/schematic of
 * siderolabs/image-factory). So an id tells its schematic if that is in the folder, or has a few known extensions and nothing else.
 */
import { createHash } from 'node:crypto';
import { parse, stringify, YAMLParseError } from 'yaml';
import type { Field } from '../../input/field.ts';
import type { NodeDraft } from '../../model.ts';
import type { Folder } from '../format.ts';
import { putExtension, readSchematic } from './machine.ts';
import { EXTENSIONS } from './verdicts.ts';

/** How many extensions are tried together: more would take longer than a second. */
const MOST = 3;

/** The name of an image, or the id alone: what the schematic in it says. */
export function readSchematicId(field: Field | undefined, nodes: readonly NodeDraft[], folder: Folder): void {
  const text = field?.text();
  if (!field || text === undefined) return;
  const [id] = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/.exec(text) ?? [];
  const file = id === undefined ? undefined : fileOf(id, folder);
  const extensions = id === undefined ? undefined : extensionsOf(id);
  if (id === undefined) return field.skip('coldstart builds its own image');
  if (file !== undefined) for (const root of folder.open(file) ?? []) readSchematic(root, nodes);
  else if (extensions) for (const name of extensions) putExtension(name, field, nodes);
  else
    return field.lose(
      'it is the id of a schematic with extensions and kernel arguments that the definition does not say',
      'look them up where the id was made (factory.talos.dev), and add Debian packages to `packages` and the arguments to `kernel_args`',
    );
  if (extensions?.length === 0) field.skip('the schematic has neither extensions nor kernel arguments');
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The factory writes the schematic as YAML with four spaces. */
const idOf = (schematic: unknown): string => digestOf(stringify(schematic, { indent: 4, lineWidth: 0 }));

/** The file beside the definition that is the schematic. */
function fileOf(id: string, folder: Folder): string | undefined {
  return folder.below('.').find((name) => {
    const text = /schematic[^/]*\/|schematic[^/]*\.ya?ml$/i.test(name) ? folder.text(name) : undefined;
    try {
      return text !== undefined && idOf(parse(text)) === id;
    } catch (error) {
      if (error instanceof YAMLParseError) return false;
      throw error;
    }
  });
}

let known: ReadonlyMap<string, readonly string[]> | undefined;

/** The extensions of a schematic that has nothing else. */
function extensionsOf(id: string): readonly string[] | undefined {
  known ??= new Map(groups(Object.keys(EXTENSIONS).sort(), MOST).map((names) => [digestOf(textOf(names)), names]));
  return known.get(id);
}

const textOf = (names: readonly string[]): string =>
  names.length === 0
    ? 'customization: {}\n'
    : `customization:\n    systemExtensions:\n        officialExtensions:\n${names.map((name) => `            - ${name}\n`).join('')}`;

/** All groups of at most `most` of the names, in their order. */
function groups(names: readonly string[], most: number): readonly (readonly string[])[] {
  if (most === 0) return [[]];
  return [[], ...names.flatMap((name, index) => groups(names.slice(index + 1), most - 1).map((rest) => [name, ...rest]))]; // prettier-ignore
}

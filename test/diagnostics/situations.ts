/**
 * Situations in which coldstart prints a diagnostic that `test/config/cases` cannot show, as it is not about the text of a definition: a
 * folder for each code, with `situation.yaml`, and `expected.txt` with what is printed. They stand on the pages of the codes, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, 'situations');

const texts = z.record(z.string(), z.string()).default({});

const situation = z.strictObject({
  /** For readers of the page. */
  about: z.string(),
  /** Texts by path; the definition is in `lab/`, as test/cli/world.ts has it. */
  files: texts,
  /** In the definition: a text, and what stands in its place. */
  edit: texts,
  /** Files of the given text in ISO 8859-1. */
  latin1: texts,
  /** Files of so many bytes. */
  sizes: z.record(z.string(), z.number()).default({}),
  links: texts,
  /** Permissions by path, in octal, after the commands of `before`. */
  modes: texts,
  /** Commands that ran before, in the same folder. */
  before: z.array(z.string()).default([]),
  /** The time of the command. */
  now: z.iso.datetime().default('2026-11-01T00:00:00Z'),
  command: z.string(),
});

type Situation = z.output<typeof situation>;

export const situations: ReadonlyMap<string, Situation> = new Map(
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('situation.yaml'))
    .map((path) => [dirname(path), situation.parse(parse(readFileSync(join(ROOT, path), 'utf8')))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

export const expectedFile = (code: string): string => join(ROOT, code, 'expected.txt');

/** What is printed; undefined for a code without a situation. */
export const expectedText = (code: string): string | undefined =>
  existsSync(expectedFile(code)) ? readFileSync(expectedFile(code), 'utf8') : undefined;

/** Makes the files of a situation in a folder. */
export async function prepare(folder: string, { files, latin1, sizes, links }: Situation): Promise<void> {
  const place = async (path: string): Promise<string> => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await rm(file, { force: true });
    return file;
  };
  for (const [path, text] of Object.entries(files)) await writeFile(await place(path), text);
  for (const [path, text] of Object.entries(latin1)) await writeFile(await place(path), text, 'latin1');
  for (const [path, size] of Object.entries(sizes)) {
    const file = await place(path);
    await writeFile(file, '');
    await truncate(file, size);
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, await place(path));
}

export async function setModes(folder: string, { modes }: Situation): Promise<void> {
  for (const [path, mode] of Object.entries(modes)) await chmod(join(folder, path), Number.parseInt(mode, 8));
}

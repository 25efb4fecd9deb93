/** `inventory read`: turns what machines say of themselves into `nodes/<name>.yaml`. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { quantity } from '../../diagnostics/quantity.ts';
import { plainName } from '../../import/model.ts';
import { putFile } from '../init/write.ts';
import { UsageError } from '../usage.ts';
import { readFacts } from './facts.ts';
import { nodeFileOf } from './node-file.ts';

interface ReadRequest {
  /** As the user gave them; the name of a file is the name of its node. */
  readonly files: readonly string[];
  /** The folder of the definition, as the user gave it; by default the current folder. */
  readonly out: string | undefined;
}

export interface ReadNode {
  readonly node: string;
  /** Absolute. */
  readonly file: string;
  readonly macs: readonly string[];
  /** How many disks the machine has. */
  readonly disks: number;
}

const LARGEST = 1 << 20;

/** Writes all files or none, and never replaces one. @throws UsageError */
export async function readInventories({ files, out }: ReadRequest, cwd: string): Promise<readonly ReadNode[]> {
  if (files.length === 0) throw new UsageError('No inventory is named.', 'name the files of the machines');
  const folder = join(resolve(cwd, out ?? '.'), 'nodes');
  const made = await Promise.all(files.map((file) => nodeOf(file, folder, cwd)));
  await refuseRepeated(made);
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, '.unfinished-'));
  const placed: string[] = [];
  try {
    for (const { read, text } of made) {
      const fresh = join(unfinished, basename(read.file));
      await writeFile(fresh, text);
      await putFile(fresh, read.file);
      placed.push(read.file);
    }
  } catch (error) {
    await Promise.all(placed.map((file) => rm(file, { force: true })));
    throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return made.map(({ read }) => read);
}

async function nodeOf(file: string, folder: string, cwd: string): Promise<{ read: ReadNode; text: string }> {
  const path = resolve(cwd, file);
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size > LARGEST)
    throw new UsageError(`\`${file}\` is not a file with an inventory.`, 'name the files of the machines');
  const facts = readFacts(await readFile(path, 'utf8'), file);
  const node = plainName(basename(file).replace(/\.\w+$/, ''));
  const read = { node, file: join(folder, `${node}.yaml`), macs: facts.nics.map(({ mac }) => mac.toLowerCase()), disks: facts.disks.length }; // prettier-ignore
  return { read, text: nodeFileOf(node, facts, file) };
}

async function refuseRepeated(made: readonly { readonly read: ReadNode }[]): Promise<void> {
  const names = made.map(({ read }) => read.node);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UsageError(`Two of the files are for the node \`${twice}\`.`, 'name each file like its node, e.g. `worker-01.json`'); // prettier-ignore
  const standing = await Promise.all(made.map(async ({ read }) => ((await stat(read.file).catch(() => undefined)) === undefined ? [] : [read.node]))); // prettier-ignore
  const [first] = standing.flat();
  if (first !== undefined)
    throw new UsageError(
      `\`nodes/${first}.yaml\` is there already, so nothing was written (${quantity(standing.flat().length, 'file')}).`,
      'name the file of the inventory like a new node, or move the old file away',
    );
}

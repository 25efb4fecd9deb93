/** Writes a new definition beside what is in a folder already; all of it or nothing. */
import { link, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../usage.ts';
import type { NewDefinition } from './definition.ts';
import { writeInto } from './faults.ts';

/** @throws UsageError if the folder has a definition already, or files that would become a part of a new one */
export async function refuseToOverwrite(folder: string): Promise<void> {
  const names: readonly string[] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') throw new UsageError(`\`${folder}\` is not a folder.`, 'name a new folder');
    return [];
  });
  const standing = ['cluster.yaml', 'nodes'].filter((name) => names.includes(name));
  if (standing.length === 0) return;
  throw new UsageError(
    `\`${folder}\` already has ${standing.map((name) => `\`${name}\``).join(' and ')}, so nothing was written.`,
    'name a new folder',
  );
}

/** Puts `cluster.yaml` into place last: without it, a folder has no definition. @throws UsageError if another program was faster */
export async function writeNew(folder: string, written: NewDefinition): Promise<void> {
  const isNew = (await stat(folder).catch(() => undefined)) === undefined;
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, '.unfinished-'));
  try {
    await writeInto(unfinished, written);
    await refuseToOverwrite(folder);
    await rename(join(unfinished, 'nodes'), join(folder, 'nodes'));
    await putFile(join(unfinished, 'cluster.yaml'), join(folder, 'cluster.yaml')).catch(async (error: unknown) => {
      await rename(join(folder, 'nodes'), join(unfinished, 'nodes'));
      throw error;
    });
  } catch (error) {
    if (isNew) await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Never replaces a file, unless the file system has no hard links (FAT, some network file systems). */
export async function putFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    await rename(from, to);
  }
}

/**
 * Writes the trees of a cluster into one folder. It is made under a temporary name and renamed, so it is complete or missing.
 * Replaces only a folder of an earlier `render`.
 */
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BuildError } from '../../builder/system/errors.ts';
import { PLAN_FILE } from '../../builder/output/output-manifest.ts';
import { INVENTORY_FILE, WrittenFiles, writeNode } from '../../builder/output/write-tree.ts';
import type { Plan } from '../../render/plan/plan.ts';
import type { DraftTree } from '../../render/tree/tree.ts';

interface Writing {
  readonly plan: Plan;
  readonly trees: ReadonlyMap<string, DraftTree>;
  readonly withSecrets: boolean;
}

/** @throws BuildError exit 6 when the folder contains other files */
export async function writeTrees(
  folder: string,
  { plan, trees, withSecrets }: Writing,
  signal: AbortSignal,
): Promise<void> {
  const exists = await requireOurs(folder);
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  const fresh = join(staging, 'new');
  try {
    await mkdir(fresh, { mode: withSecrets ? 0o700 : 0o777 });
    const written = new WrittenFiles();
    for (const [node, tree] of trees) {
      signal.throwIfAborted();
      await writeNode(join(fresh, node), tree, withSecrets, written);
    }
    await writeFile(join(fresh, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
    if (exists) await rename(folder, join(staging, 'old'));
    await rename(fresh, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Whether the folder exists. Refuses the output of a build, too: its trees would no longer match its images. */
async function requireOurs(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (names === null) return false;
  if (names.includes('manifest.json')) throw refusal(folder, 'contains images', 'compare with `coldstart diff`, or');
  for (const name of names) {
    if (name === PLAN_FILE || (await isNodeFolder(join(folder, name)))) continue;
    throw refusal(folder, `contains \`${name}\`, which \`render\` has not written`, '');
  }
  return true;
}

async function isNodeFolder(folder: string): Promise<boolean> {
  return stat(join(folder, INVENTORY_FILE)).then(
    (found) => found.isFile(),
    () => false,
  );
}

function refusal(folder: string, reason: string, advice: string): BuildError {
  const hint = `${advice} choose another folder with --out`.trim();
  return new BuildError(`\`${folder}\` is not replaced: it ${reason}.`, { exitCode: 6, hint });
}

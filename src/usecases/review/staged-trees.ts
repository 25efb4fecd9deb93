/**
 * Trees on their way into an output folder. They are written under a temporary name while the rest is still rendered and checked, and
 * renamed when all is well: so the folder is complete or as it was. Replaces only a folder of an earlier `render`.
 */
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import pMap from 'p-map';
import { BuildError } from '../../builder/system/errors.ts';
import { NodeWriter } from '../../builder/output/node-writer.ts';
import { PLAN_FILE } from '../../builder/output/output-manifest.ts';
import { INVENTORY_FILE } from '../../builder/output/write-tree.ts';
import type { Plan } from '../../render/plan/plan.ts';
import type { DraftTree } from '../../render/tree/tree.ts';

interface Target {
  /** Absolute. */
  readonly folder: string;
  /** Write the values of secrets, not their digests. */
  readonly withSecrets: boolean;
  /** How many nodes will be written, about. */
  readonly nodes: number;
}

export class StagedTrees {
  readonly #folder: string;
  readonly #staging: string;
  readonly #writer: NodeWriter;
  readonly #written: Promise<void>[] = [];
  /** The outermost folder above the staging folder that did not exist. */
  readonly #made: string | undefined;

  /** @throws BuildError exit 6 when the folder contains other files */
  static async open(target: Target): Promise<StagedTrees> {
    await requireOurs(target.folder);
    const made = await mkdir(dirname(target.folder), { recursive: true });
    const staging = await mkdtemp(join(dirname(target.folder), `.${basename(target.folder)}-`));
    await mkdir(join(staging, 'new'), { mode: target.withSecrets ? 0o700 : 0o777 });
    return new StagedTrees(target, staging, made);
  }

  private constructor({ folder, withSecrets, nodes }: Target, staging: string, made: string | undefined) {
    this.#folder = folder;
    this.#staging = staging;
    this.#made = made;
    this.#writer = new NodeWriter({ folder: join(staging, 'new'), withSecrets }, nodes);
  }

  /** Begins to write a node. {@link publish} waits for it. */
  write(node: string, tree: DraftTree): void {
    const writing = this.#writer.write(node, tree);
    writing.catch(() => undefined); // `publish` reports it, unless something else failed before
    this.#written.push(writing);
  }

  /** Renames the trees into place. @throws the error of a node that could not be written */
  async publish(plan: Plan, signal: AbortSignal): Promise<void> {
    await pMap(this.#written, (writing) => writing, { signal });
    const fresh = join(this.#staging, 'new');
    await writeFile(join(fresh, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
    if (await requireOurs(this.#folder)) await rename(this.#folder, join(this.#staging, 'old'));
    await rename(fresh, this.#folder);
  }

  /** Removes what was not published. */
  async close(): Promise<void> {
    await this.#writer.close();
    await rm(this.#staging, { recursive: true, force: true });
    if (this.#made === undefined) return;
    for (let path = dirname(this.#folder); path.startsWith(this.#made); path = dirname(path)) {
      await rmdir(path).catch(() => undefined); // not empty
    }
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

/** Reads an output folder of `build` or `render` for a comparison. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAN_FILE } from '../../builder/output/output-manifest.ts';
import { readNode } from '../../builder/output/write-tree.ts';
import type { ImagePlan, Plan } from '../../render/plan/plan.ts';
import { placedIn, type ClusterState, type NodeState } from './comparison.ts';

/** Whether a folder is the output of a build or of `render`. */
export async function isOutput(folder: string): Promise<boolean> {
  return stat(join(folder, PLAN_FILE)).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** All nodes with an inventory in the folder; null when there are none. */
export async function readOutput(folder: string): Promise<ClusterState | null> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return null;
  const plans = await readPlans(folder);
  const states = await Promise.all(names.sort().map((name) => readState(folder, name, plans)));
  const found = states.filter((entry) => entry !== null);
  return found.length === 0 ? null : new Map(found);
}

async function readState(folder: string, name: string, plans: Plans): Promise<[string, NodeState] | null> {
  const snapshot = await readNode(join(folder, name));
  if (snapshot === null) return null;
  return [name, { image: null, ...plans.get(name), snapshot }];
}

type Plans = ReadonlyMap<string, Pick<NodeState, 'image' | 'placed'>>;

/** Empty for a plan that cannot be read or is of another version; the comparison then covers only files. */
async function readPlans(folder: string): Promise<Plans> {
  try {
    const plan = JSON.parse(await readFile(join(folder, PLAN_FILE), 'utf8')) as Plan;
    return new Map(plan.nodes.filter(isWhole).map((image) => [image.node, { image, placed: placedIn(plan, image) }]));
  } catch {
    return new Map();
  }
}

function isWhole(image: ImagePlan): boolean {
  const lists: readonly unknown[] = [image.roles, image.formats, image.kernelArgs, image.packages.names];
  return lists.every(Array.isArray);
}

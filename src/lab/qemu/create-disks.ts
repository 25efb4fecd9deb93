/** The virtual disks of a node, thin and persistent. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../builder/system/run.ts';
import type { LabPlan } from '../plan.ts';

/** Makes those that are not there. @param anew blank ones in place of those that are */
export async function createDisks(plan: LabPlan, index: number, anew: boolean): Promise<void> {
  for (const { file, size } of plan.nodes[index]?.disks ?? []) {
    const path = join(plan.folder, file);
    if (anew) await rm(path, { force: true });
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    const args = ['create', '-q', '-f', 'qcow2', path, String(size)];
    await run({ command: 'qemu-img', args, reason: 'make a virtual disk' });
  }
}

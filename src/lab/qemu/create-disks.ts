/** Creates the virtual disks of a node: sparse files that persist. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../builder/system/run.ts';
import type { LabPlan } from '../plan.ts';

/** Creates the missing disks. @param anew replaces the existing ones by blank ones, too */
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

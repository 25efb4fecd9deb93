/** `verify`: opens the images of an output folder and compares them with the manifest and the inventories. Writes nothing. */
import { relative, resolve } from 'node:path';
import { verifyOutput, type Finding } from '../builder/output/verify.ts';
import type { Host } from './host.ts';

/** @param out the output folder of a cluster, as the user gave it @throws BuildError */
export async function verify(out: string, host: Host): Promise<readonly Finding[]> {
  const folder = resolve(host.cwd, out);
  const { cacheDir, signal } = host;
  const context: { findings: readonly Finding[] } = { findings: [] };
  const { findings } = await host.runTasks(
    [
      {
        title: `Verify ${relative(host.cwd, folder) || '.'}`,
        task: async (found, task) => {
          found.findings = await verifyOutput(folder, { cacheDir, signal, report: (line) => (task.output = line) });
        },
      },
    ],
    context,
  );
  return findings;
}

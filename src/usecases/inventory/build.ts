/** `inventory build`: makes the image that takes inventories. */
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { buildInventoryImage } from '../../builder/inventory/inventory-image.ts';
import { type BaseImage, baseRecipe } from '../../builder/steps/node-build.ts';
import { loadCluster } from '../../config/load.ts';
import { networkOf, parseCidr } from '../../config/network/net.ts';
import { image as imageSchema } from '../../config/schema/cluster.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import { inventoryPackages } from '../../render/plan/packages.ts';
import { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import { fromProcess } from '../project.ts';
import { UsageError } from '../usage.ts';

interface InventoryBuildRequest {
  /** A definition whose Debian sources and consoles the image has, as the user gave it; by default those of a definition that says nothing. */
  readonly config: string | undefined;
  /** As the user gave it; undefined: the image asks for no address. */
  readonly network: string | undefined;
  /** The file, as the user gave it. */
  readonly out: string | undefined;
  /** Seconds since 1970; the time of every file in the image. */
  readonly epoch: number;
}

interface InventoryImage {
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** @throws UsageError, BuildError; the signal's reason when the build was interrupted */
export async function buildInventory(request: InventoryBuildRequest, host: Host): Promise<Result<InventoryImage>> {
  const findings = new Findings(host);
  const range = request.network === undefined ? null : parseCidr(request.network);
  if (range === undefined)
    throw new UsageError(`\`${request.network ?? ''}\` is no network.`, 'write it with its prefix, e.g. 192.168.50.0/24'); // prettier-ignore
  const settings = await imageSettings(request.config, findings);
  if (settings === undefined) return findings.stopped();
  const recipe = baseRecipe({ image: settings }, { names: inventoryPackages(settings.nonFreeFirmware) }, request.epoch);
  const path = resolve(host.cwd, request.out ?? 'inventory.iso');
  const { cacheDir, signal } = host;
  const whole = { recipe, network: range && networkOf(range), consoles: settings.consoles, output: path };
  const context: { sha256?: string } = {};
  await host.runTasks<typeof context>(
    [
      {
        title: `Build ${relative(host.cwd, path)}`,
        task: async (made, task) => {
          const report = (line: string): void => void (task.output = line);
          made.sha256 = await buildInventoryImage(whole, { cacheDir, signal, report });
        },
      },
    ],
    context,
  );
  return findings.done({ path, size: (await stat(path)).size, sha256: context.sha256 ?? '' });
}

type Settings = BaseImage & { readonly consoles: readonly string[] };

async function imageSettings(config: string | undefined, findings: Findings): Promise<Settings | undefined> {
  if (config !== undefined) {
    const { value, diagnostics, frame } = await loadCluster(fromProcess(findings.host, config));
    return findings.add(diagnostics, frame) ? value?.image : undefined;
  }
  const { suite, consoles, compression_level: compressionLevel } = imageSchema.parse({});
  return { suite, consoles, compressionLevel, mirrors: [], nonFreeFirmware: true };
}

/** The inventory image, built for real from the user's own cache. */
import { buildInventoryImage } from '../../src/builder/inventory/inventory-image.ts';
import { DEFAULT_EPOCH } from '../../src/builder/step-context.ts';
import { defaultCacheDir } from '../../src/builder/system/cache.ts';
import { baseRecipe } from '../../src/builder/steps/node-build.ts';
import { inventoryPackages } from '../../src/render/plan/packages.ts';

/** @param network from which it may be asked; null for an image that asks for no address @returns its SHA-256 */
export function inventoryImage(output: string, network: string | null): Promise<string> {
  const image = { suite: 'trixie', mirrors: [], nonFreeFirmware: true, compressionLevel: 6 } as const;
  const recipe = baseRecipe({ image }, { names: inventoryPackages(true) }, DEFAULT_EPOCH);
  const step = { cacheDir: defaultCacheDir(process.env), signal: undefined, report: () => undefined };
  return buildInventoryImage({ recipe, network, consoles: ['ttyS0,115200', 'tty0'], output }, step);
}

/** The command line of `coldstart inventory`. */
import { Argument, type Command } from 'commander';
import type { InventoryAction, InventoryOptions } from '../commands/inventory.ts';
import type { Session } from '../session.ts';

export function describeInventory(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Build an image that shows what a machine has, and write what machines answer as nodes/<name>.yaml.')
    .addArgument(
      new Argument('<action>', 'build: makes the image; read: writes the files of nodes').choices([
        'build',
        'read',
      ] satisfies InventoryAction[]),
    )
    .argument('[files...]', 'for read: inventories of machines, each named like its node, e.g. worker-01.json')
    .option('--out <path>', 'build: the image (inventory.iso); read: folder of the definition (current folder)')
    .option('--network <cidr>', 'build: machines ask for an address and answer over HTTP in this network')
    .option('--config <config>', 'build: a definition with the Debian sources and consoles for the image')
    .action(async (action: InventoryAction, files: readonly string[], options: InventoryOptions) => {
      const { inventory } = await import('../commands/inventory.ts');
      done(await inventory(action, files, options, session));
    });
}

/** The command line of `coldstart import`. */
import { type Command, Option } from 'commander';
import { FORMAT_NAMES } from '../../import/formats/names.ts';
import type { ImportOptions } from '../commands/import.ts';
import type { Session } from '../session.ts';

export function describeImport(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Make a definition from one of another tool, e.g. a talconfig.yaml, and check it.')
    .argument('<source>', 'the definition, or its folder')
    .option('--out <folder>', 'new folder for the definition (default: the name of the cluster)')
    .addOption(
      new Option('--format <name>', 'the format of the definition; not needed if there is only one').choices(
        FORMAT_NAMES,
      ),
    )
    .action(async (source: string, options: ImportOptions) => {
      const { importCommand } = await import('../commands/import.ts');
      done(await importCommand(source, options, session));
    });
}

/** The command line of `coldstart diff`. */
import { Option, type Command } from 'commander';
import type { DiffOptions } from '../commands/diff.ts';
import { identityOption, nodeOption } from '../options/frequent.ts';
import type { CommonOptions, Session } from '../session.ts';

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeDiff(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Show what would change, for each node and file.')
    .usage('[options] [CONFIG] | A B')
    .argument('[a]', 'a configuration or an output folder; alone, a configuration is compared with its output folder')
    .argument('[b]', 'a second configuration or output folder, compared with the first')
    .addOption(nodeOption('compare'))
    .option('--out <folder>', 'output folder to compare with (default: out/<cluster>)')
    .option('--verbose', 'also show the files of new and removed nodes')
    .addOption(
      new Option('--markdown', 'for a pull request: what changes, in sentences, and its effect on each node').conflicts(
        ['json', 'verbose'],
      ),
    )
    .addOption(identityOption())
    .action(async (a: string | undefined, b: string | undefined, options: CommonOptions & DiffOptions) => {
      const { diff } = await import('../commands/diff.ts');
      done(await diff([a, b], options, session));
    });
}

/** The command lines of `coldstart diff` and `coldstart report`. */
import { Option, type Command } from 'commander';
import type { DiffOptions } from '../commands/diff.ts';
import type { ReportOptions } from '../commands/report.ts';
import { identityOption, nodeOption } from '../options/frequent.ts';
import type { CommonOptions, Session } from '../session.ts';

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeDiff(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Show what would change, for each node and file.')
    .usage('[options] [CONFIG] | BEFORE AFTER')
    .argument(
      '[before]',
      'a configuration or an output folder; alone, a configuration is compared with its output folder',
    )
    .argument('[after]', 'a second configuration or output folder, compared with the first')
    .addOption(nodeOption('compare'))
    .option('--out <folder>', 'output folder to compare with (default: out/<cluster>)')
    .option('--verbose', 'also show the files of new and removed nodes')
    .addOption(
      new Option('--markdown', 'for a pull request: what changes, in sentences, and its effect on each node').conflicts(
        ['json', 'verbose'],
      ),
    )
    .addOption(identityOption())
    .action(async (before: string | undefined, after: string | undefined, options: CommonOptions & DiffOptions) => {
      const { diff } = await import('../commands/diff.ts');
      done(await diff([before, after], options, session));
    });
}

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeReport(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Write one HTML page about a cluster, for the person who signs off. Needs no network.')
    .usage('[options] [CONFIG] | BEFORE CONFIG')
    .argument('[before]', 'an earlier configuration or an output folder: the page also shows what changes since')
    .argument('[config]', 'cluster.yaml or its folder (default: the current folder); the only argument, or the second')
    .option('--out <file>', 'file of the page (default: out/report.html)')
    .addOption(identityOption())
    .action(async (first: string | undefined, second: string | undefined, options: CommonOptions & ReportOptions) => {
      const { report } = await import('../commands/report.ts');
      done(await report([first, second], options, session));
    });
}

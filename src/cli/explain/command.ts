/** The command line of `coldstart explain`. */
import { type Command, Option } from 'commander';
import type { ExplainOptions } from '../commands/explain.ts';
import { identityOption } from '../options/frequent.ts';
import type { CommonOptions, Session } from '../session.ts';

export function describeExplain(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Show where a file of a node comes from, or what a message means.')
    .usage('[options] [CONFIG] PATH --node N | CODE')
    .argument(
      '<path>',
      'path on the node, e.g. /etc/hosts; with two arguments, the first is the configuration; or the code of a message',
    )
    .argument('[path]')
    .addOption(new Option('--node <name>', 'the node; not needed if there is only one'))
    .addOption(identityOption())
    .action(async (first: string, second: string | undefined, options: CommonOptions & ExplainOptions) => {
      const { explain } = await import('../commands/explain.ts');
      const [config, path] = second === undefined ? [undefined, first] : [first, second];
      done(await explain(config, path, options, session));
    });
}

/** The command line of `coldstart status`. */
import type { Command } from 'commander';
import type { StatusOptions } from '../commands/status.ts';
import { identityOption, nodeOption } from '../options/frequent.ts';
import { sshOptions } from '../options/ssh.ts';
import type { CommonOptions, Session } from '../session.ts';

const ABOUT = `
Each node is asked by SSH. Host keys come from the secrets store. --out is only read: it says which images are the newest.
Exit codes: 0 all nodes are healthy; 8 a node is not healthy, cannot be reached, or gave up its last update; others as usual.`;

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeStatus(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Show image, slot, version, health and certificates of each running node. Changes nothing.')
    .argument('[config]', 'cluster.yaml or its folder (default: the current folder)')
    .addHelpText('after', ABOUT)
    .addOption(nodeOption('ask'))
    .option('--out <folder>', 'output folder of `build` (default: out/<cluster>)');
  sshOptions(command)
    .addOption(identityOption())
    .action(async (config: string | undefined, options: CommonOptions & StatusOptions) => {
      const { status } = await import('../commands/status.ts');
      done(await status(config, options, session));
    });
}

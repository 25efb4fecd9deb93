/** The command line of `coldstart completion`, and of the hidden `coldstart complete` that its scripts call. */
import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { SHELLS, type Shell } from './shells.ts';

/** Adds the argument to `coldstart completion`; `done` receives the exit code. */
export function describeCompletion(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Print a script that makes a shell complete commands, options and names of nodes.')
    .addArgument(new Argument('<shell>', 'the shell that asks').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { completion } = await import('../commands/completion.ts');
      done(await completion(shell, session));
    });
}

/** Adds the words to `coldstart complete`: `program` is the table that they are completed from. */
export function describeComplete(
  command: Command,
  program: Command,
  session: Session,
  done: (exitCode: number) => void,
): void {
  command
    .description('Print the words that may come next. The scripts of `coldstart completion` call it.')
    .argument('[words...]', 'the words after `coldstart`, the last of them incomplete')
    .action(async (words: readonly string[]) => {
      const { complete } = await import('../commands/completion.ts');
      done(await complete(words, program, session));
    });
}

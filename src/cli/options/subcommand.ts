/** What all commands have in common. */
import { Option, type Command } from 'commander';
import type { Session } from '../session.ts';

/** Gives a command the streams of the session, and errors instead of an end of the process. */
export function baseCommand(command: Command, { stdout, stderr }: Session): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: stdout.write, writeErr: stderr.write, getOutHelpWidth: () => stdout.columns || 100 })
    .helpCommand(false);
}

/** A new command with the options that all have. */
export function subcommand(program: Command, session: Session, name: string): Command {
  return baseCommand(program.command(name), session)
    .option('--json', 'write results as one JSON object per line')
    .addOption(
      new Option('--log <form>', 'form of progress and diagnostics')
        .choices(['auto', 'plain', 'json', 'silent'])
        .default('auto'),
    )
    .option('--strict', 'treat warnings as errors');
}

/** `coldstart completion`, and `coldstart complete` that its scripts call at each press of the Tab key. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SYSTEM_FOLDER } from '../../usecases/installation.ts';
import { nodeNames } from '../../usecases/node-names.ts';
import { candidatesFor } from '../completion/candidates.ts';
import type { Shell } from '../completion/shells.ts';
import { hostOf } from '../host.ts';
import type { Session } from '../session.ts';

/** Writes the script of a shell. It may be sourced, or put where the shell looks for completions. */
export async function completion(shell: Shell, session: Session): Promise<number> {
  session.stdout.write(await readFile(join(SYSTEM_FOLDER, 'scripts/completion', `coldstart.${shell}`), 'utf8'));
  return 0;
}

/** Writes a line for each word that may come next: the word, a tab, its description. */
export async function complete(words: readonly string[], program: Command, session: Session): Promise<number> {
  const host = hostOf({ log: 'silent' }, session);
  const candidates = await candidatesFor(words, program, (config) => nodeNames(config, host));
  session.stdout.write(candidates.map(({ word, description }) => `${word}\t${description}\n`).join(''));
  return 0;
}

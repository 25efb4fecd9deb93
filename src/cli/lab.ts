/** `coldstart lab`: which action takes which words. */
import { supervise } from '../lab/supervisor.ts';
import type { LabAction } from './lab-actions.ts';
import { labConsole } from './lab-console.ts';
import { fault } from './lab-faults.ts';
import { labDown, labStatus } from './lab-status.ts';
import { labUp, type UpOptions } from './lab-up.ts';
import type { CommonOptions, Session } from './session.ts';
import { UsageError } from './usage.ts';

export type LabCommandOptions = CommonOptions & UpOptions & { readonly cluster?: string };

/** @throws UsageError where there are words too many or too few */
export async function lab(
  action: LabAction,
  words: readonly string[],
  options: LabCommandOptions,
  session: Session,
): Promise<number> {
  const [word] = words;
  switch (action) {
    case 'up':
      return labUp(noneOrOne(action, words), options, session);
    case 'status':
      none(action, words);
      return labStatus(options, session);
    case 'down':
      none(action, words);
      return labDown(options, session);
    case 'console':
      return labConsole(one(action, words), options, session);
    case 'supervise':
      await supervise(word ?? '', session.signal);
      return 0;
    default:
      return fault(action, one(action, words), options, session);
  }
}

function none(action: string, words: readonly string[]): void {
  if (words.length > 0)
    throw new UsageError(`\`lab ${action}\` takes no further words.`, 'choose a lab with --cluster');
}

function noneOrOne(action: string, words: readonly string[]): string | undefined {
  if (words.length > 1) throw new UsageError(`\`lab ${action}\` takes one configuration.`);
  return words[0];
}

function one(action: string, words: readonly string[]): string {
  const [word] = words;
  if (word === undefined || words.length > 1) {
    throw new UsageError(`\`lab ${action}\` takes the name of one node.`, `coldstart lab ${action} NODE`);
  }
  return word;
}

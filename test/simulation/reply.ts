/** The answer to a command. */
import type { Answer } from './shell.ts';

/** `takes`: seconds until the answer is there. */
export interface Reply extends Answer {
  readonly takes: number;
}

export const say = (out = '', takes = 0.05): Reply => ({ status: 0, out, err: '', takes });
export const refuse = (err: string, takes = 0.05, status = 1): Reply => ({ status, out: '', err: `${err}\n`, takes });

/** The word after a flag. */
export const after = (args: readonly string[], flag: string): string => args[args.indexOf(flag) + 1] ?? '';

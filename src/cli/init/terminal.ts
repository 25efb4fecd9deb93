/** Questions on a terminal, a line for each answer. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Person } from '../../usecases/init/interview.ts';
import { UsageError } from '../../usecases/usage.ts';
import type { Input, Session } from '../session.ts';

/** Asks until `close` is called. Questions go to stderr, as stdout is for the result. */
export function openTerminal(stdin: Input, session: Session): Person & { readonly close: () => void } {
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      session.stderr.write(chunk.toString());
      done();
    },
  });
  const terminal = createInterface({ input: stdin, output: Object.assign(output, { columns: session.stderr.columns || 80 }), terminal: true }); // prettier-ignore
  const ended = new AbortController();
  terminal.once('close', () => {
    ended.abort();
  });
  // The terminal is in raw mode, in which Ctrl-C is a key.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return {
    ask: async (text, suggestion) => {
      const question = `${text}${suggestion === undefined ? '' : ` [${suggestion}]`}: `;
      try {
        const answer = await terminal.question(question, { signal: AbortSignal.any([session.signal, ended.signal]) });
        return answer.trim() || (suggestion ?? '');
      } catch (error) {
        if (session.signal.aborted || !ended.signal.aborted) throw error;
        throw new UsageError('The input ended before the last answer, so nothing was written.');
      }
    },
    say: (line) => {
      session.stderr.write(`${line}\n`);
    },
    close: () => {
      terminal.close();
    },
  };
}

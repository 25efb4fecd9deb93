/** `--log json`: every line on stderr is one JSON object, from any writer, also when the program fails. */
import type { Output } from '../session.ts';

/** Whether the command line contains `--log json`. Needed before the command line is parsed, because parsing may fail. */
export function wantsJsonLog(argv: readonly string[]): boolean {
  const own = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  const modes = own.flatMap((word, index) => {
    if (word === '--log') return [own[index + 1]];
    return word.startsWith('--log=') ? [word.slice('--log='.length)] : [];
  });
  return modes.at(-1) === 'json';
}

/** A stream that turns each line of plain text into a record, `{"type":"message","message":…}`. */
export function asJsonLines(output: Output): Output {
  const write = (text: string): void => {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    output.write(
      lines.map((line) => `${isRecord(line) ? line : JSON.stringify({ type: 'message', message: line })}\n`).join(''),
    );
  };
  return { write, isTTY: false, columns: 0 };
}

function isRecord(line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

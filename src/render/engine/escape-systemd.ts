/**
 * Escapes text for systemd, so that its unit parser reads exactly that text: plain values, lists of quoted words, and
 * the command lines of `Exec*=`. Rules: systemd.syntax(7), systemd.service(5) COMMAND LINES, systemd.unit(5)
 * SPECIFIERS.
 */
import { UnrepresentableError } from './error.ts';

/** Marks a list as a command line in a view, see {@link execArgv}. */
interface Argv {
  readonly argv: readonly string[];
}

export function isArgv(value: unknown): value is Argv {
  return typeof value === 'object' && value !== null && 'argv' in value && Array.isArray(value.argv);
}

/** The rest of a `Key=` line. A trailing backslash would join the next line, and systemd strips blanks at the ends. */
export function unitValue(text: string): string {
  if (text === '' || text !== text.trim() || text.endsWith('\\')) {
    throw new UnrepresentableError(
      'an empty value, blanks at its ends or a backslash at its end cannot be written here',
    );
  }
  return text.replaceAll('%', '%%');
}

/** Words for settings that split and unquote, such as `Environment=` and `DefaultEnvironment=`. */
export function unitWords(words: readonly string[]): string {
  return words.map((text) => quoted(text.replaceAll('%', '%%'))).join(' ');
}

/** A command line for `Exec*=`: the program gets every argument unchanged. The program's path is absolute. */
export function execArgv(argv: readonly string[]): string {
  // systemd looks for prefixes (`-`, `+`, `@`…) after it has unquoted the first word, so quotes cannot protect it.
  if (!argv[0]?.startsWith('/')) throw new UnrepresentableError('a command must start with an absolute path');
  const [program = '', ...args] = argv.map((text) => text.replaceAll('%', '%%'));
  // systemd expands no variables in the program's own path.
  return [quoted(program), ...args.map((text) => quoted(text.replaceAll('$', '$$$$')))].join(' ');
}

/** One argument of a command line in a unit: a text, and behind it the path of a credential (systemd.exec(5)). */
interface Word {
  readonly word: string;
  /** The name of the credential, which needs no escapes. */
  readonly credential: string | null;
}

export function isWord(value: unknown): value is Word {
  return typeof value === 'object' && value !== null && 'word' in value && 'credential' in value;
}

/** An argument on a line of its own, which the program gets unchanged. */
export function execWord(text: string, credential: string | null): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return quoted(credential === null ? escaped : `${escaped}%d/${credential}`);
}

function quoted(text: string): string {
  if (/^[\w./:=,@+%$*-]+$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

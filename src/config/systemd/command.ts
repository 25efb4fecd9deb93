/** Command lines of services. Sources: systemd.service(5), "Command lines"; config_parse_exec() in systemd's source. */

/** `refused`: systemd does not load the unit because of the command. */
type Command =
  | { readonly refused: string; readonly programs?: undefined }
  | {
      /** The program of each command, without commands whose failure is ignored (`-`). */
      readonly programs: readonly string[];
      readonly count: number;
      readonly refused?: undefined;
    };

/** Reads a value of `ExecStart=` and similar settings. Not for the empty value, which resets the list. */
export function readCommand(value: string): Command {
  const programs: string[] = [];
  let count = 0;
  let rest = value;
  while (rest !== '') {
    const words = takeWords(rest);
    if (words === undefined) return { refused: 'a quote is not closed' };
    const [first = ''] = words.taken;
    const fault = programFault(first, words.taken.length);
    if (fault !== undefined) return { refused: fault };
    const { flags, path } = programOf(first);
    if (path !== '') count++;
    if (path !== '' && !flags.includes('-')) programs.push(path);
    rest = words.rest;
  }
  return { programs, count };
}

/** Splits the prefixes from the path: each of `@`, `-`, `:` at most once, and one of `+`, `!` and `!!`. */
function programOf(word: string): { readonly flags: string; readonly path: string } {
  let flags = '';
  let path = word;
  for (;;) {
    const next = /^(!!|[-@:+!])/.exec(path)?.[0];
    if (next === undefined || flags.includes(next) || (/[+!]/.test(next) && /[+!]/.test(flags))) return { flags, path };
    flags += next;
    path = path.slice(next.length);
  }
}

function programFault(word: string, words: number): string | undefined {
  const { flags, path } = programOf(word);
  if (path === '') return undefined; // systemd ignores it
  if (path.includes('%')) return undefined;
  if (path.includes('/') ? !path.startsWith('/') : /^(\.|\.\.)$/.test(path)) {
    return `\`${path}\` is neither an absolute path nor the name of a program`;
  }
  if (path.endsWith('/')) return `\`${path}\` is a folder`;
  return flags.includes('@') && words < 2 ? 'behind `@` the name for `argv[0]` is missing' : undefined;
}

interface Taken {
  readonly taken: readonly string[];
  /** The text after a `;` that is a word of its own. */
  readonly rest: string;
}

/** The words up to a `;` that is a word of its own; undefined if a quote is not closed. */
function takeWords(line: string): Taken | undefined {
  const taken: string[] = [];
  const pattern = /\s*((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+|\S)/gsy;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const word = match[1] ?? '';
    if (word === ';') return { taken, rest: line.slice(pattern.lastIndex).trim() };
    if (word === '"' || word === "'") return undefined;
    taken.push(word.replace(/^(["'])(.*)\1$/s, '$2'));
    if (line.slice(pattern.lastIndex).trim() === '') break;
  }
  return { taken, rest: '' };
}

/** Command lines of services. Sources: systemd.service(5), "Command lines"; config_parse_exec() in systemd's source. */

/** `refused`: the whole unit is not loaded for it. */
type Command =
  | { readonly refused: string; readonly programs?: undefined }
  | {
      /** One for each command of the line; those whose failure does not matter (`-`) are left out. */
      readonly programs: readonly string[];
      readonly count: number;
      readonly refused?: undefined;
    };

/** Reads a value of `ExecStart=` and the like; not the empty one, which takes back what was before. */
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

/** Each of `@`, `-`, `:` at most once, and one of `+`, `!`, `!!` and `|`. */
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
  if (path === '') return undefined; // it is passed over
  if (path.includes('%')) return undefined;
  if (path.includes('/') ? !path.startsWith('/') : /^(\.|\.\.)$/.test(path)) {
    return `\`${path}\` is neither an absolute path nor the name of a program`;
  }
  if (path.endsWith('/')) return `\`${path}\` is a folder`;
  return flags.includes('@') && words < 2 ? 'behind `@` the name for `argv[0]` is missing' : undefined;
}

interface Taken {
  readonly taken: readonly string[];
  /** What follows a `;` that stands alone. */
  readonly rest: string;
}

/** The words up to a `;` that stands alone; undefined when a quote is not closed. */
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

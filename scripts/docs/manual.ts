/**
 * The manual pages, from the table of commands that `--help` is made of: `coldstart(1)`, and a page for each command. In the macros of
 * man(7): https://man7.org/linux/man-pages/man7/man.7.html
 */
import type { Command, Help } from 'commander';
import { EXIT_CODES } from '../../src/cli/options/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';

/** The pages by name of the file, e.g. `coldstart-build.1`. */
export function manualPages(): ReadonlyMap<string, string> {
  const coldstart = program();
  const help = coldstart.createHelp();
  const all = [coldstart, ...help.visibleCommands(coldstart)];
  return new Map(all.map((command) => [`${nameOf(command)}.1`, page(command, help, all)]));
}

function program(): Command {
  const nowhere = { write: () => undefined, isTTY: false, columns: 0 };
  const { signal } = new AbortController();
  const session = { cwd: '/', env: {}, stdout: nowhere, stderr: nowhere, signal, clock: () => 0, now: new Date(0) };
  return createProgram(session, () => undefined);
}

const reference = (command: Command): string => `.BR ${escaped(nameOf(command))} (1)`;

const nameOf = (command: Command): string => (command.parent ? `coldstart-${command.name()}` : 'coldstart');

function page(command: Command, help: Help, all: readonly Command[]): string {
  const name = nameOf(command);
  const [summary = '', ...further] = command.description().split(/(?<=\.) /);
  const described = (terms: readonly { readonly term: string; readonly text: string }[]): string[] =>
    terms.map(({ term, text }) => `.TP\n.B ${escaped(term)}\n${escaped(text)}`);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['NAME', [`${escaped(name)} \\- ${escaped(summary.replace(/\.$/, ''))}`]],
    ['SYNOPSIS', [`.B ${escaped(name.replace('-', ' '))}`, escaped(command.usage())]],
    ['DESCRIPTION', further.map(escaped)],
    [
      'COMMANDS',
      described(help.visibleCommands(command).map((one) => ({ term: one.name(), text: one.description() }))),
    ],
    [
      'ARGUMENTS',
      described(
        help.visibleArguments(command).map((one) => ({ term: one.name(), text: help.argumentDescription(one) })),
      ),
    ],
    [
      'OPTIONS',
      described(help.visibleOptions(command).map((one) => ({ term: one.flags, text: help.optionDescription(one) }))),
    ],
    ['NOTES', command.parent ? notes(command) : []],
    ['EXIT STATUS', described([...EXIT_CODES].map(([code, text]) => ({ term: String(code), text })))],
    ['SEE ALSO', [(command.parent ? [command.parent] : all.slice(1)).map(reference).join(' ,\n')]],
  ];
  const text = sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : [`.SH ${title}`, ...lines]));
  const head = ['.\\" Made by `npm run docs` from the table of commands; do not edit.', `.TH ${name.toUpperCase()} 1`];
  return `${[...head, ...text].join('\n')}\n`;
}

/** The text below the options of `--help`, a paragraph for each line that ends a sentence. */
function notes(command: Command): string[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  const below = text.slice(command.helpInformation().length).trim();
  const paragraphs = below.split(/(?<=\.)\n/).map((part) => escaped(part.replaceAll('\n', ' ')));
  return below === '' ? [] : [paragraphs.join('\n.PP\n')];
}

/** As groff_char(7) wants it: a hyphen that is to be copied, a backslash; no line begins as a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

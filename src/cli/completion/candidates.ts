/** The words that may come next on a command line, from the table of commands. */
import type { Command, Option } from 'commander';

interface Candidate {
  readonly word: string;
  /** One line; empty if the word says enough. */
  readonly description: string;
}

/** Names of the nodes of a configuration, by default of the one in the current folder. Empty if it cannot be read. */
type NodeNames = (config: string | undefined) => Promise<readonly string[]>;

/**
 * Candidates for the last of `words`, which may be empty. `words` are those after the name of the program. There are no candidates
 * where a path belongs, or a text that only the user knows; shells then offer files.
 */
export async function candidatesFor(
  words: readonly string[],
  program: Command,
  nodeNames: NodeNames,
): Promise<readonly Candidate[]> {
  const tokens = words.flatMap(valueApart);
  const current = tokens.at(-1) ?? '';
  const prefix = /^--[\w-]+=/.exec(words.at(-1) ?? '')?.[0] ?? '';
  const possible = await allCandidates(tokens.slice(0, -1), current, program, nodeNames);
  return possible
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, description }) => ({ word: `${prefix}${word}`, description }));
}

/** `--node=worker-01` is one word in zsh and fish, and three in Bash: the option, the sign, the value. */
function valueApart(word: string, index: number, { length }: readonly string[]): readonly string[] {
  if (word === '=') return index === length - 1 ? [''] : [];
  const [, option, value] = /^(--[\w-]+)=(.*)$/.exec(word) ?? [];
  return option === undefined || value === undefined ? [word] : [option, value];
}

async function allCandidates(
  [name, ...earlier]: readonly string[],
  current: string,
  program: Command,
  nodeNames: NodeNames,
): Promise<readonly Candidate[]> {
  const isFlag = current.startsWith('-');
  if (name === undefined) return isFlag ? flagsOf(program, []) : commandsOf(program).map(described);
  const command = commandsOf(program).find((one) => one.name() === name);
  if (command === undefined) return [];
  const { options, positional, awaiting } = read(earlier, command);
  const nodes = async (config: string | undefined) => (await nodeNames(config)).map(undescribed);
  if (awaiting?.long === '--node') return nodes(positional[0]);
  if (awaiting) return (awaiting.argChoices ?? []).map(undescribed);
  if (isFlag) return flagsOf(command, options);
  if (isNode(command, positional.length)) return nodes(undefined);
  return (command.registeredArguments[positional.length]?.argChoices ?? []).map(undescribed);
}

/** Tells options, their values and arguments apart. `awaiting` is the option that the next word is the value of. */
function read(words: readonly string[], command: Command) {
  const options: Option[] = [];
  const positional: string[] = [];
  let awaiting: Option | undefined;
  for (const word of words) {
    const option = awaiting ? undefined : command.options.find(({ long, short }) => word === long || word === short);
    if (option) options.push(option);
    else if (!awaiting && !word.startsWith('-')) positional.push(word);
    awaiting = option?.required === true ? option : undefined;
  }
  return { options, positional, awaiting };
}

/** Whether the argument at `index` is the name of a node, as in `lab console NODE`. */
const isNode = (command: Command, index: number): boolean => command.name() === 'lab' && index === 1;

const commandsOf = (program: Command): readonly Command[] => program.createHelp().visibleCommands(program);

/** The options of a command that were not given yet, or may be repeated. */
const flagsOf = (command: Command, given: readonly Option[]): readonly Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !given.includes(option) || option.description.endsWith('may be repeated'))
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description }));

const described = (command: Command): Candidate => ({ word: command.name(), description: command.description() });

const undescribed = (word: string): Candidate => ({ word, description: '' });

/** The command line of `coldstart lab` as a table. */
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { LAB_ACTIONS, SUPERVISE, type LabAction } from './actions.ts';
import type { LabCommandOptions } from '../commands/lab.ts';
import type { Firmware } from '../../lab/qemu/firmware.ts';
import type { Session } from '../session.ts';

const ABOUT = `
Actions: up [CONFIG] builds the images and boots them; status shows the nodes; console NODE opens the serial
console (leave with Ctrl-]); down ends the lab.
Faults: kill NODE cuts the power, start NODE switches it on; pause and resume NODE; partition NODE disconnects it from
the network, heal NODE connects it again; wipe NODE cuts the power and replaces its disks with blank ones.`;

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeLab(command: Command, session: Session, done: (exitCode: number) => void): void {
  const actions = new Argument('<action>', 'what to do').choices(LAB_ACTIONS).argParser(parseAction);
  command
    .description('Boot a cluster in QEMU on this machine, on a private network.')
    .usage('[options] up [CONFIG] | status | console NODE | down | FAULT NODE')
    .addArgument(actions)
    .argument('[words...]', 'the configuration, or the node')
    .addHelpText('after', ABOUT)
    .option('--cluster <name>', 'which lab, if several run')
    .option('--node <name>', 'up: boot this node only; may be repeated', several)
    .option('--out <folder>', 'up: folder of the images (default: out/<cluster>)')
    .option('--state <folder>', 'up: folder for disks and logs (default: out/<cluster>/lab)')
    .option('--artifacts <folder>', 'up: as for build; the nodes can read it at the address that status shows')
    .option('--identity <file>', 'up: age identity that decrypts the secrets store; may be repeated', several)
    .addOption(size('--memory <MiB>', 'up: memory of each node', 2048))
    .addOption(size('--cpus <count>', 'up: processors of each node (default: 2 with KVM, else 1)'))
    .addOption(
      new Option('--firmware <kind>', 'up: firmware of the nodes')
        .choices(['bios', 'uefi', 'secure-boot'] satisfies Firmware[])
        .default('bios'),
    )
    .option('--internet', 'up: let the nodes reach the internet through this machine')
    .option('--for <duration>', 'up: end the lab after this time', '2h')
    .option('--timeout <duration>', 'up: stop waiting for the nodes after this time', '30m')
    .option('--no-wait', 'up: do not wait for the nodes')
    .action(async (action: LabAction, words: readonly string[], options: LabCommandOptions) => {
      const { lab } = await import('../commands/lab.ts');
      done(await lab(action, words, options, session));
    });
}

function parseAction(word: string): LabAction {
  const all: readonly LabAction[] = [...LAB_ACTIONS, SUPERVISE];
  const action = all.find((known) => known === word);
  if (action === undefined) throw new InvalidArgumentError(`The actions are ${LAB_ACTIONS.join(', ')}.`);
  return action;
}

function size(flags: string, description: string, usual?: number): Option {
  const parse = (text: string): number => {
    if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number of at least 1.');
    return Number(text);
  };
  return new Option(flags, description).argParser(parse).default(usual);
}

function several(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

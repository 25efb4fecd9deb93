/** The command line of `coldstart init`. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { listOf, machineOf, type Machine, MACHINE_FORM } from '../../usecases/init/answers.ts';
import type { InitOptions } from '../commands/init.ts';
import type { Session } from '../session.ts';

const lists = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, ...listOf(text)];
const several = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text];
const machines = (text: string, earlier: readonly Partial<Machine>[] = []): readonly Partial<Machine>[] => [
  ...earlier,
  machineOf(text),
];

export function describeInit(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description(
      'Make a new definition from answers, and check it. Asks for what no flag says. Never overwrites a file.',
    )
    .argument('[folder]', 'new or existing folder without a definition (default: the current folder)')
    .option('--name <name>', 'name of the cluster')
    .option('--domain <domain>', 'DNS domain of the machines (default: none)')
    .addOption(new Option('--network <cidr>', 'network of the machines; may be repeated').argParser(lists))
    .addOption(new Option('--gateway <address>', 'gateway, or `none`; may be repeated').argParser(lists))
    .addOption(new Option('--dns <address>', 'name server; may be repeated').argParser(lists))
    .option('--kubernetes <version>', 'version of Kubernetes (default: the one that this version prefers)')
    .addOption(
      new Option('--admin-key <file>', 'public SSH key of the account `admin`, or its file; may be repeated').argParser(
        several,
      ),
    )
    .addOption(new Option('--master <machine>', `${MACHINE_FORM}; may be repeated`).argParser(machines))
    .addOption(new Option('--worker <machine>', `${MACHINE_FORM}; may be repeated`).argParser(machines))
    .option('--ceph', 'run Ceph on the disks that `osd=` of the machines names')
    .option('--virtual-ip <address>', 'unused address that moves to a working master')
    .option('--yes', 'ask nothing: flags and defaults have to be enough')
    .addHelpText(
      'after',
      '\nA machine is one word, e.g. --master name=master-01,mac=52:54:00:12:34:01,ip=192.168.50.11,disk=S4EVNF0M123456.\n' +
        '`mac`, `ip` and `osd` may be repeated. A disk is a serial number, a WWN, or a path below /dev/disk/by-id/.\n' +
        'Without workers, the masters run ordinary pods.',
    )
    .action(async (folder: string | undefined, options: InitOptions) => {
      const { initCommand } = await import('../commands/init.ts');
      done(await initCommand(folder, options, session));
    });
}

/** The command lines of `coldstart status` and `coldstart update`. */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import type { StatusOptions } from '../commands/status.ts';
import type { UpdateOptions } from '../commands/update.ts';
import { ARTIFACTS, identityOption, nodeOption, positive } from '../options/frequent.ts';
import { sshOptions } from '../options/ssh.ts';
import type { CommonOptions, Session } from '../session.ts';

const ABOUT = `
Each node is asked by SSH. Host keys come from the secrets store. --out is only read: it says which images are the newest.
Exit codes: 0 all nodes are healthy; 8 a node is not healthy, cannot be reached, or gave up its last update; others as usual.`;

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeStatus(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description('Show image, slot, version, health and certificates of each running node. Changes nothing.')
    .argument('[config]', 'cluster.yaml or its folder (default: the current folder)')
    .addHelpText('after', ABOUT)
    .addOption(nodeOption('ask'))
    .option('--out <folder>', 'output folder of `build` (default: out/<cluster>)');
  sshOptions(command)
    .addOption(identityOption())
    .action(async (config: string | undefined, options: CommonOptions & StatusOptions) => {
      const { status } = await import('../commands/status.ts');
      done(await status(config, options, session));
    });
}

const COURSE = `
Each node: write the update into the slot that does not run, move its pods away, restart, wait until the node is good.
Masters come first, one at a time and never without quorum of etcd, then storage nodes, then workers. It stops at the
first node that does not become good; a new call continues, because the nodes say what they run.
Exit codes: 0 all nodes run what the definition says; 2 no terminal to ask at, and no --yes; 8 the rollout stopped or
did not begin, or a node cannot be updated; 130 interrupted: a node that has not restarted is as before.`;

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeUpdate(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description(
      'Bring a running cluster to the definition: build the updates, show the plan, ask, update node by node.',
    )
    .argument('[config]', 'cluster.yaml or its folder (default: the current folder)')
    .addHelpText('after', COURSE)
    .addOption(nodeOption('update'))
    .addOption(new Option('--parallel <count>', 'how many workers are away at a time').argParser(positive).default(1))
    .option('--yes', 'do not ask')
    .option('--no-build', 'take the bundles of the output folder as they are')
    .option('--dry-run', 'show the plan for the bundles of the output folder; change nothing')
    .option('--force', 'begin although the cluster is not healthy; accept older releases; do not ask Ceph')
    .option('--no-drain', 'restart nodes without moving their pods away')
    .option('--drain-timeout <duration>', 'how long the pods of a node may take to move', '15m')
    .option('--out <folder>', 'folder for the images (default: out/<cluster>)')
    .option('--artifacts <folder>', ARTIFACTS)
    .option('--locked', 'stop if coldstart.lock.yaml lacks a digest or the secrets store lacks a key')
    .addOption(
      new Option('--jobs <count>', 'how many nodes are packed at the same time')
        .argParser(positive)
        .default(availableParallelism(), 'number of processors'),
    );
  sshOptions(command)
    .addOption(identityOption())
    .action(async (config: string | undefined, options: CommonOptions & UpdateOptions) => {
      const { update } = await import('../commands/update.ts');
      done(await update(config, options, session));
    });
}

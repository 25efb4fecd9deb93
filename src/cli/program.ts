/** The command line as a table: names, arguments, options and help. The code of a command is loaded when it is called. */
import { availableParallelism } from 'node:os';
import { Argument, Command, Option, type Help } from 'commander';
import type { BuildOptions } from './commands/build.ts';
import type { CheckOptions } from './commands/check.ts';
import type { IdentifyOptions } from './commands/identify.ts';
import { wantsJsonLog } from './streams/json-log.ts';
import { describeExplain } from './explain/command.ts';
import { describeImport } from './import/command.ts';
import { describeInit } from './init/command.ts';
import { describeInventory } from './inventory/command.ts';
import { describeLab } from './lab/command.ts';
import type { LockOptions } from './commands/lock.ts';
import type { MergeOptions } from './commands/merge.ts';
import type { RenderOptions } from './commands/render.ts';
import type { SecretsAction, SecretsOptions } from './commands/secrets.ts';
import type { RotationStep } from '../pki/store/model.ts';
import { readVersion } from '../usecases/installation.ts';
import { ARTIFACTS, identityOption, nodeOption, positive } from './options/frequent.ts';
import { describeComplete, describeCompletion } from './completion/command.ts';
import { commaList, shard } from './options/parts.ts';
import { describeDiff, describeReport } from './review/command.ts';
import { describeStatus, describeUpdate } from './rollout/command.ts';
import { describeServe } from './serve/command.ts';
import { EXIT_CODES } from './options/exit-codes.ts';
import { baseCommand, subcommand } from './options/subcommand.ts';
import type { CommonOptions, Session } from './session.ts';

const CONFIG = 'cluster.yaml or its folder (default: the current folder)';
/** Runs the command that `argv` names and returns its exit code. @throws CommanderError after writing help or a usage error */
export async function runCli(argv: readonly string[], session: Session): Promise<number> {
  let exitCode = 0;
  const program = createProgram(session, (code) => void (exitCode = code));
  // With a JSON log, commander must not write usage errors; the program reports them as its failure.
  if (wantsJsonLog(argv))
    [program, ...program.commands].forEach((one) => one.configureOutput({ writeErr: () => undefined }));
  await program.parseAsync(argv, { from: 'user' });
  return exitCode;
}

/** The whole command line; `done` receives the exit code of the command that ran. */
export function createProgram(session: Session, done: (exitCode: number) => void): Command {
  const program = baseCommand(new Command('coldstart'), session)
    .description('Turns one cluster.yaml into bootable images, one for each machine.')
    .version(readVersion())
    .addHelpText('after', ({ command }) => `\n${exitCodes(command.createHelp())}`);
  for (const add of [
    addCheck,
    addRender,
    addBuild,
    addDiff,
    addReport,
    addExplain,
    addIdentify,
    addImport,
    addInit,
    addInventory,
    addLock,
    addMerge,
    addVerify,
    addServe,
    addStatus,
    addUpdate,
    addSecrets,
    addLab,
    addCompletion,
  ])
    add(program, session, done);
  return program;
}

function exitCodes(help: Help): string {
  const list = [...EXIT_CODES].map(([code, meaning]) => `${String(code)} ${meaning}`).join('; ');
  return help.boxWrap(`Exit codes: ${list}.`, help.helpWidth ?? 100);
}

type Add = (program: Command, session: Session, done: (exitCode: number) => void) => void;

const addCheck: Add = (program, session, done) => {
  subcommand(program, session, 'check')
    .description('Check a configuration. Writes nothing.')
    .argument('[config]', CONFIG)
    .option('--artifacts <folder>', ARTIFACTS)
    .action(async (config: string | undefined, options: CheckOptions) => {
      const { check } = await import('./commands/check.ts');
      done(await check(config, options, session));
    });
};

const addRender: Add = (program, session, done) => {
  subcommand(program, session, 'render')
    .description('Write the files of each node, with digests in place of secrets.')
    .argument('[config]', CONFIG)
    .addOption(nodeOption('render'))
    .option('--out <folder>', 'output folder; its content is replaced (default: out/<cluster>)')
    .option('--with-secrets', 'write secrets in clear')
    .addOption(identityOption())
    .action(async (config: string | undefined, options: CommonOptions & RenderOptions) => {
      const { render } = await import('./commands/render.ts');
      done(await render(config, options, session));
    });
};

const addBuild: Add = (program, session, done) => {
  subcommand(program, session, 'build')
    .description('Build the images of the nodes. build-iso does the same.')
    .argument('[config]', CONFIG)
    .addOption(nodeOption('build'))
    .addOption(
      new Option('--shard <i/n>', 'build part i of n, for n machines; `merge` joins their output folders').argParser(
        shard,
      ),
    )
    .addOption(
      new Option('--format <list>', 'formats, separated by commas, instead of those of the configuration').argParser(
        commaList,
      ),
    )
    .option('--out <folder>', 'folder for the images (default: out/<cluster>)')
    .option('--artifacts <folder>', ARTIFACTS)
    .option('--locked', 'stop if coldstart.lock.yaml lacks a digest or the secrets store lacks a key')
    .option('--dry-run', 'print plan, inventories and the difference from the output folder; write nothing')
    .option('--verbose', 'with --dry-run: print all nodes, whole inventories, and the files of new nodes')
    .addOption(identityOption())
    .addOption(
      new Option('--jobs <count>', 'how many nodes are packed at the same time')
        .argParser(positive)
        .default(availableParallelism(), 'number of processors'),
    )
    .action(async (config: string | undefined, options: CommonOptions & BuildOptions) => {
      const { build } = await import('./commands/build.ts');
      done(await build(config, options, session));
    });
};

const addDiff: Add = (program, session, done) => {
  describeDiff(subcommand(program, session, 'diff'), session, done);
};

const addReport: Add = (program, session, done) => {
  describeReport(subcommand(program, session, 'report'), session, done);
};

const addExplain: Add = (program, session, done) => {
  describeExplain(subcommand(program, session, 'explain'), session, done);
};

const addIdentify: Add = (program, session, done) => {
  subcommand(program, session, 'identify')
    .description('Show which node has a network card, for a machine that reports its cards.')
    .argument('<mac...>', 'MAC addresses, as the console of the machine shows them')
    .option('--config <config>', CONFIG)
    .action(async (macs: readonly string[], options: IdentifyOptions) => {
      const { identify } = await import('./commands/identify.ts');
      done(await identify(macs, options, session));
    });
};

const addImport: Add = (program, session, done) => {
  describeImport(subcommand(program, session, 'import'), session, done);
};

const addInit: Add = (program, session, done) => {
  describeInit(subcommand(program, session, 'init'), session, done);
};

const addInventory: Add = (program, session, done) => {
  describeInventory(subcommand(program, session, 'inventory'), session, done);
};

const addLock: Add = (program, session, done) => {
  subcommand(program, session, 'lock')
    .description('Write the digests of all downloads to coldstart.lock.yaml.')
    .argument('[config]', CONFIG)
    .option('--artifacts <folder>', ARTIFACTS)
    .action(async (config: string | undefined, options: CommonOptions & LockOptions) => {
      const { lock } = await import('./commands/lock.ts');
      done(await lock(config, options, session));
    });
};

const addMerge: Add = (program, session, done) => {
  subcommand(program, session, 'merge')
    .description('Join the output folders of all shards into the one that a build of all nodes would have written.')
    .argument('<out...>', 'the output folders of `build --shard`')
    .option('--out <folder>', 'folder for the result (default: out/<cluster>)')
    .action(async (parts: readonly string[], options: CommonOptions & MergeOptions) => {
      const { merge } = await import('./commands/merge.ts');
      done(await merge(parts, options, session));
    });
};

const addVerify: Add = (program, session, done) => {
  subcommand(program, session, 'verify')
    .description('Open the images of an output folder and compare them with their inventories.')
    .argument('<out>', 'the output folder of a cluster, e.g. out/lab')
    .action(async (out: string, options: CommonOptions) => {
      const { verify } = await import('./commands/verify.ts');
      done(await verify(out, options, session));
    });
};

const addServe: Add = (program, session, done) => {
  describeServe(subcommand(program, session, 'serve'), session, done);
};

const addStatus: Add = (program, session, done) => {
  describeStatus(subcommand(program, session, 'status'), session, done);
};

const addUpdate: Add = (program, session, done) => {
  describeUpdate(subcommand(program, session, 'update'), session, done);
};

const addSecrets: Add = (program, session, done) => {
  subcommand(program, session, 'secrets')
    .description('Show, complete or rotate keys, certificates and tokens of a cluster. Never shows their values.')
    .usage('[options] show [CONFIG] | issue [CONFIG] | rotate WHAT [CONFIG]')
    .addArgument(new Argument('<action>', 'what to do').choices(['show', 'issue', 'rotate']))
    .argument('[words...]', 'what to rotate (a name from `show`), and the configuration')
    .addOption(identityOption())
    .addOption(
      new Option('--step <step>', 'step of a rotation in three steps').choices([
        'stage',
        'activate',
        'retire',
      ] satisfies RotationStep[]),
    )
    .action(async (action: SecretsAction, words: readonly string[], options: SecretsOptions) => {
      const { secrets } = await import('./commands/secrets.ts');
      done(await secrets(action, words, options, session));
    });
};

const addLab: Add = (program, session, done) => {
  describeLab(subcommand(program, session, 'lab'), session, done);
};

const addCompletion: Add = (program, session, done) => {
  describeCompletion(baseCommand(program.command('completion'), session), session, done);
  describeComplete(baseCommand(program.command('complete', { hidden: true }), session), program, session, done);
};

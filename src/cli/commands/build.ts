/** `coldstart build`. */
import { join, relative } from 'node:path';
import { DEFAULT_EPOCH } from '../../builder/step-context.ts';
import { KUBECONFIG_FILE } from '../../builder/output/operator-kubeconfig.ts';
import type { BuildReport } from '../../builder/steps/request.ts';
import { exitClass } from '../../diagnostics/codes.ts';
import { portion, quantity } from '../../diagnostics/quantity.ts';
import { acceleratorArgs, usualProcessors } from '../../lab/qemu/firmware.ts';
import { build as buildImages, type Build } from '../../usecases/build.ts';
import { dryRun } from '../../usecases/dry-run.ts';
import type { Project } from '../../usecases/project.ts';
import type { Shard } from '../../usecases/shard.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import { writeDryRun } from '../text/dry-run.ts';
import { epochFrom } from '../options/epoch.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';
import { formatSize } from '../text/size.ts';
import { qemuCommand, UEFI_FLAG } from '../text/qemu-command.ts';

export interface BuildOptions extends IdentityOptions {
  readonly node?: readonly string[];
  readonly shard?: Shard;
  readonly format?: readonly string[];
  readonly out?: string;
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly jobs: number;
  readonly artifacts?: string;
  readonly locked?: true;
}

type Options = CommonOptions & BuildOptions;

export async function build(config: string | undefined, options: Options, session: Session): Promise<number> {
  const request = {
    ...{
      config,
      nodes: options.node,
      shard: options.shard,
      formats: options.format,
      out: options.out,
      locked: options.locked === true,
    },
    epoch: epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH),
    artifacts: artifactFolder(options.artifacts, session),
  };
  const host = hostOf(options, session);
  if (options.dryRun) {
    const { value, diagnostics } = await dryRun(request, host);
    if (value !== undefined) writeDryRun(value, options, session);
    return exitClass(diagnostics);
  }
  const { value, diagnostics } = await buildImages({ ...request, jobs: options.jobs }, host);
  if (value !== undefined) writeReport(value, options, session);
  return exitClass(diagnostics);
}

function writeReport({ project, report, outDir }: Build, options: Options, session: Session): void {
  const { nodes, kubeconfig } = report;
  if (options.json) {
    for (const { name: node, state, files } of nodes) {
      files.forEach((file) => writeJson(session, { type: 'image', node, state, ...file }));
    }
    const built = nodes.filter(({ state }) => state === 'built').map(({ name }) => name);
    writeJson(session, { type: 'build', out: outDir, nodes: nodes.length, built, kubeconfig });
    return;
  }
  const shown = (path: string): string => fromHere(session, path);
  const access =
    kubeconfig === 'written' ? `${shown(join(outDir, KUBECONFIG_FILE))}  gives full access to the cluster\n` : '';
  if (nodes.length === 0) {
    session.stdout.write('Nothing to do: no node is in this shard.\n');
    return;
  }
  if (nodes.every(({ state }) => state === 'unchanged')) {
    session.stdout.write(
      `${access}Nothing to do: the images of ${quantity(nodes.length, 'node')} in ${shown(outDir)} are up to date.\n`,
    );
    return;
  }
  const made = nodes.filter(({ state }) => state !== 'unchanged');
  const lines = made.flatMap(({ state, files }) =>
    files.map(
      ({ path, size, sha256 }) => `${shown(path)}  ${formatSize(size)}  sha256:${sha256.slice(0, 16)}  ${state}\n`,
    ),
  );
  const total = `${portion(made.length, nodes.length)} ${nodes.length === 1 ? 'node' : 'nodes'} built.\n`;
  session.stdout.write(`${lines.join('')}${access}${total}${tryText(project, report, shown)}`);
}

/** With more nodes, only the command for the first node is shown. */
const MOST_COMMANDS = 4;

function tryText({ nodes, cluster }: Project, report: BuildReport, shown: (path: string) => string): string {
  const built = report.nodes.filter(({ state }) => state === 'built');
  const serial = cluster.image.consoles.some((console) => console.startsWith('ttyS0'));
  const accelerator = acceleratorArgs().join(' ');
  const commands = built.flatMap(({ name, files }) => {
    const node = nodes.find((candidate) => candidate.name === name);
    const iso = files.find(({ format }) => format === 'iso');
    return node && iso ? [`${qemuCommand(node, shown(iso.path), serial, accelerator, usualProcessors())}\n`] : [];
  });
  const [first] = commands;
  if (first === undefined) return '';
  const all = commands.length <= MOST_COMMANDS ? commands : [first];
  const note = `(BIOS; for UEFI add ${UEFI_FLAG})`;
  return `\nTo try ${all.length === 1 && commands.length > 1 ? 'one' : 'them'} in QEMU ${note}:\n\n${all.join('\n')}`;
}

/** A relative path if the file is below the current folder. */
function fromHere(session: Session, path: string): string {
  const way = relative(session.cwd, path);
  return way === '' ? '.' : way.startsWith('..') ? path : way;
}

/** `coldstart build`: the images of the nodes, or with `--dry-run` everything that there is to say about them before. */
import { join, relative } from 'node:path';
import { defaultCacheDir } from '../builder/cache.ts';
import { DEFAULT_EPOCH } from '../builder/context.ts';
import { KUBECONFIG_FILE } from '../builder/kubeconfig.ts';
import { runBuild, type BuildReport } from '../builder/pipeline.ts';
import { acceleratorArgs, usualProcessors } from '../lab/firmware.ts';
import { artifactFolder } from './artifact-folder.ts';
import { count } from './comparison-text.ts';
import { dryRun } from './dry-run.ts';
import { withFormats } from './formats.ts';
import { issueSecrets } from './issue-secrets.ts';
import { lockDiagnostics } from './lock-diagnostics.ts';
import { mastersOf, movedMasters } from './moved-masters.ts';
import { movedShares } from './moved-shares.ts';
import { settingsIn } from './present-setting.ts';
import { openProject, outFolder, type Project } from './project.ts';
import { reportDiagnostics } from './report.ts';
import { runTasks } from './run-tasks.ts';
import type { IdentityOptions } from './secrets-store.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';
import { formatSize } from './size.ts';
import { qemuCommand, UEFI_FLAG } from './try-in-qemu.ts';
import { epochFrom } from './usage.ts';

export interface BuildOptions extends IdentityOptions {
  readonly node?: readonly string[];
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
  const epoch = epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH);
  const opened = await openProject({ config, nodes: options.node }, options, session);
  if (typeof opened === 'number') return opened;
  const project = withFormats(opened, options, session);
  if (typeof project === 'number') return project;
  const { cluster, plan } = project;
  const folder = artifactFolder(options.artifacts, session);
  const artifacts = { configDir: project.folder, folder, locked: options.locked === true };
  // A dry run downloads nothing that could be other than expected; with --locked it says whether the build would refuse.
  const unpinned = options.dryRun && !options.locked ? [] : await lockDiagnostics(project, artifacts);
  const outDir = outFolder(session, cluster.name, options.out);
  const present = settingsIn(outDir);
  const moved = [...(await movedMasters(mastersOf(project), present)), ...(await movedShares(project, present))];
  const found = [...unpinned, ...moved];
  const refused = reportDiagnostics(found, project.settings.frame, options, session);
  if (refused !== 0) return refused;
  const place = {
    artifacts,
    outDir,
    cacheDir: defaultCacheDir(session.env),
    epoch,
  };
  if (options.dryRun) return dryRun(project, place, options, session);
  const issued = await issueSecrets(project, options, session);
  if (typeof issued === 'number') return issued;
  const only = options.node ?? null;
  const request = { cluster, plan, ...issued, only, ...place, jobs: options.jobs, signal: session.signal };
  const report = await runBuild(request, (tasks, context) => runTasks(tasks, context, { session, log: options.log }));
  writeReport(project, report, place.outDir, options, session);
  return 0;
}

function writeReport(project: Project, report: BuildReport, outDir: string, options: Options, session: Session): void {
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
    kubeconfig === 'written' ? `${shown(join(outDir, KUBECONFIG_FILE))}  opens the cluster to whoever has it\n` : '';
  if (nodes.every(({ state }) => state === 'unchanged')) {
    session.stdout.write(
      `${access}Nothing to do: the images of ${count(nodes.length, 'node')} in ${shown(outDir)} are up to date.\n`,
    );
    return;
  }
  const lines = nodes.flatMap(({ state, files }) =>
    files.map(
      ({ path, size, sha256 }) => `${shown(path)}  ${formatSize(size)}  sha256:${sha256.slice(0, 16)}  ${state}\n`,
    ),
  );
  session.stdout.write(`${lines.join('')}${access}${tryText(project, report, shown)}`);
}

/** For more nodes than fit a screen, the first one stands for all. */
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

/** Relative where the file lies below the current folder. */
function fromHere(session: Session, path: string): string {
  const way = relative(session.cwd, path);
  return way === '' ? '.' : way.startsWith('..') ? path : way;
}

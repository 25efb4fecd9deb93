/**
 * `build`, from text to images, on one page: load, validate, plan and render (`openProject`), issue secrets, then layers, images
 * and the output folder. Writes nothing before the whole definition has been validated.
 */
import { mkdir } from 'node:fs/promises';
import type { ListrTask } from 'listr2';
import type { ArtifactSources } from '../builder/artifacts/artifacts.ts';
import { publishBuild } from '../builder/steps/publish-build.ts';
import { requireRoomForImages } from '../builder/steps/image-room.ts';
import { requireRoomInSlots } from '../builder/steps/slot-room.ts';
import { assembleIsos, buildArtifacts, buildBases } from '../builder/steps/shared-layers.ts';
import { holdingOutput } from '../builder/system/mutex.ts';
import { buildNode } from '../builder/steps/make-node-images.ts';
import type { BuildReport, ImageRequest } from '../builder/steps/request.ts';
import { closeBuild, planBuild, type BuildState } from '../builder/steps/build-state.ts';
import { isDisk } from '../config/formats.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { quantity } from '../diagnostics/quantity.ts';
import { Findings } from './findings.ts';
import { withFormats } from './prerequisites/formats.ts';
import type { Host } from './host.ts';
import { issueSecrets } from './secrets/issue.ts';
import { mastersOf, movedMasters } from './running-cluster/moved-masters.ts';
import { unpinned } from './prerequisites/pins.ts';
import { endingSupport } from './prerequisites/support.ts';
import { builtVersions, skewedVersions } from './running-cluster/kubernetes-versions.ts';
import { settingsIn } from './running-cluster/present-setting.ts';
import { chosenNames, openProject, outFolder, type Project, type ProjectRequest } from './project.ts';

export interface BuildRequest extends ProjectRequest {
  /** Formats that replace those of the definition. */
  readonly formats: readonly string[] | undefined;
  /** The output folder, as the user gave it; `out/<cluster>` by default. */
  readonly out: string | undefined;
  /** Absolute; a folder with files that Debian does not package. */
  readonly artifacts: string | null;
  /** Refuse downloads that the lock does not pin, and issue no keys. */
  readonly locked: boolean;
  /** Seconds since 1970; the time of every file in an image. */
  readonly epoch: number;
}

export interface Build {
  readonly project: Project;
  /** Absolute. */
  readonly outDir: string;
  readonly report: BuildReport;
}

/**
 * @param jobs number of nodes that are packed at the same time
 * @throws UsageError, SecretsError, BuildError; the signal's reason when the build was interrupted
 */
export async function build(request: BuildRequest & { readonly jobs: number }, host: Host): Promise<Result<Build>> {
  const findings = new Findings(host);
  const ready = await prepareBuild(request, findings, true);
  if (ready === undefined) return findings.stopped();
  const { project, outDir, artifacts } = ready;
  const issued = await issueSecrets(project, request.locked ? 'locked' : request.shard ? 'sharded' : null, findings);
  if (issued === undefined) return findings.stopped();
  const { cluster, plan } = project;
  const { cacheDir, signal } = host;
  const { epoch, jobs } = request;
  const only = chosenNames(request, project) ?? null;
  const report = await makeImages(
    { cluster, plan, ...issued, only, outDir, cacheDir, epoch, jobs, signal, artifacts },
    host.runTasks,
  );
  return findings.done({ project, outDir, report });
}

interface ReadyBuild {
  readonly project: Project;
  readonly outDir: string;
  readonly artifacts: ArtifactSources;
}

/**
 * All checks that need no key and no image. Undefined if a diagnostic is an error.
 * @param mustBePinned whether downloads that the lock does not pin are reported
 */
export async function prepareBuild(
  request: BuildRequest,
  findings: Findings,
  mustBePinned: boolean,
): Promise<ReadyBuild | undefined> {
  const opened = await openProject(request, findings);
  const project = opened && withFormats(opened, request.formats);
  if (project === undefined) return undefined;
  const { cluster, folder: configDir, settings } = project;
  const artifacts = { configDir, folder: request.artifacts, locked: request.locked };
  const outDir = outFolder(findings.host, cluster.name, request.out);
  const present = settingsIn(outDir);
  const found = [
    ...(mustBePinned ? await unpinned(project, artifacts) : []),
    ...(await movedMasters(mastersOf(project), present)),
    ...skewedVersions(project, request.nodes, await builtVersions(outDir, cluster.name)),
    ...endingSupport(project, findings.host.now),
  ];
  return findings.add(found, settings.frame) ? { project, outDir, artifacts } : undefined;
}

/** Filled by the steps; the last one sets `report`. */
interface BuildContext {
  state?: BuildState;
  report?: BuildReport;
}

type BuildStep = ListrTask<BuildContext>;

/**
 * Turns trees into images while holding the lock of the output folder. Removes unfinished files also after a failure.
 * @param run runs the steps in order and shows them
 * @throws BuildError; the signal's reason when the build was interrupted
 */
export async function makeImages(
  request: ImageRequest,
  run: (steps: BuildStep[], context: BuildContext) => Promise<unknown>,
): Promise<BuildReport> {
  await mkdir(request.outDir, { recursive: true });
  return holdingOutput(request.outDir, async () => {
    const context: BuildContext = {};
    try {
      await run(buildSteps(request), context);
    } finally {
      if (context.state !== undefined) await closeBuild(context.state);
    }
    if (context.report === undefined) throw new Error('the build ended without a report');
    return context.report;
  });
}

/** The steps from trees to the output folder, with the titles that the user sees. */
function buildSteps(request: ImageRequest): BuildStep[] {
  return [
    {
      title: 'Compare with the output folder',
      task: async (context, task) => {
        const state = await planBuild(request, (line) => (task.output = line));
        context.state = state;
        task.title = summary(state);
      },
    },
    {
      title: 'Build the base layers',
      skip: (context) => nothingToDo(context),
      task: (context, task) => buildBases(request, stateOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Pack the artifact layers',
      skip: (context) => nothingToDo(context) || noArtifacts(context),
      task: (context, task) => buildArtifacts(request, stateOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Assemble the shared ISOs',
      skip: (context) => nothingToDo(context) || noIso(context),
      task: (context, task) => assembleIsos(request, stateOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Make the node images',
      skip: (context) => nothingToDo(context),
      task: async (context, task) => {
        const state = stateOf(context);
        await requireRoomInSlots(request, state);
        await requireRoomForImages(request, state);
        return task.newListr(
          state.todo.map((node) => ({ title: node.node, task: () => buildNode(request, state, node) })),
          { concurrent: request.jobs, exitOnError: false }, // `publishBuild` throws the first failure
        );
      },
    },
    {
      title: 'Publish',
      task: async (context) => {
        context.report = await publishBuild(request, stateOf(context));
      },
    },
  ];
}

function stateOf(context: BuildContext): BuildState {
  if (context.state === undefined) throw new Error('a step ran before the build was planned');
  return context.state;
}

function nothingToDo(context: BuildContext): string | false {
  return stateOf(context).todo.length === 0 && 'nothing to do';
}

function noArtifacts(context: BuildContext): string | false {
  return stateOf(context).todo.every(({ artifactKey }) => artifactKey === null) && 'the images carry no artifacts';
}

function noIso(context: BuildContext): string | false {
  return !stateOf(context).todo.some(({ formats }) => formats.some(isDisk)) && 'no ISO or disk is requested';
}

function summary({ nodes, todo }: BuildState): string {
  const all = quantity(nodes.length, 'node');
  if (todo.length === 0) return `Compare with the output folder: ${all}, all unchanged`;
  return `Compare with the output folder: ${String(todo.length)} of ${all} to build`;
}

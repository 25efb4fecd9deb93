/**
 * The build, as one page: which steps there are, in which order, and when each is skipped. Front end and renderer have
 * run before, and the secrets store is complete and on the disk; from here on trees become layers, layers images, and
 * images the output folder.
 */
import { mkdir, rm } from 'node:fs/promises';
import type { ListrTask } from 'listr2';
import type { Cluster, ImageFormat } from '../config/cluster.ts';
import type { Plan } from '../render/plan.ts';
import type { FileTree } from '../render/tree.ts';
import type { ArtifactSources } from './artifacts.ts';
import { isBootable } from './disk-image.ts';
import { finish } from './finish.ts';
import { assembleIsos, buildArtifacts, buildBases } from './layers.ts';
import { holdingOutput } from './mutex.ts';
import { buildNode } from './node-build.ts';
import { planWork, type Work } from './work.ts';

export interface BuildRequest {
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** Of the nodes to build, by name; with what they get from the secrets store. */
  readonly trees: ReadonlyMap<string, FileTree>;
  /** The operator's, to lie beside the images; null where there is nothing that it would open. */
  readonly kubeconfig: Uint8Array | null;
  /** Names of the nodes to build; null for all. */
  readonly only: readonly string[] | null;
  /** The cluster's own output folder, e.g. `out/lab`. */
  readonly outDir: string;
  readonly cacheDir: string;
  /** Seconds since 1970; the time of every file in an image. */
  readonly epoch: number;
  /** How many nodes are packed at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  readonly artifacts: ArtifactSources;
}

export interface BuiltFile {
  /** Absolute. */
  readonly path: string;
  readonly format: ImageFormat;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface BuildReport {
  readonly nodes: readonly {
    readonly name: string;
    readonly state: 'built' | 'unchanged';
    readonly files: readonly BuiltFile[];
  }[];
  readonly kubeconfig: 'written' | 'unchanged' | 'none';
}

/** Filled by the steps; `report` is there when the last one is done. */
export interface BuildContext {
  work?: Work;
  report?: BuildReport;
}

type Task = ListrTask<BuildContext>;

/**
 * Runs a build while holding the output folder, and leaves no half-made files there, however it ends.
 * @param run runs the rows and shows them, e.g. `(tasks, context) => new Listr(tasks, options).run(context)`
 * @throws BuildError with the exit code of DESIGN §6; the signal's reason when the build was interrupted
 */
export async function runBuild(
  request: BuildRequest,
  run: (tasks: Task[], context: BuildContext) => Promise<unknown>,
): Promise<BuildReport> {
  await mkdir(request.outDir, { recursive: true });
  return holdingOutput(request.outDir, async () => {
    const context: BuildContext = {};
    try {
      await run(buildTasks(request), context);
    } finally {
      const staging = (await context.work?.staging) ?? null;
      if (staging !== null) await rm(staging, { recursive: true, force: true });
    }
    if (context.report === undefined) throw new Error('the build ended without a report');
    return context.report;
  });
}

/** The rows that a person watches. Run them in order, and stop at the first that fails. */
export function buildTasks(request: BuildRequest): Task[] {
  return [
    {
      title: 'Compare with the output folder',
      task: async (context, task) => {
        const work = await planWork(request, (line) => (task.output = line));
        context.work = work;
        task.title = summary(work);
      },
    },
    {
      title: 'Build the base layers',
      skip: (context) => nothingToDo(context),
      task: (context, task) => buildBases(request, workOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Pack what Debian lacks',
      skip: (context) => nothingToDo(context) || noArtifacts(context),
      task: (context, task) => buildArtifacts(request, workOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Assemble the ISOs that nodes share',
      skip: (context) => nothingToDo(context) || noIso(context),
      task: (context, task) => assembleIsos(request, workOf(context), (line) => (task.output = line)),
    },
    {
      title: 'Make the images of the nodes',
      skip: (context) => nothingToDo(context),
      task: (context, task) =>
        task.newListr(
          workOf(context).todo.map((job) => ({
            title: job.node,
            task: () => buildNode(request, workOf(context), job),
          })),
          { concurrent: request.jobs, exitOnError: false }, // `finish` tells of the first failure
        ),
    },
    {
      title: 'Publish',
      task: async (context) => {
        context.report = await finish(request, workOf(context));
      },
    },
  ];
}

function workOf(context: BuildContext): Work {
  if (context.work === undefined) throw new Error('a step ran before the work was planned');
  return context.work;
}

function nothingToDo(context: BuildContext): string | false {
  return workOf(context).todo.length === 0 && 'nothing to do';
}

function noArtifacts(context: BuildContext): string | false {
  return workOf(context).todo.every((job) => job.artifactKey === null) && 'the images carry none of it';
}

function noIso(context: BuildContext): string | false {
  return !workOf(context).todo.some((job) => job.formats.some(isBootable)) && 'no bootable image asked for';
}

function summary({ jobs, todo }: Work): string {
  const all = `${String(jobs.length)} node${jobs.length === 1 ? '' : 's'}`;
  if (todo.length === 0) return `Compare with the output folder: ${all}, all unchanged`;
  return `Compare with the output folder: ${String(todo.length)} of ${all} to build`;
}

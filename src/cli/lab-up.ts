/** `coldstart lab up`: builds what is not current, starts the machines and shows them until the cluster stands. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { BuildError } from '../builder/errors.ts';
import { requireTools } from '../builder/toolchain.ts';
import { loadCluster } from '../config/load.ts';
import type { Cluster } from '../config/cluster.ts';
import { usualProcessors, type Firmware } from '../lab/firmware.ts';
import { labExists, readPlace, runFolder, runRoot } from '../lab/place.ts';
import { call } from '../lab/protocol.ts';
import { artifactFolder } from './artifact-folder.ts';
import { build, type BuildOptions } from './build.ts';
import { LAB_TOOLS, launch, requireMemory } from './lab-launch.ts';
import { parseDuration } from './lab-options.ts';
import { untilGone, writeStatus } from './lab-status.ts';
import { watchNodes } from './lab-watch.ts';
import { fromHere, outFolder } from './project.ts';
import type { CommonOptions, Session } from './session.ts';
import { selectNodes } from './usage.ts';

export interface UpOptions extends Pick<BuildOptions, 'node' | 'out' | 'artifacts' | 'identity'> {
  readonly state?: string;
  readonly for: string;
  readonly timeout: string;
  /** MiB. */
  readonly memory: number;
  /** As many as suit this machine, where nobody says. */
  readonly cpus?: number;
  readonly firmware: Firmware;
  readonly internet?: true;
  /** False with `--no-wait`. */
  readonly wait: boolean;
}

type Options = CommonOptions & UpOptions;

/** Returns 0 when every node is what it is to become, else 5; the lab goes on in both cases. */
export async function labUp(config: string | undefined, options: Options, session: Session): Promise<number> {
  const limit = parseDuration(options.for, '--for');
  const patience = parseDuration(options.timeout, '--timeout');
  const { value: cluster } = await loadCluster(fromHere(session, config ?? '.'));
  if (cluster === undefined) return build(config, { ...options, jobs: 1 }, session); // tells what is wrong
  const nodes = selectNodes(cluster, options.node);
  const run = runFolder(runRoot(session.env), cluster.name);
  await refuse(cluster, nodes.length, run, options);
  const outDir = outFolder(session, cluster.name, options.out);
  const folder = options.state === undefined ? join(outDir, 'lab') : resolve(session.cwd, options.state);
  const failed = await buildIsos(cluster, config, options, session);
  if (failed !== 0) return failed;
  const { memory, cpus = usualProcessors(), firmware, internet = false } = options;
  const artifacts = artifactFolder(options.artifacts, session);
  await launch({ cluster, nodes, outDir, folder, run, limit, memory, cpus, firmware, internet, artifacts });
  const settled = options.wait ? await watchOrUndo(run, patience, options, session) : true;
  await writeStatus(await call(run, { do: 'status' }), options, session);
  return settled ? 0 : 5;
}

/** Everything that can be known before the images are built. */
async function refuse(cluster: Cluster, nodes: number, run: string, options: Options): Promise<void> {
  const { state } = await readPlace(run);
  if (state === 'running' || state === 'starting') throw labExists(cluster.name);
  if (options.state === undefined && cluster.nodes.some(({ name }) => name === 'lab')) {
    const message = 'The files of the lab would lie where those of the node `lab` are.';
    throw new BuildError(message, { exitCode: 3, hint: 'choose another folder with --state' });
  }
  await requireTools(LAB_TOOLS);
  requireMemory(nodes, options.memory);
}

/** Exactly `coldstart build`, but for the product on stdout. */
async function buildIsos(
  cluster: Cluster,
  config: string | undefined,
  options: Options,
  session: Session,
): Promise<number> {
  const { formats } = cluster.image;
  const { json: _, ...others } = options;
  const wanted = formats.includes('iso') ? {} : { format: [...formats, 'iso'] };
  const quiet = { ...session, stdout: { ...session.stdout, write: () => undefined } };
  return build(config, { ...others, ...wanted, jobs: availableParallelism() }, quiet);
}

/** A user who interrupts gets back what was there before: no lab. */
async function watchOrUndo(run: string, patience: number, options: Options, session: Session): Promise<boolean> {
  try {
    return await watchNodes(run, patience, options, session);
  } catch (error) {
    if (session.signal.aborted) await call(run, { do: 'down' }).then(() => untilGone(run));
    throw error;
  }
}

/** `lab up`: builds the outdated images, starts the machines and waits until the cluster has formed. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { BuildError } from '../../builder/system/errors.ts';
import { requireTools } from '../../builder/system/toolchain.ts';
import type { Cluster } from '../../config/cluster.ts';
import { loadCluster } from '../../config/load.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import type { Firmware } from '../../lab/qemu/firmware.ts';
import { labExists, readPlace, runFolder } from '../../lab/supervisor/place.ts';
import { call } from '../../lab/supervisor/protocol.ts';
import { build, type BuildRequest } from '../build.ts';
import type { Host } from '../host.ts';
import { fromProcess, outFolder } from '../project.ts';
import { selectNodes } from '../usage.ts';
import { LAB_TOOLS, launch, requireMemory } from './launch.ts';
import { stateOf, untilGone, type LabState } from './running.ts';
import { watchNodes } from './watch.ts';

interface LabRequest extends Omit<BuildRequest, 'formats' | 'locked'> {
  /** Folder for disks and logs, as the user gave it; `lab` in the output folder by default. */
  readonly state: string | undefined;
  /** Folder of the labs that run on this machine. */
  readonly runRoot: string;
  /** Seconds after which the lab ends by itself. */
  readonly limit: number;
  /** Seconds to wait for the nodes; null for no wait. */
  readonly patience: number | null;
  /** MiB for each node. */
  readonly memory: number;
  readonly cpus: number;
  readonly firmware: Firmware;
  /** Whether the nodes reach the networks that this machine reaches. */
  readonly internet: boolean;
}

interface StartedLab extends LabState {
  /** Whether every node reached its final state in time; the lab runs on in both cases. */
  readonly settled: boolean;
}

/** An interruption during the wait ends the lab. @throws UsageError, SecretsError, BuildError */
export async function startLab(request: LabRequest, host: Host): Promise<Result<StartedLab>> {
  const { value: cluster } = await loadCluster(fromProcess(host, request.config ?? '.'));
  // A definition with errors: the build reports them.
  if (cluster === undefined) return asFailed(await buildIsos(request, undefined, host));
  const nodes = selectNodes(cluster, request.nodes);
  const run = runFolder(request.runRoot, cluster.name);
  await refuse(cluster, nodes.length, run, request);
  const outDir = outFolder(host, cluster.name, request.out);
  const folder = request.state === undefined ? join(outDir, 'lab') : resolve(host.cwd, request.state);
  const built = await buildIsos(request, cluster, host);
  if (built.value === undefined) return asFailed(built);
  const { limit, memory, cpus, firmware, internet, artifacts } = request;
  await launch({ cluster, nodes, outDir, folder, run, limit, memory, cpus, firmware, internet, artifacts });
  const settled = request.patience === null || (await watchOrUndo(run, request.patience, host));
  return { value: { settled, ...(await stateOf(run)) }, diagnostics: built.diagnostics };
}

const asFailed = ({ diagnostics }: Result<unknown>): Result<never> => ({ value: undefined, diagnostics });

/** All checks that are possible before the images are built. */
async function refuse(cluster: Cluster, nodes: number, run: string, request: LabRequest): Promise<void> {
  const { state } = await readPlace(run);
  if (state === 'running' || state === 'starting') throw labExists(cluster.name);
  if (request.state === undefined && cluster.nodes.some(({ name }) => name === 'lab')) {
    const message = 'The default folder of the lab is the folder of the node named `lab`.';
    throw new BuildError(message, { exitCode: 3, hint: 'choose another folder with --state' });
  }
  await requireTools(LAB_TOOLS);
  requireMemory(nodes, request.memory);
}

/** Builds ISOs in addition to the formats of the definition, because a lab boots from ISOs. */
async function buildIsos(request: LabRequest, cluster: Cluster | undefined, host: Host): Promise<Result<unknown>> {
  const { config, nodes, out, artifacts, epoch } = request;
  const formats = cluster && !cluster.image.formats.includes('iso') ? [...cluster.image.formats, 'iso'] : undefined;
  const images = { config, nodes, out, artifacts, epoch, formats, locked: false };
  return build({ ...images, jobs: availableParallelism() }, host);
}

/** Ends the lab when the user interrupts. */
async function watchOrUndo(run: string, patience: number, host: Host): Promise<boolean> {
  try {
    return await watchNodes(run, patience, host);
  } catch (error) {
    if (host.signal.aborted) await call(run, { do: 'down' }).then(() => untilGone(run));
    throw error;
  }
}

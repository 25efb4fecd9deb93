/** Prepares a lab's files on this machine and starts its supervisor. */
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BuildError, environmentError } from '../../builder/system/errors.ts';
import { KUBECONFIG_FILE } from '../../builder/output/operator-kubeconfig.ts';
import type { requireTools } from '../../builder/system/toolchain.ts';
import type { Cluster, Node } from '../../config/cluster.ts';
import { relayCommand } from '../../lab/network/artifact-server.ts';
import { createDisks } from '../../lab/qemu/create-disks.ts';
import { acceleratorArgs, firmwareArgs, type Firmware } from '../../lab/qemu/firmware.ts';
import { throughForwards } from '../../lab/forwarded-kubeconfig.ts';
import { claim, readPlace } from '../../lab/supervisor/place.ts';
import { planLab, type LabPlan } from '../../lab/plan.ts';
import { call } from '../../lab/supervisor/protocol.ts';
import { startDetached } from '../../lab/supervisor/start.ts';
import { PLAN_FILE } from '../../lab/supervisor/supervisor.ts';
import { KUBECONFIG } from './running.ts';
import { isMaster } from '../../config/roles.ts';

export const LAB_TOOLS: Parameters<typeof requireTools>[0] = [
  { command: 'qemu-system-x86_64', package: 'qemu-system-x86', reason: 'run the machines of a lab' },
  { command: 'qemu-img', package: 'qemu-utils', reason: 'make virtual disks' },
  { command: 'setpriv', package: 'util-linux', reason: 'end the machines with their lab' },
];

/** MiB that QEMU needs in addition to the memory of its guest, measured with version 7.2. */
const OVERHEAD = 160;

/**
 * @param memory MiB for each node
 * @param free bytes
 * @throws BuildError exit 4
 */
export function requireMemory(nodes: number, memory: number, free = freemem()): void {
  const needed = nodes * (memory + OVERHEAD);
  const available = Math.floor(free / (1 << 20));
  if (needed <= available) return;
  throw environmentError(
    `A lab of ${nodes} nodes with ${memory} MiB each needs ${needed} MiB of memory, but ${available} MiB are free.`,
    'give each node less memory with --memory, or start only some of the nodes with --node',
  );
}

interface LaunchRequest {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  /** Folder of the images. */
  readonly outDir: string;
  /** Folder for the lab's disks and logs. */
  readonly folder: string;
  readonly run: string;
  /** Seconds. */
  readonly limit: number;
  /** MiB for each node. */
  readonly memory: number;
  readonly cpus: number;
  readonly internet: boolean;
  readonly firmware: Firmware;
  /** The folder to serve to the nodes, or null. */
  readonly artifacts: string | null;
}

/** Returns once the lab answers. @throws BuildError when it cannot start; no process of it is left then */
export async function launch(request: LaunchRequest): Promise<void> {
  const { cluster, folder, run } = request;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await claim(run, cluster.name);
  try {
    const plan = await prepare(request);
    await writeFile(join(folder, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
    await writeKubeconfig(plan, request.outDir);
    for (const index of plan.nodes.keys()) await createDisks(plan, index, false);
    await startSupervisor(plan);
  } catch (error) {
    await rm(run, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(request: LaunchRequest): Promise<LabPlan> {
  const { nodes, folder, run, outDir } = request;
  const isos = new Map(nodes.map(({ name }) => [name, join(outDir, `${name}.iso`)]));
  const firmware = new Map<string, readonly string[]>();
  const ports = new Map<string, number>();
  for (const { name, roles } of nodes) {
    firmware.set(name, await firmwareArgs(request.firmware, join(folder, `${name}.uefi-vars.fd`)));
    if (isMaster({ roles })) ports.set(name, await freePort());
  }
  const accelerator = acceleratorArgs();
  const service = relayCommand(join(run, 'artifacts'));
  const { plan, refused } = planLab({
    ...request,
    processors: request.cpus,
    accelerator,
    service,
    isos,
    firmware,
    ports,
  });
  if (refused.length === 0) return plan;
  const words = refused.map((which) => `\`${which}\``).join(', ');
  throw new BuildError(`QEMU has no such disks, NICs, addresses and networks: ${words}.`, {
    exitCode: 3,
    hint: 'select disks by serial, wwn or size, and NICs by MAC, and give nodes static addresses in one network, in the definition of a lab',
  });
}

/** A free port of 127.0.0.1. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Writes a kubeconfig that works on this machine; the one beside the images works in the cluster's network. It is a secret. */
async function writeKubeconfig({ api, folder }: LabPlan, outDir: string): Promise<void> {
  const text = await readFile(join(outDir, KUBECONFIG_FILE), 'utf8').catch(() => null);
  await rm(join(folder, KUBECONFIG), { force: true });
  if (text === null || api.length === 0) return;
  await writeFile(join(folder, KUBECONFIG), throughForwards(text, api), { mode: 0o600 });
}

/** Milliseconds that a supervisor may take to answer. */
const PATIENCE = 20_000;

async function startSupervisor({ folder, run }: LabPlan): Promise<void> {
  const log = join(folder, 'supervisor.log');
  const child = startDetached(['lab', 'supervise', folder], log);
  const deadline = Date.now() + PATIENCE;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    if (await isAnswering(run)) return;
    await delay(50);
  }
  child.kill();
  const said = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');
  throw new BuildError(`The lab did not start${said === '' ? '' : `:\n${said}`}`, { exitCode: 5 });
}

async function isAnswering(run: string): Promise<boolean> {
  if ((await readPlace(run)).state !== 'running') return false;
  return call(run, { do: 'status' }).then(
    () => true,
    () => false,
  );
}

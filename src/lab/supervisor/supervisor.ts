/**
 * The process of a lab: switches, gateway, machines, and the socket through which the command line controls them. It ends on
 * request, when interrupted, or when the lab's time is up. All processes of the lab end with it.
 */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { BuildError } from '../../builder/system/errors.ts';
import { serveArtifacts } from '../network/artifact-server.ts';
import { createDisks } from '../qemu/create-disks.ts';
import { gatewayArgs } from '../network/gateway.ts';
import { listen } from '../network/listen.ts';
import { openMachine, type LabMachine } from './machine.ts';
import { ownNote, writeNote } from './place.ts';
import type { LabPlan } from '../plan.ts';
import { controlSocket, type Action, type LabAnswer, type LabCall, type LabStatus } from './protocol.ts';
import { startQemu } from './start.ts';
import { createSwitch, type Switch } from '../network/switch.ts';
import { plugInto } from '../network/wire.ts';

/** File name below the lab's folder. */
export const PLAN_FILE = 'lab-plan.json';

/** Runs the lab that `PLAN_FILE` in the folder describes, until it ends. @param signal ends it */
export async function supervise(folder: string, signal: AbortSignal): Promise<void> {
  const plan = JSON.parse(await readFile(join(folder, PLAN_FILE), 'utf8')) as LabPlan;
  await writeNote(plan.run, ownNote(plan.cluster, folder));
  const lab = await openLab(plan);
  try {
    await untilEnd(plan, lab, signal);
  } finally {
    await lab.end();
    await rm(plan.run, { recursive: true, force: true });
  }
}

/** Answers calls until the lab has to end. */
async function untilEnd({ run, limit }: LabPlan, lab: Lab, signal: AbortSignal): Promise<void> {
  const timeUp = new AbortController();
  const timer = setTimeout(() => {
    timeUp.abort();
  }, limit * 1000);
  const asked = new AbortController();
  await listen(controlSocket(run), (socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n')) void reply(socket, text);
    });
  });
  const ends = AbortSignal.any([signal, timeUp.signal, asked.signal]);
  if (!ends.aborted) await once(ends, 'abort');
  clearTimeout(timer);

  async function reply(socket: Socket, text: string): Promise<void> {
    const call = JSON.parse(text) as LabCall;
    const said = await answer(lab, call);
    if (call.do === 'down') await lab.end();
    socket.end(`${JSON.stringify(said)}\n`, () => {
      if (call.do === 'down') asked.abort();
    });
  }
}

interface Lab {
  readonly endsAt: number;
  readonly status: () => LabStatus;
  readonly act: (action: Action, node: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

async function openLab(plan: LabPlan): Promise<Lab> {
  const endsAt = Date.now() + plan.limit * 1000;
  const switches = Array.from({ length: plan.segments }, createSwitch);
  const gateway = await openGateway(plan, switches);
  const machines = await Promise.all(plan.nodes.map((_, index) => openMachine(plan, index, switches)));
  machines.forEach((machine) => {
    machine.on();
  });
  return {
    endsAt,
    status: () => ({
      cluster: plan.cluster,
      folder: plan.folder,
      endsAt,
      api: plan.api,
      serviceUrl: plan.gateway?.serviceUrl ?? null,
      gatewayProblem: gateway.problem(),
      nodes: machines.map((machine) => machine.status()),
    }),
    act: (action, name) => {
      const index = plan.nodes.findIndex((node) => node.name === name);
      const machine = machines[index];
      if (machine === undefined) throw new BuildError(`\`${name}\` is not a node of this lab.`, { exitCode: 2 });
      return ACTS[action](machine, () => createDisks(plan, index, true));
    },
    end: async () => {
      await Promise.all(machines.map((machine) => machine.end()));
      gateway.end();
    },
  };
}

async function openGateway(plan: LabPlan, switches: readonly Switch[]) {
  let problem: string | null = null;
  const network = plan.gateway === null ? undefined : switches[plan.gateway.segment];
  if (plan.gateway === null || network === undefined) return { problem: () => problem, end: () => undefined };
  const socket = join(plan.run, 'gateway');
  await plugInto(socket, network, plan.gateway.vlan);
  if (plan.artifacts !== null) await serveArtifacts(plan.artifacts, join(plan.run, 'artifacts'));
  let complaint = '';
  const child = startQemu(gatewayArgs(plan.gateway.netdev, socket), (text) => (complaint += text));
  child.on('exit', () => (problem = complaint.trim() || 'QEMU ended'));
  return { problem: () => problem, end: () => void child.kill('SIGKILL') };
}

type Act = (machine: LabMachine, blankDisks: () => Promise<void>) => Promise<void>;

/** An action that changes nothing is not an error. */
const ACTS: Readonly<Record<Action, Act>> = {
  start: async (machine) => {
    if (machine.power() === 'off') machine.on();
    else if (machine.power() === 'paused') await machine.order('cont');
  },
  kill: (machine) => machine.cut(),
  pause: (machine) => ifOn(machine, () => machine.order('stop')),
  resume: (machine) => ifOn(machine, () => machine.order('cont')),
  partition: (machine) => Promise.resolve(machine.partition(true)),
  heal: (machine) => Promise.resolve(machine.partition(false)),
  wipe: async (machine, blankDisks) => {
    await machine.cut();
    await blankDisks();
  },
};

async function ifOn(machine: LabMachine, act: () => Promise<void>): Promise<void> {
  const { name, power } = machine.status();
  if (power !== 'off') return act();
  throw new BuildError(`\`${name}\` is off.`, { exitCode: 2, hint: `coldstart lab start ${name}` });
}

async function answer(lab: Lab, call: LabCall): Promise<LabAnswer> {
  try {
    if ('node' in call) await lab.act(call.do, call.node);
    return { ok: true, status: lab.status() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof BuildError)) return { ok: false, message, exitCode: 5 };
    const { exitCode, hint } = error;
    return { ok: false, message, exitCode, ...(hint === undefined ? {} : { hint }) };
  }
}

/**
 * One machine of the lab: its QEMU, its wires to the switches, its serial console. The sockets listen while the lab runs and
 * QEMU connects to them. So nothing has to be polled, and a console stays connected across power cuts.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { lineReader, NOTHING_SEEN, readLine, withoutEscapes } from '../console/console-text.ts';
import { openConsole } from '../console/console.ts';
import { listen } from '../network/listen.ts';
import type { LabNode, LabPlan } from '../plan.ts';
import { openPower, type PowerSwitch } from './power.ts';
import { nodeSocket, type NodeStatus } from './protocol.ts';
import { machineArgs, quoted } from '../qemu/args.ts';
import type { Switch } from '../network/switch.ts';
import { plugInto } from '../network/wire.ts';

export interface LabMachine extends PowerSwitch {
  readonly status: () => NodeStatus;
  /** Takes the machine off all networks, or puts it back. */
  readonly partition: (yes: boolean) => void;
}

/** The machine of the node with this index in the plan, switched off. */
export async function openMachine(plan: LabPlan, index: number, switches: readonly Switch[]): Promise<LabMachine> {
  const node = nodeOf(plan, index);
  const socket = (name: string): string => nodeSocket(plan.run, index, name);
  let partitioned = false;
  let view = NOTHING_SEEN;
  const log = createWriteStream(join(plan.folder, `${node.name}.serial.log`), { flags: 'a', mode: 0o600 });
  const read = lineReader((line) => (view = readLine(view, line)));
  const console = await openConsole(socket('console'), (chunk) => {
    log.write(withoutEscapes(chunk));
    read(chunk);
  });
  await listen(socket('serial'), (serial) => {
    console.attach(serial);
  });
  const wires = await Promise.all(
    node.nics.map(({ segment }, nic) => plugInto(socket(`net${nic}`), switchOf(switches, segment), null)),
  );
  const power = await openPower({
    args: argsOf(plan, index),
    control: socket('qmp'),
    onStart: () => (view = NOTHING_SEEN),
  });
  return {
    ...power,
    status: () => ({ name: node.name, power: power.power(), partitioned, view, problem: power.problem() }),
    partition: (yes) => {
      partitioned = yes;
      for (const wire of wires) wire.cutOff(yes);
    },
  };
}

function nodeOf(plan: LabPlan, index: number): LabNode {
  const node = plan.nodes[index];
  if (node === undefined) throw new Error(`the lab has no node ${index}`);
  return node;
}

function switchOf(switches: readonly Switch[], segment: number): Switch {
  const found = switches[segment];
  if (found === undefined) throw new Error(`the lab has no switch ${segment}`);
  return found;
}

/** QEMU's command line for the node with this index in the plan. */
export function argsOf(plan: LabPlan, index: number): string[] {
  const node = nodeOf(plan, index);
  const socket = (name: string): string => quoted(nodeSocket(plan.run, index, name));
  return machineArgs({
    accelerator: plan.accelerator,
    processors: plan.processors,
    memory: plan.memory,
    firmware: node.firmware,
    iso: node.iso,
    disks: node.disks.map(({ file, device }) => ({ path: join(plan.folder, file), format: 'qcow2', device })),
    nics: node.nics.map(({ mac }, nic) => ({
      mac,
      backend: `stream,server=off,addr.type=unix,addr.path=${socket(`net${nic}`)}`,
    })),
    serial: `path=${socket('serial')},server=off`,
    control: `path=${socket('qmp')},server=off`,
    endsOnReboot: false,
    name: `${plan.cluster}/${node.name}`,
  });
}

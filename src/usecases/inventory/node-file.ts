/** From what a machine has to `nodes/<name>.yaml`: its network cards and disks; what a person has to choose is in comments. */
import { Leaf, OutMap } from '../../import/write/out.ts';
import { textOf } from '../../import/write/text.ts';
import { cardSettings } from './cards.ts';
import { diskSettings } from './disks.ts';
import type { Facts } from './facts.ts';
import { oneLine } from './one-line.ts';

/** @param from the file of the inventory, as the user gave it */
export function nodeFileOf(name: string, facts: Facts, from: string): string {
  const { macs, interfaces } = cardSettings(facts.nics);
  const { stateDisk, note } = diskSettings(facts.disks);
  const hardware = new OutMap({ mac_addresses: interfaces ? undefined : macs, state_disk: stateDisk });
  hardware.note = note;
  const network = interfaces && new OutMap({ interfaces });
  const node = new OutMap({ name: new Leaf(name), hardware: isWorthwhile(hardware) ? hardware : undefined, network });
  return textOf(new OutMap({ node }), headOf(facts, from));
}

const isWorthwhile = ({ entries, note }: OutMap): boolean => entries.size > 0 || note !== undefined;

function headOf({ machine, firmware, memory }: Facts, from: string): string {
  const what = [machine.vendor, machine.product].filter((text) => text !== '').join(' ') || 'A machine';
  const parts = [
    machine.serial === '' ? what : `${what}, serial number ${machine.serial}`,
    ...(firmware?.kind ? [`${firmware.kind} ${firmware.version}`.trim()] : []),
    ...(memory ? [`${Math.round(memory / 2 ** 30)} GiB of memory`] : []),
  ];
  return `${oneLine(parts.join('; '))}.\nFrom \`${oneLine(from)}\` by \`coldstart inventory read\`.`;
}

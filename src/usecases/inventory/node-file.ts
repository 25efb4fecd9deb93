/** From what a machine has to `nodes/<name>.yaml`: its network cards, its only disk; what a person has to choose is in comments. */
import { Leaf, OutList, outOf, OutMap } from '../../import/write/out.ts';
import { textOf } from '../../import/write/text.ts';
import type { DiskFacts, Facts, NicFacts } from './facts.ts';

/** @param from the file of the inventory, as the user gave it */
export function nodeFileOf(name: string, facts: Facts, from: string): string {
  const disks = facts.disks.filter(({ removable, size }) => !removable && size > 0);
  const [only] = disks;
  const hardware = new OutMap({
    mac_addresses: new OutList(ordered(facts.nics).map((one) => new Leaf(one.mac.toLowerCase(), undefined, cardText(one)))), // prettier-ignore
    state_disk: disks.length === 1 && only ? outOf(selectorOf(only)) : undefined,
  });
  if (disks.length > 0) hardware.note = diskNote(disks);
  return textOf(new OutMap({ node: new OutMap({ name: new Leaf(name), hardware }) }), headOf(facts, from));
}

function headOf({ machine, firmware, memory }: Facts, from: string): string {
  const what = [machine.vendor, machine.product].filter((text) => text !== '').join(' ') || 'A machine';
  const parts = [
    machine.serial === '' ? what : `${what}, serial number ${machine.serial}`,
    ...(firmware?.kind ? [`${firmware.kind} ${firmware.version}`.trim()] : []),
    ...(memory ? [`${Math.round(memory / 2 ** 30)} GiB of memory`] : []),
  ];
  return `${oneLine(parts.join('; '))}.\nFrom \`${oneLine(from)}\` by \`coldstart inventory read\`.`;
}

/** Cards with a link first: without `interfaces`, the first one gets the node's address. */
const ordered = (nics: readonly NicFacts[]): readonly NicFacts[] =>
  nics.toSorted((a, b) => Number(b.link) - Number(a.link));

function cardText({ name, driver, link, speed, neighbour }: NicFacts): string {
  const state = link ? `link${speed ? `, ${speed} Mbit/s` : ''}` : 'no link';
  const other = neighbour ? `; at ${[neighbour.system, neighbour.port].filter((text) => text !== '').join(' port ')}` : ''; // prettier-ignore
  return oneLine(`${name || 'card'}${driver === '' ? '' : ` (${driver})`}: ${state}${other}`);
}

function diskNote(disks: readonly DiskFacts[]): string {
  const lines = disks.map((disk) => oneLine(`  ${selectorText(disk)}  ${describe(disk)}`));
  const head = disks.length === 1 ? 'Its disk:' : 'Choose the `state_disk`, and `osd_disks` for Ceph, among its disks:';
  return [head, ...lines].join('\n ');
}

/** What stays the same between boots: the serial number, else the WWN, else the name below `/dev/disk/by-id/`. */
function selectorOf({ serial, wwn, by_id: byId }: DiskFacts): Readonly<Record<string, string>> | undefined {
  if (serial !== '') return { serial };
  if (wwn !== '') return { wwn };
  return byId === '' ? undefined : { by_id: byId };
}

function selectorText(disk: DiskFacts): string {
  const [entry] = Object.entries(selectorOf(disk) ?? {});
  return entry ? `{ ${entry[0]}: ${entry[1]} }` : `${disk.name || 'a disk'} (nothing of it stays the same between boots)`; // prettier-ignore
}

function describe({ size, rotational, model, holds }: DiskFacts): string {
  const content = holds === undefined || holds === null ? '' : holds === '' ? '; blank' : `; on it: ${holds}`;
  return `${(size / 1e9).toFixed(0)} GB, ${rotational ? 'rotating' : 'solid state'}${model === '' ? '' : `, ${model}`}${content}`;
}

/** A machine's firmware, disks and switches say anything; a comment ends at the end of its line. */
// eslint-disable-next-line no-control-regex
const oneLine = (text: string): string => text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').slice(0, 300);

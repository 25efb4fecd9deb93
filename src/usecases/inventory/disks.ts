/** The disks of a machine in the file of its node: what is certain is a setting, and what a person has to choose is in comments. */
import { outOf, type Out } from '../../import/write/out.ts';
import type { DiskFacts } from './facts.ts';
import { oneLine } from './one-line.ts';

interface DiskSettings {
  readonly stateDisk: Out | undefined;
  /** The comment about all disks. */
  readonly note: string | undefined;
}

/** The only disk of a machine, or the only one that coldstart made the state disk of a node, is the `state_disk`. */
export function diskSettings(all: readonly DiskFacts[]): DiskSettings {
  const disks = all.filter(({ removable, size }) => !removable && size > 0);
  const [state, ...others] = disks.length === 1 ? disks : disks.filter(({ claim }) => claim.startsWith('state '));
  const chosen = others.length === 0 ? state : undefined;
  return {
    stateDisk: chosen && outOf(selectorOf(chosen)),
    note: disks.length === 0 ? undefined : noteOf(disks, chosen),
  };
}

function noteOf(disks: readonly DiskFacts[], chosen: DiskFacts | undefined): string {
  const lines = disks.map((disk) => `  ${oneLine(`${selectorText(disk)}  ${describe(disk)}`)}`);
  const claimed = disks.flatMap(dataDiskLines);
  return [headOf(disks, chosen), ...lines, ...claimed].join('\n ');
}

function headOf(disks: readonly DiskFacts[], chosen: DiskFacts | undefined): string {
  if (disks.length === 1) return 'Its disk:';
  const wanted = chosen ? 'Choose `osd_disks` for Ceph' : 'Choose the `state_disk`, `osd_disks` for Ceph';
  return `${wanted} and \`data_disks\` among its disks; only blank ones are taken:`;
}

/** The entry of a disk that is a data disk already. Its mount points are not on the disk. */
function dataDiskLines(disk: DiskFacts): readonly string[] {
  const [kind, , , name] = disk.claim.split(/[ /]/);
  if (kind !== 'data' || name === undefined || selectorOf(disk) === undefined) return [];
  const parts = disk.partitions.map(({ size, filesystem }) => {
    const said = [...(filesystem === 'xfs' ? ['filesystem: xfs'] : []), ...exact(size)];
    return `{ ${['mount: /srv/…', ...said].join(', ')} }`;
  });
  return [
    `The data disk \`${name}\`; add where its partitions are mounted:`,
    '  data_disks:',
    `    - { name: ${name}, disk: ${selectorText(disk)}, partitions: [${parts.join(', ')}] }`,
  ];
}

/** The rest of a disk ends before the second table of GPT, so its size is no number of MiB. */
function exact(size: number): readonly string[] {
  const [unit, bytes] = size % 2 ** 30 === 0 ? ['G', 2 ** 30] : ['M', 2 ** 20];
  return size % bytes === 0 ? [`size: ${size / bytes}${unit}`] : [];
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

function describe(disk: DiskFacts): string {
  const { size, rotational, model } = disk;
  const content = contentOf(disk);
  const parts = [`${(size / 1e9).toFixed(0)} GB`, rotational ? 'rotating' : 'solid state', ...(model === '' ? [] : [model])]; // prettier-ignore
  return content === undefined ? parts.join(', ') : `${parts.join(', ')}; ${content}`;
}

function contentOf({ holds, claim }: DiskFacts): string | undefined {
  const [kind, owner] = claim.split(' ');
  if (kind !== undefined && owner !== undefined) return `the ${kind} disk of ${owner}`;
  if (holds === undefined || holds === null) return undefined;
  return holds === '' ? 'blank' : `on it: ${holds}`;
}

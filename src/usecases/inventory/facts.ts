/** What a machine says of itself: the file of `scripts/inventory/root/usr/local/bin/machine-inventory.sh`, or the shorter text of its QR code. */
import * as z from 'zod';
import { UsageError } from '../usage.ts';

const text = z.string().nullish().transform((value) => value ?? ''); // prettier-ignore

const nic = z.object({
  name: text,
  /** The permanent address, with colons; any other if the card has none. */
  mac: z.string(),
  /** Whether the card has this address at each start. */
  permanent: z.boolean().nullish().transform((value) => value ?? true), // prettier-ignore
  driver: text,
  pci: text,
  /** udev's `ID_PATH`. */
  path: text,
  /** Whether a cable is plugged in and the other end answers. */
  link: z.boolean(),
  /** Mbit/s; null without a link. */
  speed: z.number().nullish(),
  /** By LLDP: the switch, and its port. */
  neighbour: z.object({ system: text, port: text }).nullish(),
});

const disk = z.object({
  name: text,
  model: text,
  serial: text,
  wwn: text,
  /** Name below `/dev/disk/by-id/`. */
  by_id: text,
  /** Bytes. */
  size: z.number(),
  rotational: z.boolean(),
  removable: z.boolean(),
  /** What is on it, in words; empty for a blank disk, null if it is not known. */
  holds: z.string().nullish(),
  /** What coldstart wrote on the disk of a node: `state CLUSTER/NODE` or `data CLUSTER/NODE/NAME`. */
  claim: text,
  partitions: z
    .array(z.object({ size: z.number(), filesystem: text }))
    .nullish()
    .transform((value) => value ?? []),
});

const facts = z.object({
  coldstart_inventory: z.literal(1),
  machine: z.object({ vendor: text, product: text, serial: text }),
  firmware: z.object({ kind: text, version: text }).nullish(),
  /** Bytes. */
  memory: z.number().nullish(),
  nics: z.array(nic),
  disks: z.array(disk),
});

export type Facts = z.output<typeof facts>;
export type NicFacts = z.output<typeof nic>;
export type DiskFacts = z.output<typeof disk>;

const HEAD = 'coldstart-inventory 1';

/** @throws UsageError when the text is no inventory */
export function readFacts(content: string, file: string): Facts {
  if (content.trimStart().startsWith(HEAD)) return ofLines(content.trim().split(/\r?\n/).slice(1), file);
  return checked(jsonOf(content), file);
}

function checked(content: unknown, file: string): Facts {
  const parsed = facts.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue && issue.path.length > 0 ? `: \`${issue.path.join('.')}\` ${issue.message}` : '';
  throw noInventory(file, place);
}

const noInventory = (file: string, reason: string): UsageError =>
  new UsageError(
    `\`${file}\` is no inventory of a machine${reason}.`,
    'give a file that the inventory image wrote or served, or the text of its QR code',
  );

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** `nic MAC up|down NAME [PATH]` (with a path, the MAC is not permanent) and `disk BYTES ssd|hdd SERIAL|- MODEL`, after `machine SERIAL|- NAME`. */
function ofLines(lines: readonly string[], file: string): Facts {
  const words = lines.filter((line) => line !== '').map((line) => line.split(' '));
  const machine = words.find(([kind]) => kind === 'machine') ?? [];
  const known = (word: string | undefined): string => (word === undefined || word === '-' ? '' : word);
  const unknown = words.find(([kind = '']) => !['machine', 'nic', 'disk'].includes(kind));
  if (unknown) throw noInventory(file, `: \`${unknown.join(' ')}\` is none of its lines`);
  return checked(
    {
      coldstart_inventory: 1,
      machine: { vendor: '', product: machine.slice(2).join(' '), serial: known(machine[1]) },
      nics: words.filter(([kind]) => kind === 'nic').map(([, mac, link, name, path]) => ({ mac, link: link === 'up', name, permanent: path === undefined, path: known(path) })), // prettier-ignore
      disks: words
        .filter(([kind]) => kind === 'disk')
        .map(([, size, kind, serial, ...model]) => ({
          ...{ size: Number(size), rotational: kind === 'hdd', removable: false },
          ...{ serial: known(serial), model: model.join(' ') },
        })),
    },
    file,
  );
}

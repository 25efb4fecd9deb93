/** The rows of the drawing of a cluster: its machines; if they are many, machines of the same form share a row. Pure. */
import type { Cluster, DiskSelector, Node } from '../config/cluster.ts';
import { nodeAttachments, type Attachment } from './networks.ts';

export interface MapRow {
  readonly title: string;
  readonly roles: readonly string[];
  /** E.g. `2 network cards, bond0`. */
  readonly cards: string;
  /** E.g. `state disk`, `2 OSD disks`. */
  readonly disks: readonly string[];
  /** With addresses; of a row with several machines, the first address and how many there are. */
  readonly attachments: readonly Attachment[];
}

/** More machines than these are drawn by their form. */
const MOST_ROWS = 24;

export function mapRows({ nodes }: Cluster): { readonly rows: readonly MapRow[]; readonly cut: number } {
  if (nodes.length <= MOST_ROWS) return { rows: nodes.map((node) => rowOf([node])), cut: 0 };
  const forms = new Map<string, Node[]>();
  for (const node of nodes) {
    const form = formOf(node);
    const alike = forms.get(form) ?? [];
    alike.push(node);
    forms.set(form, alike);
  }
  const groups = [...forms.values()];
  const shown = groups.slice(0, MOST_ROWS);
  return { rows: shown.map(rowOf), cut: groups.slice(MOST_ROWS).flat().length };
}

function formOf(node: Node): string {
  const networks = nodeAttachments(node).map(({ network }) => network);
  return JSON.stringify([node.roles, networks, cardsOf(node), disksOf(node)]);
}

function rowOf(nodes: readonly Node[]): MapRow {
  const [first] = nodes as [Node];
  const last = nodes.at(-1) ?? first;
  const count = nodes.length;
  return {
    title: count === 1 ? first.name : `${String(count)} × ${first.name} … ${last.name}`,
    roles: first.roles,
    cards: cardsOf(first),
    disks: disksOf(first),
    attachments: nodeAttachments(first).map((one) => {
      return count === 1 ? one : { ...one, address: `${one.address} …` };
    }),
  };
}

function cardsOf({ macs, interfaces }: Node): string {
  const joined = interfaces.filter(({ type }) => type === 'bond' || type === 'bridge').map(({ name }) => name);
  return [`${String(macs.length)} network ${macs.length === 1 ? 'card' : 'cards'}`, ...joined].join(', ');
}

function disksOf({ stateDisk, osdDisks }: Node): readonly string[] {
  const osds =
    osdDisks.length === 0 ? [] : [`${String(osdDisks.length)} OSD ${osdDisks.length === 1 ? 'disk' : 'disks'}`];
  return [stateDisk === null ? 'no state disk' : 'state disk', ...osds];
}

/** E.g. `serial S4EVNF0M123456, at least 40 GB`. */
export function diskText(disk: DiskSelector): string {
  const named = Object.entries(disk).filter(([, value]) => value !== null && value !== undefined);
  return named.map(([key, value]) => diskCondition(key, value as string | number | boolean)).join(', ');
}

function diskCondition(key: string, value: string | number | boolean): string {
  if (key === 'rotational') return value === true ? 'spinning' : 'not spinning';
  if (key === 'minSize') return `at least ${bytes(Number(value))}`;
  if (key === 'maxSize') return `at most ${bytes(Number(value))}`;
  return `${key === 'byId' ? 'id' : key} ${String(value)}`;
}

/** E.g. `4.0 GiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  return `${(count / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ''}`;
}

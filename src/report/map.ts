/** Draws machines (rows) in their networks (columns), as SVG whose colours the page's style sheet sets. Pure. */
import type { Cluster } from '../config/cluster.ts';
import { rolesText } from './kinds.ts';
import type { Network } from './networks.ts';
import type { MapRow } from './rows.ts';

/** In pixels of the drawing. */
const CARD = { width: 300, height: 58 };
const ROW = 74;
const COLUMN = 196;
const HEAD = 78;
/** Colours of networks in the style sheet. */
const HUES = 6;

interface Drawn {
  readonly networks: readonly Network[];
  readonly rows: readonly MapRow[];
}

/** @param label for screen readers, to which the drawing is one picture; tables of the page have its content */
export function drawMap(cluster: Cluster, { networks, rows }: Drawn, label: string): string {
  const api = apiRow(cluster, networks);
  const all = [...(api === null ? [] : [api]), ...rows];
  const width = CARD.width + 24 + Math.max(1, networks.length) * COLUMN;
  const height = HEAD + all.length * ROW;
  const x = (network: string): number => CARD.width + 40 + networks.findIndex(({ name }) => name === network) * COLUMN;
  const columns = networks.map((network, index) => column(network, x(network.name), height - 12, index % HUES));
  const drawn = all.map((row, index) => machine(row, HEAD + index * ROW, x, networks));
  const size = `width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}"`;
  return `<svg class="map" role="img" aria-labelledby="map-title" ${size}><title id="map-title">${escaped(label)}</title>${columns.join('')}${drawn.join('')}</svg>`;
}

/** The address that moves between masters, as a row above them. */
function apiRow({ controlPlane }: Cluster, networks: readonly Network[]): MapRow | null {
  const { virtualIp, endpoint } = controlPlane;
  const network = networks.find(({ uses }) => uses.includes('nodes'))?.name;
  if (virtualIp === null || network === undefined) return null;
  return {
    ...{
      title: endpoint ?? 'API server',
      roles: ['api'],
      cards: 'moves when its master fails',
      disks: [],
    },
    attachments: [{ network, address: virtualIp, interface: '' }],
  };
}

function column({ name, vlans, uses }: Network, x: number, bottom: number, hue: number): string {
  const about = [...vlans.map((id) => `VLAN ${String(id)}`), ...uses].join(' · ');
  return (
    `<g class="net hue-${String(hue)}"><path d="M${String(x)} 54V${String(bottom)}"/>` +
    `<rect x="${String(x - 8)}" y="6" width="${String(COLUMN - 14)}" height="46" rx="8"/>` +
    text(name, { x: x + 4, y: 26, class: 'name' }, 24) +
    text(about, { x: x + 4, y: 43, class: 'about' }, 28) +
    '</g>'
  );
}

function machine(row: MapRow, y: number, x: (network: string) => number, networks: readonly Network[]): string {
  const middle = y + CARD.height / 2;
  const ends = row.attachments.map(({ network }) => x(network));
  const wire =
    ends.length === 0
      ? ''
      : `<path class="wire" d="M${String(CARD.width)} ${String(middle)}H${String(Math.max(...ends))}"/>`;
  const dots = row.attachments.map(({ network, address }) => {
    const hue = networks.findIndex(({ name }) => name === network) % HUES;
    const at = x(network);
    return (
      `<circle class="hue-${String(hue)}" cx="${String(at)}" cy="${String(middle)}" r="6"/>` +
      text(address, { x: at + 12, y: middle - 7, class: 'address' }, 22)
    );
  });
  return (
    `<g class="machine ${row.roles[0] === 'api' ? 'api' : mainRole(row.roles)}">${wire}` +
    `<rect class="card" x="0.5" y="${String(y)}" width="${String(CARD.width)}" height="${String(CARD.height)}" rx="8"/>` +
    `<rect class="stripe" x="0.5" y="${String(y)}" width="6" height="${String(CARD.height)}" rx="3"/>` +
    text(row.title, { x: 18, y: y + 20, class: 'name' }, 36) +
    text(
      row.roles[0] === 'api' ? 'virtual address of the API' : rolesText(row.roles),
      { x: 18, y: y + 35, class: 'roles' },
      44,
    ) +
    text([...row.disks, row.cards].join(' · '), { x: 18, y: y + 50, class: 'about' }, 50) +
    `${dots.join('')}</g>`
  );
}

/** The one that colours the card. */
const mainRole = (roles: readonly string[]): string =>
  ['master', 'worker'].find((role) => roles.includes(role)) ?? 'storage';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly class: string;
}

/** @param most characters that have room */
function text(value: string, { x, y, class: name }: Place, most: number): string {
  const short = value.length > most ? `${value.slice(0, most - 1)}…` : value;
  return `<text class="${name}" x="${String(x)}" y="${String(y)}">${escaped(short)}</text>`;
}

const escaped = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

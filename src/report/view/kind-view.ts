/** Nodes with the same roles as the page shows them: the order of their units, and their files with origins. Pure. */
import type { Viz } from '@viz-js/viz';
import { quantity } from '../../diagnostics/quantity.ts';
import type { ReportFacts } from '../../usecases/report.ts';
import { drawUnits } from '../graph.ts';
import { OWN_NAME, type Kind, type KindEntry } from '../kinds.ts';
import { unitOrder } from '../units.ts';
import { nodeView } from './node-view.ts';
import { printable } from './text.ts';

/** With more nodes, their sections are folded. */
const MOST_OPEN = 8;

export function kindView(kind: Kind, facts: ReportFacts, viz: Viz) {
  const order = unitOrder(kind);
  const count = quantity(kind.nodes.length, 'node');
  return {
    id: kind.id,
    title: kind.title,
    count,
    isOpen: facts.cluster.nodes.length <= MOST_OPEN,
    drawing: drawUnits(
      viz,
      order,
      `${kind.id}-units`,
      `Order of the units on ${kind.title}; the list below it says the same`,
    ),
    units: order.units.map((unit) => ({
      ...unit,
      description: printable(unit.description ?? ''),
      origin: ORIGINS[unit.origin],
    })),
    groups: groupsOf(kind, facts),
    files: kind.entries.length,
    nodes: kind.nodes.map((node) => nodeView(node, facts)),
  };
}

const ORIGINS = { coldstart: 'coldstart', yours: 'yours', debian: 'Debian', target: 'a point in time' } as const;

type Origin = KindEntry['entry']['origin']['kind'];

const OWN_LOGIC = 'The same on each node';

/** The user's own first: they are what a reviewer looks for. */
const GROUPS: readonly (readonly [title: string, about: string, takes: (of: KindEntry) => boolean])[] = [
  [
    'Yours',
    'files, units, hooks and overlays of the definition',
    ({ entry: { origin } }) => isPlaced(origin.kind, origin.source),
  ],
  ['Secrets', 'with values of the secrets store; here are only their names', ({ entry }) => isSecret(entry)],
  [
    'From settings',
    'made from the definition',
    ({ entry: { origin } }) => origin.kind === 'template' || origin.kind === 'setting',
  ],
  ['Certificates', 'from the secrets store', ({ entry: { origin } }) => origin.kind === 'secrets-store'],
  [OWN_LOGIC, "coldstart's own logic", () => true],
];

const isPlaced = (kind: Origin, source: string): boolean =>
  kind === 'user-overlay' || (kind === 'setting' && /^(files|units|hooks)\[/.test(source));

const isSecret = (entry: KindEntry['entry']): boolean => 'secret' in entry && entry.secret;

function groupsOf(kind: Kind, facts: ReportFacts) {
  const rest = new Set(kind.entries);
  return GROUPS.map(([title, about, takes]) => {
    const entries = [...rest].filter(takes);
    entries.forEach((entry) => rest.delete(entry));
    return {
      title,
      about,
      isOnPaper: title !== OWN_LOGIC,
      count: quantity(entries.length, 'file'),
      files: entries.map((one) => fileView(one, kind, facts)),
    };
  }).filter(({ files }) => files.length > 0);
}

/** More settings than these are only counted. */
const MOST_SETTINGS = 6;

function fileView({ path, entry, node, count }: KindEntry, kind: Kind, { place }: ReportFacts) {
  const { origin } = entry;
  const settings = [...new Set(origin.settings)];
  const own = `nodes[${node}]`;
  const shown = settings.slice(0, MOST_SETTINGS).map((setting) => ({
    setting: setting.startsWith(own) ? setting.replace(own, `nodes[${OWN_NAME}]`) : setting,
    at: kind.nodes.length === 1 || !setting.startsWith(own) ? place(setting) : null,
  }));
  return {
    path: `/${path}`,
    mode: entry.type === 'symlink' ? 'link' : entry.mode.toString(8).padStart(4, '0'),
    source: printable(entry.type === 'symlink' ? `→ ${entry.target}` : origin.source),
    settings: shown,
    more: settings.length - shown.length,
    holes: (origin.holes ?? []).map((hole) => hole.replaceAll(node, OWN_NAME)),
    on: count === kind.nodes.length ? '' : `on ${String(count)} of ${String(kind.nodes.length)}`,
  };
}

/**
 * The page about a cluster, for the person who signs off: one HTML file without scripts, which needs no network. Its markup is in
 * `pages/report.html.ejs`, its looks in `pages/report.css`. The same facts give the same bytes.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';
import { quantity } from '../diagnostics/quantity.ts';
import { compileTemplate } from '../render/engine/engine.ts';
import type { ReportFacts } from '../usecases/report.ts';
import { firstBoot } from './first-boot.ts';
import { kindsOf } from './kinds.ts';
import { drawMap } from './map.ts';
import { nodeAttachments, networksOf } from './networks.ts';
import { mapRows } from './rows.ts';
import { changeView } from './view/change-view.ts';
import { clusterRows, endings, figures, networkRows } from './view/cluster-view.ts';
import { kindView } from './view/kind-view.ts';
import { printable, withValues } from './view/text.ts';

const MARKUP = new URL('../../pages/report.html.ejs', import.meta.url);
const STYLE = new URL('../../pages/report.css', import.meta.url);

/** @param version of the program, for the end of the page */
export async function drawReport(facts: ReportFacts, version: string): Promise<string> {
  const viz = await instance();
  const style = readFileSync(STYLE, 'utf8');
  const { cluster } = facts;
  const networks = networksOf(cluster);
  const { rows, cut } = mapRows(cluster);
  const attached = new Map(
    networks.map(({ name }) => [
      name,
      cluster.nodes.filter((node) => nodeAttachments(node).some(({ network }) => network === name)).length,
    ]),
  );
  const page = compileTemplate('report.html.ejs', readFileSync(MARKUP, 'utf8'), 'html');
  return page({
    ...{ name: cluster.name, domain: cluster.domain ?? '', version },
    style,
    policy: `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`,
    figures: figures(cluster),
    change: changeView(facts.change),
    warnings: facts.warnings.map(({ code, message, hint, at }) => ({
      ...{ code, message: withValues(message), hint: hint === undefined ? [] : withValues(hint) },
      at: at === undefined ? '' : `${printable(at.file)}:${String(at.line)}`,
    })),
    map: drawMap(cluster, { networks, rows }, mapLabel(facts, networks.length)),
    cut: cut === 0 ? '' : quantity(cut, 'further machine'),
    networks: networkRows(networks, cluster, attached),
    cluster: clusterRows(cluster),
    steps: firstBoot(facts).map((step) => ({ ...step, what: step.what.map(printable) })),
    kinds: kindsOf(cluster.nodes, facts.trees).map((kind) => kindView(kind, facts, viz)),
    store: typeof facts.expiries === 'string' ? facts.expiries : '',
    endings: endings(facts),
    isBuilt: facts.manifest !== null,
    bases: Object.entries(facts.manifest?.bases ?? {}).map(([key, sha256]) => ({ key, sha256 })),
  });
}

const mapLabel = ({ cluster }: ReportFacts, networks: number): string =>
  `${quantity(cluster.nodes.length, 'machine')} in ${quantity(networks, 'network')}; the tables below have the same addresses`;

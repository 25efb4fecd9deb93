/** Draws the order of units with Graphviz, as SVG whose colours the page's style sheet sets. The same order gives the same bytes. */
import type { Viz } from '@viz-js/viz';
import type { UnitOrder } from './units.ts';

/** @param label for screen readers, to which the drawing is one picture; beside it, a list has the same order */
export function drawUnits(viz: Viz, { units, edges }: UnitOrder, id: string, label: string): string {
  const svg = viz.renderString(
    {
      graphAttributes: { rankdir: 'TB', nodesep: 0.16, ranksep: 0.28, bgcolor: 'transparent', margin: 0 },
      nodeAttributes: {
        shape: 'box',
        style: 'rounded',
        fontname: 'Helvetica',
        fontsize: 11,
        height: 0.3,
        margin: '0.17,0.05',
      },
      edgeAttributes: { arrowsize: 0.55 },
      nodes: units.map(({ name, origin, startsAtBoot }) => ({
        name,
        attributes: {
          label: name.replace(/\.service$/, ''),
          class: `${origin}${startsAtBoot ? '' : ' later'}`,
          ...(origin === 'target' ? { style: 'solid' } : {}),
        },
      })),
      edges: edges.map(([tail, head]) => ({ tail, head })),
    },
    { format: 'svg_inline' },
  );
  return asPicture(svg, id, label);
}

/** Graphviz numbers its elements from one in each drawing; on a page, ids must be unique. */
function asPicture(svg: string, id: string, label: string): string {
  const [, width = '0', height = '0'] = /viewBox="0\.00 0\.00 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  const body = svg
    .slice(svg.indexOf('<g id='), svg.lastIndexOf('</svg>'))
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .replaceAll(/<title>.*?<\/title>\n?/gs, '')
    .replaceAll(/ id="[^"]*"| font-family="[^"]*"| font-size="[^"]*"| xml:space="preserve"/g, '')
    .replaceAll(/ (fill|stroke)="[^"]*"/g, '');
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg class="units" role="img" aria-labelledby="${id}" ${size}><title id="${id}">${escaped(label)}</title>${body}</svg>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * A comparison for the reviewer of a pull request, as Markdown: first in sentences, then how far it reaches, then by file. Short also
 * for a thousand nodes. Secrets appear nowhere; names and values of the user are code spans, so they are no Markdown, HTML or mention.
 */
import { namesOrNumber, portion, quantity } from '../../diagnostics/quantity.ts';
import type { NodeChange } from '../../usecases/review/comparison.ts';
import type { Effect } from '../../usecases/review/effect.ts';
import { reviewOf, type Review, type ReviewRow } from '../../usecases/review/review.ts';
import { joined, type Sentence } from '../../usecases/review/sentence.ts';

/**
 * Characters for the sentences, and for the table of files. A comment on GitHub has at most 65,536:
 * https://github.com/orgs/community/discussions/27190
 */
const ROOM = { sentences: 30_000, files: 24_000 };

const EFFECTS: Readonly<Record<Effect, string>> = {
  data: '**data at risk**: other disks, or a storage role less',
  're-join': '**re-join**: another name, address or role in the cluster',
  reboot: 'reboot',
  live: 'applied live',
  new: 'new: start the machine from its image',
  removed: 'none, until you remove the node from the cluster',
  none: 'no effect',
};

export function comparisonMarkdown(changes: readonly NodeChange[]): string {
  const review = reviewOf(changes);
  if (review.rows.length === 0) return `No image changes; ${quantity(changes.length, 'node')} compared.\n`;
  const reach = [...review.reach].map(([effect, nodes]) => [EFFECTS[effect], namesOf(nodes)]);
  const parts = [
    headline(review),
    bounded(sentencesOf(review), ROOM.sentences, 'line'),
    table(['at the next update', 'nodes'], reach, ROOM.sentences),
    files(review),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline({ built, compared, reach }: Review): string {
  const removed = reach.get('removed') ?? [];
  const others = compared - built.length - removed.length;
  const [only] = built;
  const which =
    only === undefined
      ? 'No image is built'
      : built.length === compared && compared > 1
        ? `All ${compared.toLocaleString('en-US')} images are built`
        : built.length === 1
          ? `The image of ${code(only)} alone is built`
          : `${portion(built.length, compared)} images are built`;
  const rest =
    only !== undefined && others > 0
      ? `, ${quantity(others, 'other')} ${others === 1 ? 'stays' : 'stay'} as ${others === 1 ? 'it is' : 'they are'}`
      : '';
  return `**${which}${rest}; nothing reboots until you update.**`;
}

function sentencesOf({ common, rows }: Review): readonly string[] {
  const shared = common.length === 0 ? [] : [`- On each node that changes: ${listed(common)}.`];
  return [...shared, ...rows.filter(({ sentences }) => sentences.length > 0).map(rowText)];
}

const rowText = ({ nodes, sentences }: ReviewRow): string => `- ${namesOf(nodes)}: ${listed(sentences)}.`;

/** Further sentences about a node are only counted. */
const MOST_SENTENCES = 12;

function listed(sentences: readonly Sentence[]): string {
  const rest = sentences.length - MOST_SENTENCES;
  const shown = joined(sentences.slice(0, MOST_SENTENCES), '; ').map((part) =>
    typeof part === 'string' ? part : code(part.value),
  );
  return `${shown.join('')}${rest > 0 ? `; and ${quantity(rest, 'further change')}` : ''}`;
}

function files({ files: all }: Review): string {
  if (all.length === 0) return '';
  const rows = all.map(({ path, verb, nodes }) => [code(`/${path}`), verb, namesOf(nodes)]);
  const body = table(['file', '', 'nodes'], rows, ROOM.files);
  return `<details><summary>${quantity(all.length, 'file')}</summary>\n\n${body}\n\n</details>`;
}

const namesOf = (names: readonly string[]): string => {
  const text = namesOrNumber(names, 'node');
  return text === `${names.length} nodes` ? text : names.map(code).join(', ');
};

/** A bar would end a cell, also inside of code: https://github.github.com/gfm/#example-200 */
function table(head: readonly string[], rows: readonly (readonly string[])[], room: number): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${line(head)}\n${line(head.map(() => '---'))}\n${bounded(rows.map(line), room, 'row')}`;
}

/** The lines that have room, and how many have not. */
function bounded(lines: readonly string[], room: number, noun: string): string {
  let left = room;
  const shown = lines.filter((line) => (left -= line.length + 1) >= 0);
  const cut = lines.length - shown.length;
  const rest = cut === 0 ? '' : `\n\n_Cut: ${quantity(cut, `further ${noun}`)}; \`coldstart diff\` shows all._`;
  return `${shown.join('\n')}${rest}`;
}

/** As code: https://spec.commonmark.org/0.31.2/#code-spans. The fence is longer than any row of backticks in the text. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

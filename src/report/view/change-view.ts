/** What changes between two definitions, as the page shows it. Pure. */
import { namesOrNumber, quantity } from '../../diagnostics/quantity.ts';
import { contentChange, type FileChange } from '../../render/tree/diff.ts';
import type { ReportFacts } from '../../usecases/report.ts';
import type { Effect } from '../../usecases/review/effect.ts';
import { reviewOf, type Review } from '../../usecases/review/review.ts';
import { joined } from '../../usecases/review/sentence.ts';
import { printable, sentenceView } from './text.ts';

/** Characters of patches on a page; the rest is only named. */
const MOST_PATCHES = 200_000;
/** Rows of files on a page. */
const MOST_FILES = 500;

const EFFECTS: Readonly<Record<Effect, { readonly word: string; readonly about: string }>> = {
  data: { word: 'data at risk', about: 'starts with other disks, or serves a storage role less' },
  're-join': { word: 're-join', about: 'gets another name, address or role in the cluster' },
  reboot: { word: 'reboot', about: 'takes it at its next start, and stays the member that it is' },
  live: { word: 'applied live', about: 'takes it from the update while it runs' },
  new: { word: 'new', about: 'starts from its image, and joins' },
  removed: { word: 'removed', about: 'runs on, until somebody removes it from the cluster' },
  none: { word: 'no effect', about: 'keeps its image' },
};

export function changeView(change: ReportFacts['change']) {
  if (change === null) return null;
  const review = reviewOf(change.changes);
  const shown = review.files.slice(0, MOST_FILES);
  const patches = new Patches();
  return {
    before: printable(change.before),
    headline: headline(review),
    common: sentenceView(joined(review.common, '; ')),
    rows: review.rows
      .filter(({ sentences }) => sentences.length > 0)
      .map(({ nodes, effect, sentences }) => ({
        ...effectView(effect),
        nodes: namesOrNumber(nodes, 'node'),
        sentence: sentenceView(joined(sentences, '; ')),
      })),
    reach: [...review.reach].map(([effect, nodes]) => ({
      ...effectView(effect),
      nodes: namesOrNumber(nodes, 'node'),
      count: nodes.length,
    })),
    files: shown.map(({ path, verb, nodes, file }) => ({
      ...{ path: `/${path}`, verb, nodes: namesOrNumber(nodes, 'node'), node: nodes[0] ?? '' },
      ...patches.of(file),
    })),
    cut: review.files.length - shown.length,
  };
}

const effectView = (effect: Effect) => ({ effect, ...EFFECTS[effect] });

function headline({ built, compared, rows }: Review): string {
  if (rows.length === 0) return `No image changes; ${quantity(compared, 'node')} compared.`;
  const images =
    built.length === 0
      ? 'No image is'
      : `${String(built.length)} of ${quantity(compared, 'image')} ${built.length === 1 ? 'is' : 'are'}`;
  return `${images} built. Nothing reboots until you update.`;
}

/** The patches of texts, as long as there is room. Secrets have none. */
class Patches {
  #room = MOST_PATCHES;

  of(file: FileChange) {
    const change = contentChange(file);
    if (change.kind === 'same') return { patch: null, note: 'mode, owner or link' };
    if (change.kind === 'secret') return { patch: null, note: 'a secret: its content is not shown' };
    if (change.kind !== 'text') return { patch: null, note: 'its content is not shown' };
    const lines = change.hunks.flatMap((hunk) => [`@@ line ${String(hunk.newStart)} @@`, ...hunk.lines]).map(lineView);
    this.#room -= lines.reduce((sum, { text }) => sum + text.length + 30, 0);
    return this.#room < 0 ? { patch: null, note: 'see `coldstart diff`' } : { patch: lines, note: '' };
  }
}

const KINDS: Readonly<Record<string, string>> = { '+': 'ins', '-': 'del', '@': 'at' };
const lineView = (line: string) => ({ kind: KINDS[line[0] ?? ''] ?? 'same', text: printable(line) });

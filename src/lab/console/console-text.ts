/**
 * What the serial console tells of a node: the text above the login prompt and the ledger's own lines become the node's
 * state. Pure.
 */

// eslint-disable-next-line no-control-regex -- terminal escapes are what this takes out
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*\u0007?|[()][0-9A-Za-z]|[=>78cMD])|\r/g;

/** Text without what steers a terminal. */
export const withoutEscapes = (text: string): string => text.replaceAll(ESCAPES, '');

interface LedgerEntry {
  readonly step: string;
  readonly state: string;
  /** Empty when all is well. */
  readonly cause: string;
}

export interface NodeView {
  /** How far the boot is, by what the console has shown: nothing yet, the kernel, a login prompt. */
  readonly stage: 'silent' | 'booting' | 'login';
  /** The node's own word: `uninitialized`, `bootstrapped`, `joined`; null before it said so. */
  readonly state: string | null;
  /** The last thing that the ledger said of each step that is not simply well, or is running. */
  readonly entries: readonly LedgerEntry[];
}

export const NOTHING_SEEN: NodeView = { stage: 'silent', state: null, entries: [] };

const ISSUE = /coldstart: (?:node|image for) \S+ of cluster \S+, \S+, ([\w-]+), [\w-]+/;
/** As `ledger.sh` has them. */
const STATES = 'running|done|waiting|failed|skipped';
const PARAGRAPH = new RegExp(`^ {2}([\\w-]+): (${STATES}) \\(([\\w-]+)\\) since `);
const LEDGER = new RegExp(`coldstart: ([\\w-]+) (${STATES})(?: \\(([\\w-]+)\\))?: `);

/** The view after one more line of the console, which has no escapes and no line feed. */
export function readLine(view: NodeView, line: string): NodeView {
  if (/^\[ {4}0\.0{6}\] Linux version /.test(line)) return { ...NOTHING_SEEN, stage: 'booting' };
  const [, state] = ISSUE.exec(line) ?? [];
  // The text above the prompt is drawn anew as a whole: paragraphs about what is not well follow.
  if (state !== undefined) return { ...view, state, entries: view.entries.filter((entry) => isFinal(entry)) };
  const [, step = '', word = '', cause = ''] = PARAGRAPH.exec(line) ?? LEDGER.exec(line) ?? [];
  if (step !== '') return { ...view, entries: withEntry(view.entries, { step, state: word, cause }) };
  if (/ login: ?/.test(line)) return { ...view, stage: 'login' };
  return view.stage === 'silent' && line.trim() !== '' ? { ...view, stage: 'booting' } : view;
}

const isFinal = ({ step, state }: LedgerEntry): boolean => step === 'bootstrap' && state === 'done';

function withEntry(entries: readonly LedgerEntry[], entry: LedgerEntry): LedgerEntry[] {
  return [...entries.filter(({ step }) => step !== entry.step), entry];
}

type Outcome = 'formed' | 'not-available' | 'failed' | 'pending';

/** Whether there is anything to wait for. */
export function outcomeOf({ state, entries }: NodeView): Outcome {
  if (state === 'joined' || state === 'bootstrapped' || entries.some(isFinal)) return 'formed';
  if (entries.some(({ cause }) => cause === 'formation-not-available')) return 'not-available';
  return entries.some((entry) => entry.state === 'failed') ? 'failed' : 'pending';
}

/**
 * Splits a console's output into lines, for a function that reads them. A prompt has no line feed, so the rest of the output
 * is read as a line, too, once it asks for something.
 */
export function lineReader(read: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(-4096);
    lines.map(withoutEscapes).forEach(read);
    if (/ login: $/.test(withoutEscapes(rest))) read(withoutEscapes(rest));
  };
}

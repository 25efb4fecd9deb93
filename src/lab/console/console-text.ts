/**
 * Reads a node's state from its serial console: from the text above the login prompt and from the lines of the ledger. Pure.
 */

// eslint-disable-next-line no-control-regex -- this removes terminal escapes
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*\u0007?|[()][0-9A-Za-z]|[=>78cMD])|\r/g;

/** The text without terminal escapes and carriage returns. */
export const withoutEscapes = (text: string): string => text.replaceAll(ESCAPES, '');

interface LedgerEntry {
  readonly step: string;
  readonly state: string;
  /** Empty when the step has no problem. */
  readonly cause: string;
}

export interface NodeView {
  /** How far the boot is: the console has shown nothing yet, the kernel, or a login prompt. */
  readonly stage: 'silent' | 'booting' | 'login';
  /** As the node reports it: `uninitialized`, `bootstrapped`, `joined`; null before its first report. */
  readonly state: string | null;
  /** The latest entry of each step, in the order in which they were reported. */
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
  // The text above the prompt is printed as a whole each time: paragraphs about all current problems follow.
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

/** How the node's start ended; `pending` while it goes on. */
export function outcomeOf({ state, entries }: NodeView): Outcome {
  if (state === 'joined' || state === 'bootstrapped' || entries.some(isFinal)) return 'formed';
  if (entries.some(({ cause }) => cause === 'formation-not-available')) return 'not-available';
  return entries.some((entry) => entry.state === 'failed') ? 'failed' : 'pending';
}

/**
 * Splits a console's output into lines and passes them to `read`. A login prompt has no line feed, so an unfinished line is
 * passed as well once it ends in a login prompt.
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

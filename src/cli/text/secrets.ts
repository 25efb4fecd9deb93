/** How the secrets store and its changes are worded; never a value. */
import { quantity } from '../../diagnostics/quantity.ts';
import type { Kept } from '../../pki/store/keep.ts';
import { describeChange, type Change } from '../../pki/issue/reconcile.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import type { Closed } from '../../usecases/secrets/foresee.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

/** A build's product are images, so this goes where progress goes; with `--json` everything is the product. */
export function writeSecretsKept(kept: Kept, file: string, options: CommonOptions, session: Session): void {
  const records = kept.changes.map(({ did, what, why }) => ({ type: 'change', did, what, why }));
  if (options.json) records.forEach((record) => writeJson(session, record));
  else if (options.log === 'json') records.forEach((record) => session.stderr.write(`${JSON.stringify(record)}\n`));
  else if (options.log !== 'silent') session.stderr.write(summaryText(kept, file));
}

export const protection = (encrypted: boolean): string =>
  encrypted ? 'encrypted' : 'in clear: whoever reads the file owns the cluster';

/** Every change, a line each, and how the store is protected. @param file the store, as the definition names it */
export function keptText({ changes, written, encrypted }: Kept, file: string): string {
  const lines = changes.map((change) => `${describeChange(change)}\n`).join('');
  if (!written) return `${file} holds everything already; nothing was written.\n`;
  return `${lines}${file}: ${quantity(changes.length, 'change')}, ${protection(encrypted)}.\n`;
}

/** A new cluster needs dozens of entries; a summary says how many. */
const MOST_LINES = 10;

function summaryText(kept: Kept, file: string): string {
  const { changes, written, encrypted } = kept;
  if (!written) return `${file} holds every key already, ${protection(encrypted)}.\n`;
  if (changes.length <= MOST_LINES) return keptText(kept, file);
  return `${file}: ${tally(changes)}, ${protection(encrypted)}.\n`;
}

/** E.g. `24 made, 3 dropped`. */
function tally(changes: readonly Change[]): string {
  const deeds = [...new Set(changes.map(({ did }) => did))];
  return deeds.map((deed) => `${changes.filter(({ did }) => did === deed).length} ${deed}`).join(', ');
}

/** Says on stderr that a review knows no contents of the store. */
export function writeClosed(closed: Closed | null, options: CommonOptions, session: Session): void {
  if (closed === null || options.log === 'silent') return;
  const { error, file } = closed;
  session.stderr.write(
    `${error.message}\nSo of what comes from ${file}, paths, modes and owners are shown, but not what changes.\n`,
  );
}

/** How many secrets a tree has, and how many files that nobody knows yet, which all have the same reason. */
export function secretWords(tree: DraftTree, manner = ''): string[] {
  const secrets = tree.filter((entry) => entry.type === 'file' && entry.secret).length;
  const pending = tree.filter((entry) => entry.type === 'pending');
  const reason = pending[0]?.reason.replaceAll('-', ' ') ?? '';
  return [
    ...(secrets > 0 ? [`${quantity(secrets, 'secret')}${manner}`] : []),
    ...(pending.length > 0 ? [`${quantity(pending.length, 'file')} ${reason}`] : []),
  ];
}

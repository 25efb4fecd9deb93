/** Formats the changes of the secrets store, without values. */
import { quantity } from '../../diagnostics/quantity.ts';
import type { Kept } from '../../pki/store/keep.ts';
import { describeChange, type Change } from '../../pki/issue/reconcile.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import type { Closed } from '../../usecases/secrets/draft-trees.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

/** Writes the changes to stderr, because the result of a build are images; with `--json` to stdout. */
export function writeSecretsKept(kept: Kept, file: string, options: CommonOptions, session: Session): void {
  const records = kept.changes.map(({ did, what, why }) => ({ type: 'change', did, what, why }));
  if (options.json) records.forEach((record) => writeJson(session, record));
  else if (options.log === 'json') records.forEach((record) => session.stderr.write(`${JSON.stringify(record)}\n`));
  else if (options.log !== 'silent') session.stderr.write(summaryText(kept, file));
}

export const protection = (encrypted: boolean): string =>
  encrypted ? 'encrypted' : 'not encrypted: everyone who can read the file has full access to the cluster';

/** One line for each change, and whether the store is encrypted. @param file the store, as the definition names it */
export function keptText({ changes, written, encrypted }: Kept, file: string): string {
  const lines = changes.map((change) => `${describeChange(change)}\n`).join('');
  if (!written) return `${file} is complete; nothing was written.\n`;
  return `${lines}${file}: ${quantity(changes.length, 'change')}, ${protection(encrypted)}.\n`;
}

/** With more changes, as for a new cluster, a summary counts them. */
const MOST_LINES = 10;

function summaryText(kept: Kept, file: string): string {
  const { changes, written, encrypted } = kept;
  if (!written) return `${file} is complete, ${protection(encrypted)}.\n`;
  if (changes.length <= MOST_LINES) return keptText(kept, file);
  return `${file}: ${tally(changes)}, ${protection(encrypted)}.\n`;
}

/** E.g. `24 made, 3 dropped`. */
function tally(changes: readonly Change[]): string {
  const deeds = [...new Set(changes.map(({ did }) => did))];
  return deeds.map((deed) => `${changes.filter(({ did }) => did === deed).length} ${deed}`).join(', ');
}

/** Writes to stderr that a review does not show the content of secrets. */
export function writeClosed(closed: Closed | null, options: CommonOptions, session: Session): void {
  if (closed === null || options.log === 'silent') return;
  const { error, file } = closed;
  session.stderr.write(
    `${error.message}\nThe review shows paths, modes and owners of the files from ${file}, but not their changes.\n`,
  );
}

/** The number of secrets in a tree, and the number of files with unknown content, with their common reason. */
export function secretWords(tree: DraftTree, manner = ''): string[] {
  const secrets = tree.filter((entry) => entry.type === 'file' && entry.secret).length;
  const pending = tree.filter((entry) => entry.type === 'pending');
  const reason = pending[0]?.reason.replaceAll('-', ' ') ?? '';
  return [
    ...(secrets > 0 ? [`${quantity(secrets, 'secret')}${manner}`] : []),
    ...(pending.length > 0 ? [`${quantity(pending.length, 'file')} ${reason}`] : []),
  ];
}

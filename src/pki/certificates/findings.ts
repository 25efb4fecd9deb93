/** Turns the state of a store into diagnostics: the actions that a person must take before machines stop. */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { DEFAULT_MARGINS, expiries, type Expiry, type Margins, type State } from './expiry.ts';
import type { Store } from '../store/model.ts';

/**
 * @param file the store, as the user would type it
 * @param exposed whether users other than its owner can read the file
 */
export function storeFindings(
  { store, exposed }: { readonly store: Store; readonly exposed: boolean },
  file: string,
  now: Date,
  margins: Margins = DEFAULT_MARGINS,
): Diagnostic[] {
  const all = expiries(store, now, margins);
  const found = (state: State, inImages = [true, false]) =>
    describe(all.filter((expiry) => expiry.state === state && inImages.includes(expiry.inImages)));
  const [expired, own] = [found('expired', [true]), found('expired', [false])];
  const [expiring, ageing] = [found('expiring'), found('ageing')];
  const { warning, drawer } = margins;
  return [
    ...(expired ? [diagnostic('secrets/expired', { file, ...expired })] : []),
    ...(own ? [diagnostic('secrets/operator-expired', { file, ...own })] : []),
    ...(expiring ? [diagnostic('secrets/expiring', { file, days: warning, ...expiring })] : []),
    ...(ageing ? [diagnostic('secrets/ageing', { file, days: drawer, ...ageing })] : []),
    ...(exposed ? [diagnostic('secrets/exposed', { file })] : []),
  ];
}

function describe(expiries: readonly Expiry[]) {
  const [first] = expiries;
  return first && { count: expiries.length, first: first.id, date: day(first.notAfter) };
}

/** `2031-11-22`, in UTC. */
export const day = (date: Date): string => date.toISOString().slice(0, 10);

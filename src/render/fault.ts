/**
 * What stands in the way of a tree, and the settings that it comes from; and its way to a diagnostic with a place in the
 * user's files, which only the front end knows.
 */
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../diagnostics/diagnostic.ts';
import type { RenderError } from './error.ts';

export interface Fault {
  readonly diagnostic: Diagnostic;
  /** The likeliest first; empty for a file that is no setting. */
  readonly settings: readonly string[];
}

/** The place of a setting, e.g. `nodes[worker-01].sysctl`; undefined where nobody wrote it. */
export type Locate = (setting: string) => Location | undefined;

/** For callers that have no files, only values. */
export const NOWHERE: Locate = () => undefined;

export function unrepresentable(error: RenderError): Fault {
  const { template, settings, message: reason } = error;
  const named = settings.map((setting) => `\`${setting}\``).join(', ');
  const values = { template, node: error.node ?? 'every node', reason, settings: named };
  return { diagnostic: diagnostic('render/unrepresentable', values), settings };
}

/** Each fault once, with its place: what is wrong with a shared entry is found again with each node. */
export function located(faults: readonly Fault[], locate: Locate): Diagnostic[] {
  const distinct = new Map(faults.map((fault) => [`${fault.diagnostic.code} ${fault.diagnostic.message}`, fault]));
  return [...distinct.values()].map(({ diagnostic: found, settings }) => {
    const at = settings.map(locate).find((place) => place !== undefined);
    return at === undefined ? found : { ...found, at };
  });
}

/**
 * What stands in the way of a tree, and the settings that it comes from; and its way to a diagnostic with a place in the
 * user's files, which only the front end knows.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { wholeFile } from '../../config/files/file-faults.ts';
import type { RenderError } from './error.ts';
import type { Origin } from '../tree/tree.ts';

export interface Fault {
  readonly diagnostic: Diagnostic;
  /** The likeliest first; empty for a file that is no setting. */
  readonly settings: readonly string[];
  /** What is wrong, where messages differ though the mistake is the same: they name the node that it was found with. */
  readonly mistake?: string;
}

/** The place of a setting, e.g. `nodes[worker-01].sysctl`; undefined where nobody wrote it. */
type Locate = (setting: string) => Location | undefined;

/** For callers that have no files, only values. */
export const NOWHERE: Locate = () => undefined;

export function unrepresentable(error: RenderError): Fault {
  const { template, settings, message: reason } = error;
  const named = settings.map((setting) => `\`${setting}\``).join(', ');
  const values = { template, node: error.node ?? 'every node', reason, settings: named };
  return { diagnostic: diagnostic('render/unrepresentable', values), settings, mistake: `${template} ${reason}` };
}

/** Each fault once, with its place: what is wrong with a shared entry is found again with each node. */
export function located(faults: readonly Fault[], locate: Locate): Diagnostic[] {
  const distinct = new Map<string, Diagnostic>();
  for (const { diagnostic: found, settings, mistake } of faults) {
    const at = found.at ?? settings.map(locate).find((place) => place !== undefined);
    const key = JSON.stringify([found.code, mistake ?? found.message, at]);
    if (!distinct.has(key)) distinct.set(key, at === undefined ? found : { ...found, at });
  }
  return [...distinct.values()];
}

/** About an entry of a tree that is the user's to change: an overlay has its file for a place, anything else its settings. */
export function faultOf(origin: Origin, found: Diagnostic, mistake?: string): Fault {
  const at = origin.kind === 'user-overlay' ? wholeFile(origin.source) : undefined;
  const { settings } = origin;
  return {
    diagnostic: at === undefined ? found : { ...found, at },
    settings,
    ...(mistake === undefined ? {} : { mistake }),
  };
}

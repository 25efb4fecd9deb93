/**
 * A fault that prevents a tree, with the settings that cause it. The front end turns it into a diagnostic with a place,
 * because only the front end knows the user's files.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { wholeFile } from '../../config/files/file-faults.ts';
import type { RenderError } from './error.ts';
import type { Origin } from '../tree/tree.ts';

export interface Fault {
  readonly diagnostic: Diagnostic;
  /** The likeliest cause first; empty for a file that comes from no setting. */
  readonly settings: readonly string[];
  /** Identifies the mistake when the messages differ only in the node that they name. */
  readonly mistake?: string;
}

/** The place of a setting, e.g. `nodes[worker-01].sysctl`; undefined when no file contains it. */
type Locate = (setting: string) => Location | undefined;

/** For callers that have no files, only values. */
export const NOWHERE: Locate = () => undefined;

export function unrepresentable(error: RenderError): Fault {
  const { template, settings, message: reason } = error;
  const named = settings.map((setting) => `\`${setting}\``).join(', ');
  const values = { template, node: error.node ?? 'every node', reason, settings: named };
  return { diagnostic: diagnostic('render/unrepresentable', values), settings, mistake: `${template} ${reason}` };
}

/** Each fault once, with its place: a fault in a shared entry is found again with each node. */
export function located(faults: readonly Fault[], locate: Locate): Diagnostic[] {
  const distinct = new Map<string, Diagnostic>();
  for (const { diagnostic: found, settings, mistake } of faults) {
    const at = found.at ?? settings.map(locate).find((place) => place !== undefined);
    const key = JSON.stringify([found.code, mistake ?? found.message, at]);
    if (!distinct.has(key)) distinct.set(key, at === undefined ? found : { ...found, at });
  }
  return [...distinct.values()];
}

/**
 * A fault of an entry that the user can change. Its place is the file of an overlay; for other entries, their settings.
 */
export function faultOf(origin: Origin, found: Diagnostic, mistake?: string): Fault {
  const at = origin.kind === 'user-overlay' ? wholeFile(origin.source) : undefined;
  const { settings } = origin;
  return {
    diagnostic: at === undefined ? found : { ...found, at },
    settings,
    ...(mistake === undefined ? {} : { mistake }),
  };
}

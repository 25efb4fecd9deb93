/**
 * The part of a build that makes keys: completes the secrets store, on the disk, before any image is made of it, and adds to
 * each node's tree what the node gets from it.
 */
import { diagnostic } from '../diagnostics/codes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { adminKubeconfig, nodeSecrets } from '../pki/files.ts';
import { storeFindings } from '../pki/findings.ts';
import { keepStore, type Kept } from '../pki/keep.ts';
import { isMaster } from '../pki/purposes.ts';
import { systemRandomness } from '../pki/randomness.ts';
import { describeChange, type Change } from '../pki/reconcile.ts';
import { withSecrets } from '../render/store-files.ts';
import type { FileTree } from '../render/tree.ts';
import { count } from './comparison-text.ts';
import type { Project } from './project.ts';
import { reportDiagnostics } from './report.ts';
import { identitiesFor, keptText, protection, storePath, type IdentityOptions } from './secrets-store.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

interface Options extends CommonOptions, IdentityOptions {
  /** Nothing is issued: images are made of what somebody keeps, or not at all. */
  readonly locked?: true;
}

export interface Issued {
  /** Of the nodes that were asked for, by name, secrets included. */
  readonly trees: ReadonlyMap<string, FileTree>;
  /** The operator's; null for a cluster without masters. */
  readonly kubeconfig: Uint8Array | null;
}

/**
 * Returns the exit code where the store asks for one, as when certificates have ended, or `--locked` keeps it incomplete.
 * @throws SecretsError when the store cannot be opened or written
 */
export async function issueSecrets(project: Project, options: Options, session: Session): Promise<Issued | 2 | 3> {
  const { cluster, folder, nodes, trees, settings } = project;
  const { file } = cluster.secrets;
  const now = new Date();
  const kept = await keepStore({
    ...{ cluster, path: storePath(cluster, folder), identities: identitiesFor(options, session) },
    ...{ by: { now, random: systemRandomness }, save: options.locked !== true },
  });
  const refused = options.locked ? lockedFindings(kept, file) : [];
  if (refused.length === 0) tell(kept, file, options, session);
  const found = [...refused, ...storeFindings(kept, file, now)];
  const exitCode = reportDiagnostics(found, settings.frame, options, session);
  if (exitCode !== 0) return exitCode;
  const { store } = kept;
  const whole = nodes.map((node) => {
    const tree = trees.get(node.name) ?? [];
    return [node.name, withSecrets(tree, nodeSecrets(store, cluster, node), cluster)] as const;
  });
  return { trees: new Map(whole), kubeconfig: cluster.nodes.some(isMaster) ? adminKubeconfig(store, cluster) : null };
}

function lockedFindings({ changes }: Kept, file: string): Diagnostic[] {
  const [first] = changes;
  const values = first && { file, first: describeChange(first), count: count(changes.length, 'change') };
  return values ? [diagnostic('secrets/not-issued', values)] : [];
}

/** The product of a build are images, so this goes where progress goes; with `--json` it is for machines, as all is. */
function tell(kept: Kept, file: string, options: Options, session: Session): void {
  const records = kept.changes.map(({ did, what, why }) => ({ type: 'change', did, what, why }));
  if (options.json) records.forEach((record) => writeJson(session, record));
  else if (options.log === 'json') records.forEach((record) => session.stderr.write(`${JSON.stringify(record)}\n`));
  else if (options.log !== 'silent') session.stderr.write(words(kept, file));
}

/** A new cluster needs dozens of entries; of so many the numbers will do. */
const MOST_LINES = 10;

function words(kept: Kept, file: string): string {
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

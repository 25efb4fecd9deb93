/** `coldstart secrets`: shows, completes and rotates what is in the secrets store; never a value. */
import type { Cluster } from '../config/cluster.ts';
import { loadCluster } from '../config/load.ts';
import { expiries } from '../pki/expiry.ts';
import { day, storeFindings } from '../pki/findings.ts';
import { keepStore } from '../pki/keep.ts';
import { systemRandomness } from '../pki/randomness.ts';
import type { Step, Target } from '../pki/rotate.ts';
import { openStore } from '../pki/store.ts';
import { fromHere } from './project.ts';
import { reportDiagnostics } from './report.ts';
import { identitiesFor, keptText, protection, storePath, type IdentityOptions } from './secrets-store.ts';
import { entriesOf, readTarget } from './secrets-words.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';
import { UsageError } from './usage.ts';

export interface SecretsOptions extends CommonOptions, IdentityOptions {
  readonly step?: Step;
}

export type SecretsAction = 'show' | 'issue' | 'rotate';

interface Place {
  readonly cluster: Cluster;
  /** The store, absolute. */
  readonly path: string;
  readonly frame: Parameters<typeof reportDiagnostics>[1];
}

/** Runs one action on the store of a definition. @param words the rest of the command line: `[WHAT] [CONFIG]` */
export async function secrets(
  action: SecretsAction,
  words: readonly string[],
  options: SecretsOptions,
  session: Session,
): Promise<number> {
  const [what, config] = action === 'rotate' ? words : [undefined, ...words];
  if (words.length > (action === 'rotate' ? 2 : 1))
    throw new UsageError(`\`secrets ${action}\` has too many arguments.`);
  if (action === 'rotate' && what === undefined)
    throw new UsageError('Rotate what?', '`coldstart secrets show` lists it');
  if (action !== 'rotate' && options.step) throw new UsageError(`\`--step\` belongs to \`secrets rotate\`.`);
  const target = what === undefined ? undefined : readTarget(what, options.step);
  const place = await findStore(config, options, session);
  if (typeof place === 'number') return place;
  return action === 'show' ? show(place, options, session) : keep(place, target, options, session);
}

async function findStore(config: string | undefined, options: CommonOptions, session: Session): Promise<Place | 2 | 3> {
  const { value: cluster, diagnostics, folder, frame } = await loadCluster(fromHere(session, config ?? '.'));
  const exitCode = reportDiagnostics(diagnostics, frame, options, session);
  if (exitCode !== 0) return exitCode;
  if (cluster === undefined) throw new Error('a definition failed without a word');
  return { cluster, path: storePath(cluster, folder), frame };
}

async function show(place: Place, options: SecretsOptions, session: Session): Promise<number> {
  const opened = await openStore(place.path, identitiesFor(options, session));
  const { file } = place.cluster.secrets;
  if (opened === null) {
    if (!options.json) session.stdout.write(`There is no ${file} yet; it is made by the first build.\n`);
    return 0;
  }
  const now = new Date();
  const ends = new Map(expiries(opened.store, now).map((expiry) => [expiry.id, expiry]));
  const rows = entriesOf(opened.store).map((entry) => ({ ...entry, end: ends.get(entry.id) }));
  if (options.json) {
    for (const { id, rotation, end } of rows) {
      const expiry = end && { notAfter: end.notAfter.toISOString(), state: end.state };
      writeJson(session, { type: 'secret', id, rotation, ...expiry });
    }
  } else {
    const width = Math.max(...rows.map(({ id }) => id.length));
    const lines = rows.map(({ id, rotation, end }) => {
      const until = end ? `until ${day(end.notAfter)}${end.state === 'good' ? '' : `, ${end.state}`}` : '';
      const words = [until, rotation === null ? '' : ROTATIONS[rotation]].filter((word) => word !== '');
      return `  ${id.padEnd(width)}  ${words.join('; ')}`.trimEnd();
    });
    const head = `secrets of cluster ${opened.store.cluster} in ${file}, ${protection(opened.encrypted)}`;
    session.stdout.write(`${[head, ...lines].join('\n')}\n`);
  }
  return reportDiagnostics(storeFindings(opened, file, now), place.frame, options, session);
}

const ROTATIONS = { staged: 'a successor is staged', activated: 'the predecessor is still trusted' };

async function keep(
  { cluster, path, frame }: Place,
  rotation: Target | undefined,
  options: SecretsOptions,
  session: Session,
): Promise<number> {
  const now = new Date();
  const by = { now, random: systemRandomness };
  const request = { cluster, path, by, identities: identitiesFor(options, session), save: true };
  const done = await keepStore({ ...request, ...(rotation ? { rotation } : {}) });
  const { file } = cluster.secrets;
  if (options.json) {
    for (const { did, what, why } of done.changes) writeJson(session, { type: 'change', did, what, why });
  } else session.stdout.write(keptText(done, file));
  return reportDiagnostics(storeFindings(done, file, now), frame, options, session);
}

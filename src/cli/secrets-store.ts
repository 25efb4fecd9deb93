/** What commands share about the secrets store: where it is, who opens it, and how is told what was done to it. */
import { resolve } from 'node:path';
import type { Cluster } from '../config/cluster.ts';
import { readIdentities } from '../pki/identities.ts';
import type { Kept } from '../pki/keep.ts';
import { describeChange } from '../pki/reconcile.ts';
import type { Secret } from '../pki/secret.ts';
import { count } from './comparison-text.ts';
import type { Session } from './session.ts';

/** The option of all commands that may have to open the store. */
export interface IdentityOptions {
  readonly identity?: readonly string[];
}

/** The store of a definition, absolute. @param folder of the definition */
export function storePath({ secrets }: Cluster, folder: string): string {
  return resolve(folder, secrets.file);
}

/** Reads the identities that the user names, once somebody asks for them. */
export function identitiesFor(
  { identity = [] }: IdentityOptions,
  { cwd, env }: Session,
): () => Promise<readonly Secret[]> {
  return () =>
    readIdentities(
      identity.map((file) => resolve(cwd, file)),
      env,
    );
}

export const protection = (encrypted: boolean): string =>
  encrypted ? 'encrypted' : 'in clear: whoever reads the file owns the cluster';

/** Everything that was done, a line each, and how the store lies there. @param file the store, as the user would type it */
export function keptText({ changes, written, encrypted }: Kept, file: string): string {
  const lines = changes.map((change) => `${describeChange(change)}\n`).join('');
  if (!written) return `${file} holds everything already; nothing was written.\n`;
  return `${lines}${file}: ${count(changes.length, 'change')}, ${protection(encrypted)}.\n`;
}

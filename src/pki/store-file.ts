/** A file of a node layer that is made from the store: named by the plan before there is a store, filled in with it. */
import type { Store } from './store-model.ts';

export interface StoreFile {
  /** Relative to the root of the node. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Holds something that nobody else may know; certificates are public. */
  readonly secret: boolean;
  /** Paths of the settings that shape it; none where it follows from who the node is. */
  readonly settings: readonly string[];
  /** @throws IncompleteStore when the store lacks what belongs into it */
  readonly content: (store: Store) => Uint8Array;
}

/** The same with its content, as in `src/render/tree.ts`. */
export interface SecretFile extends Omit<StoreFile, 'content'> {
  readonly content: Uint8Array;
}

export type Text = (store: Store) => string;

/** Anything but root's, who is 0. */
type Owner = number;

export const open = (path: string, text: Text, settings: readonly string[] = []): StoreFile =>
  file(path, text, { mode: 0o644, owner: 0, secret: false, settings });

export const hidden = (path: string, text: Text, owner: Owner = 0, settings: readonly string[] = []): StoreFile =>
  file(path, text, { mode: 0o600, owner, secret: true, settings });

interface Manner extends Pick<StoreFile, 'mode' | 'secret' | 'settings'> {
  readonly owner: Owner;
}

function file(path: string, text: Text, { mode, owner, secret, settings }: Manner): StoreFile {
  return { path, mode, uid: owner, gid: owner, secret, settings, content: (store) => Buffer.from(text(store)) };
}

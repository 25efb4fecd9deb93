/** What is set for the whole cluster, and for single nodes where they differ: users, registries, a proxy. */
import type * as z from 'zod';
import type { Normalised } from '../notation.ts';
import type { user } from '../schema/extras.ts';

export interface HttpProxy {
  /** A URL, which may hold a password. */
  readonly http: string | null;
  readonly https: string | null;
  readonly noProxy: readonly string[];
}

export interface Registry {
  /** Host (and port) as it stands in image names, e.g. `docker.io`; `_default` for all others. */
  readonly host: string;
  /** `ca` is PEM text, the content of the file that the user named. */
  readonly mirrors: readonly { readonly url: string; readonly ca: string | null; readonly skipVerify: boolean }[];
  readonly auth: { readonly username: string; readonly password: string } | null;
}

export type User = Normalised<z.output<typeof user>>;

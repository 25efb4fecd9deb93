/** Settings of the whole cluster that single nodes can override: users, registries, a proxy. */
import type * as z from 'zod';
import type { Normalised } from '../notation.ts';
import type { user } from '../schema/extras.ts';

export interface HttpProxy {
  /** A URL, which may contain a password. */
  readonly http: string | null;
  readonly https: string | null;
  readonly noProxy: readonly string[];
}

export interface Registry {
  /** Host (and port) as in image names, e.g. `docker.io`; `_default` for all other registries. */
  readonly host: string;
  /** `ca` is the PEM text of the user's CA file. */
  readonly mirrors: readonly { readonly url: string; readonly ca: string | null; readonly skipVerify: boolean }[];
  readonly auth: { readonly username: string; readonly password: string } | null;
}

export type User = Normalised<z.output<typeof user>>;

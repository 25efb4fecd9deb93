/** What `serve` is asked for, and what it has opened. */
import type { Identity, Listening } from '../../serve/http/settings.ts';
import type { Shelf } from '../../serve/resource.ts';

export interface ServeRequest {
  /** An output folder, or a configuration; the current folder by default. As the user gave it. */
  readonly from: string | undefined;
  readonly nodes: readonly string[] | undefined;
  readonly at: Listening;
  /** Name or address in the links and in the certificate; by default the address of `at`. */
  readonly host: string | undefined;
  /** Paths of a certificate and its key, as the user gave them. Null: the cluster's authority signs one. */
  readonly pem: { readonly certificate: string; readonly key: string } | null;
  readonly plainHttp: boolean;
  /** Path of the file of links, as the user gave it. */
  readonly links: string | undefined;
  readonly reusable: boolean;
  readonly connectionsPerClient: number | undefined;
  /** Absolute; a folder with files that Debian does not package. */
  readonly artifacts: string | null;
  /** Seconds since 1970. */
  readonly epoch: number;
}

/** What is served, and with which identity. */
export interface Opened {
  readonly cluster: string;
  readonly shelf: Shelf;
  readonly identity: Identity | null;
  /** The cluster's output folder, absolute. */
  readonly outDir: string;
}

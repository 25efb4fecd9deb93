/** One file of an artifact layer. */
export interface LayerFile {
  /** Its name in the lock. */
  readonly name: string;
  /** On the node, relative to `/`. */
  readonly path: string;
  readonly mode: number;
  readonly sha256: string;
  /** A local file, or the URL of the download. */
  readonly source: { readonly file: string } | { readonly url: string };
}

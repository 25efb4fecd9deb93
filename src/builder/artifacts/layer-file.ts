/** One file of an artifact layer. */
export interface LayerFile {
  /** As the lock names it. */
  readonly name: string;
  /** On the node, relative to its root. */
  readonly path: string;
  readonly mode: number;
  readonly sha256: string;
  /** A local file, or where to download it. */
  readonly source: { readonly file: string } | { readonly url: string };
}

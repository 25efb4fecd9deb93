/** One file of an artifact layer. */
export interface LayerFile {
  /** Its name in the lock. */
  readonly name: string;
  /** On the node, relative to `/`. */
  readonly path: string;
  readonly mode: number;
  /** Of the file, or of the archive that contains it. */
  readonly sha256: string;
  /** Its path in the archive (`tar.gz`), if it is in one. */
  readonly member?: string;
  /** A local file or archive, or the URL of the download. */
  readonly source: { readonly file: string } | { readonly url: string };
}

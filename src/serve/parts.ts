/** Makes resources of files and pieces, and remembers what many requests need. */
import { stat } from 'node:fs/promises';
import { hashPieces, totalSize, type Piece } from '../builder/images/composed-file.ts';
import { factsOf, type FileName, type Resource } from './resource.ts';

/** Results by key. Each is made once; a failure is not kept. */
export class Memo<T> {
  readonly #results = new Map<string, Promise<T>>();

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const result = make();
    this.#results.set(key, result);
    result.catch(() => this.#results.delete(key));
    return result;
  }
}

export async function wholeFile(path: string): Promise<Piece> {
  return { path, offset: 0, length: (await stat(path)).size };
}

/** Makes resources; the digest of the same bytes is computed once. */
export class Digests {
  readonly #known = new Memo<string>();

  /** @param key names the bytes, together with the file @param compute their SHA-256; by default all bytes are read */
  async resource(
    file: FileName,
    key: string,
    pieces: readonly Piece[],
    compute = () => hashPieces(pieces),
  ): Promise<Resource> {
    return resourceOf(file, pieces, await this.#known.get(`${key}/${file}`, compute));
  }
}

export const resourceOf = (file: FileName, pieces: readonly Piece[], sha256: string): Resource => ({
  ...{ pieces, sha256, size: totalSize(pieces), type: factsOf(file).type },
});

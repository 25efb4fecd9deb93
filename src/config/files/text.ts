/** Decodes bytes as strict UTF-8 and finds the first invalid byte. */

type Decoded =
  | { readonly text: string }
  | { readonly text: undefined; readonly line: number; readonly column: number; readonly offset: number };

/** Decodes UTF-8 and drops a leading byte order mark. If the bytes are not UTF-8, returns the place of the first bad byte. */
export function decodeUtf8(bytes: Uint8Array): Decoded {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const offset = firstBadByte(bytes);
    const before = new TextDecoder().decode(bytes.subarray(0, offset)).split('\n');
    return { text: undefined, line: before.length, column: (before.at(-1) ?? '').length + 1, offset };
  }
}

/** The end of the longest prefix of whole characters. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (prefixText(bytes.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  return Buffer.byteLength(prefixText(bytes.subarray(0, good)) ?? '');
}

/** The whole characters of a prefix, which may end inside a character; undefined if it is not UTF-8. */
function prefixText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** The text of every file that a setting refers to, by the reference as written; unreadable ones are absent. */
export type Texts = ReadonlyMap<string, string>;

/** The text of a referenced file; null if there is no reference or no text. */
export function textOf(reference: string | undefined, texts: Texts): string | null {
  return reference === undefined ? null : (texts.get(reference) ?? null);
}

/** The selector of a disk from the text that names it. */

/**
 * `/dev/disk/by-id/…` and other paths, a WWN (`0x5000c500a1b2c3d4`), a least size (`40G`: the only disk that is as large), else the serial
 * number as `lsblk -o SERIAL` prints it.
 */
export function diskOf(text: string): Readonly<Record<string, string>> {
  const byId = /^\/dev\/disk\/by-id\/(.+)$/.exec(text)?.[1];
  if (byId !== undefined) return { by_id: byId };
  if (text.startsWith('/')) return { path: text };
  if (/^0x[\da-f]{16,32}$/i.test(text)) return { wwn: text };
  return /^\d+[MGT]$/.test(text) ? { min_size: text } : { serial: text };
}

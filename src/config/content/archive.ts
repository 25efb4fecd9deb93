/** Checks the first bytes of an archive of images: containerd accepts a tar file, also compressed with gzip or zstd. */

/** Number of bytes that are checked: a block of a tar file. */
export const ARCHIVE_START = 512;

const PACKED = { gzip: '1f8b', zstd: '28b52ffd' };
/** Compressions that containerd does not support (its archive/compression/compression.go), and other kinds of archives. */
const REFUSED = { xz: 'fd377a585a00', bzip2: '425a68', zip: '504b0304' };

/** Why containerd cannot import a file, as the end of a sentence. */
export function whyNoArchive(start: Buffer): string | undefined {
  if (start.length === 0) return 'it is empty';
  const begins = (hex: string): boolean => start.subarray(0, hex.length / 2).toString('hex') === hex;
  if (Object.values(PACKED).some(begins)) return undefined;
  const other = Object.entries(REFUSED).find(([, hex]) => begins(hex))?.[0];
  if (other !== undefined) return `it is packed by ${other}, and containerd reads tar files, gzip and zstd`;
  return isTar(start) ? undefined : 'it does not begin like a tar file';
}

/** POSIX.1, pax, "ustar Interchange Format"; GNU tar and Go write it as well. */
const isTar = (start: Buffer): boolean => start.toString('latin1', 257, 262) === 'ustar';

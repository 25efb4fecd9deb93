/** Checks an archive of images: containerd accepts a tar file, also compressed with gzip or zstd, with a list of its images. */

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
export const isTar = (start: Buffer): boolean => start.toString('latin1', 257, 262) === 'ustar';

/** OCI image layout ("oci-layout", "index.json") and `docker save` ("manifest.json"): containerd, images/archive/importer.go. */
const LISTS = ['oci-layout', 'index.json', 'manifest.json'];

/** More files than any archive of images has; the rest of a larger archive is not examined. */
const MOST_FILES = 20_000;

/**
 * Why an uncompressed tar file contains no images, as the end of a sentence; undefined if it may contain some.
 * @param read the bytes of the file from a position
 */
export async function whyNoImages(
  read: (position: number, length: number) => Promise<Buffer>,
): Promise<string | undefined> {
  let position = 0;
  for (let count = 0; count < MOST_FILES; count++) {
    const header = await read(position, ARCHIVE_START);
    const isEnd = header.length < ARCHIVE_START || header.every((byte) => byte === 0);
    if (isEnd) return NO_IMAGES;
    const size = /^ *([0-7]+)[ \0]/.exec(header.toString('latin1', 124, 136))?.[1];
    // GNU tar writes sizes above 8 GiB in another form.
    if (!isTar(header) || size === undefined) return undefined;
    const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '').replace(/^\.\//, '');
    if (LISTS.includes(name)) return undefined;
    position += ARCHIVE_START * (1 + Math.ceil(parseInt(size, 8) / ARCHIVE_START));
  }
  return undefined;
}

const NO_IMAGES =
  'it has neither `index.json` nor `manifest.json`; `docker export` writes the files of a container, not an image';

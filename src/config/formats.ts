/** The formats of images: the schema, the documents, the builder, `verify` and the required tools follow from this table. */

interface FormatFacts {
  /** For users: its purpose. */
  readonly about: string;
  /** Whether a machine can boot from it, or from the slot that takes it; otherwise it has only the node's own files. */
  readonly isBootable: boolean;
  /**
   * The format in which qemu-img(1) writes the bootable disk; `raw` is written without it. Null: no disk.
   */
  readonly disk: string | null;
}

const TABLE = {
  iso: { about: 'for CD, USB stick and virtual media', isBootable: true, disk: 'raw' },
  raw: { about: 'the same bytes, as a disk of a virtual machine', isBootable: true, disk: 'raw' },
  qcow2: { about: 'a disk of a virtual machine in QEMU', isBootable: true, disk: 'qcow2' },
  pxe: { about: 'a folder for a boot from the network with iPXE', isBootable: true, disk: null },
  update: { about: 'a signed bundle, by which an installed node updates itself', isBootable: true, disk: null },
  tar: { about: "the node's files without a system", isBootable: false, disk: null },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type ImageFormat = keyof typeof TABLE;

const FACTS: Readonly<Record<ImageFormat, FormatFacts>> = TABLE;

export const FORMATS = Object.keys(TABLE) as [ImageFormat, ...ImageFormat[]];

export const isBootable = (format: ImageFormat): boolean => FACTS[format].isBootable;

export const isDisk = (format: ImageFormat): boolean => FACTS[format].disk !== null;

/** The disk format for qemu-img(1) if the image has to be converted; null if its bytes are the disk, or it is no disk. */
export function convertedTo(format: ImageFormat): string | null {
  const { disk } = FACTS[format];
  return disk === 'raw' ? null : disk;
}

interface ImageSettings {
  readonly image: { readonly install: boolean; readonly formats: readonly ImageFormat[] };
}

/** Whether nodes of this cluster can update themselves: their images hold what checks a bundle. */
export const takesUpdates = ({ image }: ImageSettings): boolean => image.install || image.formats.includes('update');

/** E.g. "`iso`: for CD, USB stick and virtual media; `raw`: …". */
export const FORMATS_TEXT = FORMATS.map((format) => `\`${format}\`: ${FACTS[format].about}`).join('; ');

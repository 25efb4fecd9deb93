/** The formats of images: the schema, the documents, the builder, `verify` and the required tools follow from this table. */

interface FormatFacts {
  /** For users: its purpose. */
  readonly about: string;
  /** Whether this version builds it. The schema also accepts other formats, so that definitions need not change later. */
  readonly isBuilt: boolean;
  /**
   * The format in which qemu-img(1) writes the bootable disk; `raw` is written without it. Null: no disk, so no machine boots
   * from it.
   */
  readonly disk: string | null;
}

const TABLE = {
  iso: { about: 'for CD, USB stick and virtual media', isBuilt: true, disk: 'raw' },
  raw: { about: 'the same bytes, as a disk of a virtual machine', isBuilt: true, disk: 'raw' },
  qcow2: { about: 'a disk of a virtual machine in QEMU', isBuilt: true, disk: 'qcow2' },
  pxe: { about: 'not built yet', isBuilt: false, disk: null },
  tar: { about: "the node's files without a system", isBuilt: true, disk: null },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type ImageFormat = keyof typeof TABLE;

const FACTS: Readonly<Record<ImageFormat, FormatFacts>> = TABLE;

export const FORMATS = Object.keys(TABLE) as [ImageFormat, ...ImageFormat[]];

export const isBuilt = (format: ImageFormat): boolean => FACTS[format].isBuilt;

export const BUILT_FORMATS: readonly ImageFormat[] = FORMATS.filter(isBuilt);

export const isBootable = (format: ImageFormat): boolean => FACTS[format].disk !== null;

/** The disk format for qemu-img(1) if the image has to be converted; null if its bytes are the disk, or it is no disk. */
export function convertedTo(format: ImageFormat): string | null {
  const { disk } = FACTS[format];
  return disk === 'raw' ? null : disk;
}

/** E.g. "`iso`: for CD, USB stick and virtual media; `raw`: …". */
export const FORMATS_TEXT = FORMATS.map((format) => `\`${format}\`: ${FACTS[format].about}`).join('; ');

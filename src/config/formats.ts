/** The formats of images: the schema, the documents and the builder follow from this table. */

interface FormatFacts {
  /** Whether a machine boots from it. An overlay alone has no other layers. */
  readonly isBootable: boolean;
  /** Whether this version builds it. The schema also accepts other formats, so that definitions need not change later. */
  readonly isBuilt: boolean;
}

const TABLE = {
  iso: { isBootable: true, isBuilt: true },
  raw: { isBootable: true, isBuilt: true },
  qcow2: { isBootable: true, isBuilt: true },
  pxe: { isBootable: true, isBuilt: false },
  tar: { isBootable: false, isBuilt: true },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type ImageFormat = keyof typeof TABLE;

/** The formats that the builder has a packer for. */
export type BuiltFormat = { [F in ImageFormat]: (typeof TABLE)[F]['isBuilt'] extends true ? F : never }[ImageFormat];

export const FORMATS = Object.keys(TABLE) as [ImageFormat, ...ImageFormat[]];

export const isBuilt = (format: ImageFormat): format is BuiltFormat => TABLE[format].isBuilt;

export const BUILT_FORMATS: readonly BuiltFormat[] = FORMATS.filter(isBuilt);

export const isBootable = (format: ImageFormat): boolean => TABLE[format].isBootable;

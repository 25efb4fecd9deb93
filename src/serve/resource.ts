/** What the server can send: a file of pieces, its digest, and whether it holds secrets. */
import type { Piece } from '../builder/images/composed-file.ts';

export interface Resource {
  readonly pieces: readonly Piece[];
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the whole file, hexadecimal. */
  readonly sha256: string;
  readonly type: string;
}

/** A node as clients name it. */
export interface ServedNode {
  readonly name: string;
  /** Lower case, with colons. */
  readonly macs: readonly string[];
}

interface FileFacts {
  readonly type: string;
  /** Whether it contains the node's keys, so that reading it uses the link. */
  readonly isSecret: boolean;
}

const BYTES = 'application/octet-stream';

/** The files of every node. An installed node takes `update.raucb`, and of the others those that its running slot lacks. */
const TABLE = {
  'node.iso': { type: 'application/x-iso9660-image', isSecret: true },
  'boot.ipxe': { type: 'text/plain; charset=utf-8', isSecret: false },
  vmlinuz: { type: BYTES, isSecret: false },
  'system.img': { type: BYTES, isSecret: false },
  'node.img': { type: BYTES, isSecret: true },
  'initrd.img': { type: BYTES, isSecret: false },
  'base.squashfs': { type: BYTES, isSecret: false },
  'artifacts.squashfs': { type: BYTES, isSecret: false },
  'node.squashfs': { type: BYTES, isSecret: true },
  'update.raucb': { type: BYTES, isSecret: true },
} as const satisfies Readonly<Record<string, FileFacts>>;

export type FileName = keyof typeof TABLE;

const FILE_NAMES = Object.keys(TABLE) as readonly FileName[];

export const factsOf = (file: FileName): FileFacts => TABLE[file];

export const fileNamed = (text: string): FileName | undefined => FILE_NAMES.find((name) => name === text);

/** The nodes and their files. A file is made when it is first asked for. */
export interface Shelf {
  readonly nodes: readonly ServedNode[];
  /**
   * Null when the node has no such file, e.g. no artifacts.
   * @throws an error when it cannot be made; the client gets no details
   */
  readonly find: (node: string, file: FileName) => Promise<Resource | null>;
}

/**
 * The manifest of an update bundle, in RAUC's notation: https://rauc.readthedocs.io/en/v1.13/reference.html#manifest
 * The node reads it before it touches a slot.
 */
import { basename } from 'node:path';
import { updateCompatible } from '../../render/plan/ids.ts';
import type { SharedFile } from './slot.ts';

export interface UpdateIdentity {
  readonly cluster: string;
  readonly node: string;
  /** Number of the node's definition, which only grows; see `src/pki/issue/releases.ts`. */
  readonly release: number;
  /** Id of the node's image. */
  readonly image: string;
  /** The version of Kubernetes; a master asks for it before a node restarts into it. */
  readonly kubernetes: string;
}

interface Verity {
  /** Hexadecimal. */
  readonly rootHash: string;
  readonly salt: string;
  /** Bytes of the hash tree. */
  readonly size: number;
}

interface ManifestParts {
  readonly identity: UpdateIdentity;
  /** The tar of the slot. */
  readonly slot: { readonly size: number; readonly sha256: string };
  readonly shared: readonly SharedFile[];
  /** Null in the copy inside of the bundle, whose bytes the hash tree covers. */
  readonly verity: Verity | null;
}

export const SLOT_FILE = 'slot.tar';
export const HOOK_FILE = 'hook.sh';

export function manifestText({ identity, slot, shared, verity }: ManifestParts): string {
  const sections = [
    [
      'update',
      {
        compatible: updateCompatible(identity.cluster, identity.node),
        version: String(identity.release),
        build: identity.image,
      },
    ],
    [
      'bundle',
      {
        format: 'verity',
        ...(verity && { 'verity-hash': verity.rootHash, 'verity-salt': verity.salt, 'verity-size': verity.size }),
      },
    ],
    ['hooks', { filename: HOOK_FILE }],
    ['image.system', { sha256: slot.sha256, size: slot.size, filename: SLOT_FILE, hooks: 'post-install' }],
    // RAUC allows only letters, digits, `-` and `_` in these keys.
    ['meta.kubernetes', { version: identity.kubernetes }],
    ['meta.shared', Object.fromEntries(shared.map(({ path, sha256, size }) => [keyOf(path), `${sha256} ${size}`]))],
  ] as const;
  const line = ([key, value]: [string, string | number]): string => `${key}=${String(value)}\n`;
  return sections.map(([name, keys]) => `[${name}]\n${Object.entries(keys).map(line).join('')}`).join('\n');
}

/** `live/base.squashfs` is `base-squashfs`. */
const keyOf = (path: string): string => basename(path).replaceAll('.', '-');

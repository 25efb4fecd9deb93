/**
 * Links to the files of nodes. Each link has a token that nobody can guess and is for one node, for one client, and for one
 * download: docs/decisions/0016-links-for-one-node-and-one-client.md
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ByteRange } from './http/ranges.ts';
import { factsOf, type FileName, type Resource, type ServedNode } from './resource.ts';

/** As it is kept in the file of links. */
export interface Link {
  readonly node: string;
  readonly token: string;
  /** The address that has read a file with secrets; null while nobody has. */
  readonly client: string | null;
}

type Admission =
  { readonly node: string; readonly isAgain: boolean } | { readonly refused: 'unknown' | 'used' | 'other-client' };

/** @property size bytes of the whole file */
type Download = ByteRange & Pick<Resource, 'size'>;

interface LinkOptions {
  readonly nodes: readonly ServedNode[];
  /** The links of an earlier run; those of nodes that are not served are dropped. */
  readonly former: readonly Link[];
  /** A link stays valid after a download, for the client that used it first. */
  readonly reusable: boolean;
  /** Makes tokens. */
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds since an arbitrary fixed time. */
  readonly clock: () => number;
  /** Called after each change. */
  readonly changed: () => void;
}

interface State {
  token: string;
  client: string | null;
  /** Tokens that were used up in this run, the newest last. */
  readonly used: Used[];
  /** Bytes from the beginning of each file that were downloaded. */
  readonly done: Map<FileName, number>;
}

interface Used {
  readonly digest: Uint8Array;
  readonly client: string;
  /** By the clock. */
  readonly at: number;
}

/**
 * Milliseconds in which the same client may use a link again: it may have lost the last bytes, which the server cannot know, or
 * fetch a file twice before it boots.
 */
const GRACE = 600_000;
/** Of random data; a token has 43 characters. */
const TOKEN_BYTES = 32;
/** A node does not need more in one run of the server, and memory must not grow. */
const MOST_USED = 16;

const digest = (token: string): Uint8Array => createHash('sha256').update(token).digest();

export class Links {
  readonly #states: ReadonlyMap<string, State>;
  /** Names and MACs. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #options: LinkOptions;

  constructor(options: LinkOptions) {
    this.#options = options;
    const former = new Map(options.former.map((link) => [link.node, link]));
    this.#states = new Map(
      options.nodes.map(({ name }) => {
        const { token = this.#newToken(), client = null } = former.get(name) ?? {};
        return [name, { token, client, used: [], done: new Map() }];
      }),
    );
    this.#names = new Map(options.nodes.flatMap(({ name, macs }) => [name, ...macs].map((one) => [one, name])));
  }

  /** All links, in the order of the nodes. */
  all(): Link[] {
    return [...this.#states].map(([node, { token, client }]) => ({ node, token, client }));
  }

  /** Whether this client may read a file. The first client that reads a secret gets the link for itself. */
  admit(nameOrMac: string, token: string, client: string, file: FileName | null): Admission {
    const name = this.#names.get(canonical(nameOrMac));
    const state = name === undefined ? undefined : this.#states.get(name);
    const given = digest(token);
    // Unknown names take the same time as known ones.
    const fits = timingSafeEqual(given, digest(state?.token ?? ''));
    if (name === undefined || state === undefined) return { refused: 'unknown' };
    if (!fits) return this.#admitAgain(name, state.used, given, client);
    if (state.client !== null && state.client !== client) return { refused: 'other-client' };
    if (state.client === null && file !== null && factsOf(file).isSecret) {
      state.client = client;
      this.#options.changed();
    }
    return { node: name, isAgain: false };
  }

  #admitAgain(node: string, all: readonly Used[], given: Uint8Array, client: string): Admission {
    const used = all.find(({ digest }) => timingSafeEqual(digest, given));
    if (used === undefined) return { refused: 'unknown' };
    const isSoon = used.client === client && this.#options.clock() - used.at < GRACE;
    return isSoon ? { node, isAgain: true } : { refused: 'used' };
  }

  /**
   * Notes what a download has brought. Once a client has a whole file with secrets, its link is used up and a new one takes its
   * place. Returns whether this happened. Of downloads that end after the link was used up, nothing is noted.
   */
  downloaded(node: string, token: string, file: FileName, { begin, end, size }: Download): boolean {
    const state = this.#states.get(node);
    if (state?.token !== token || !factsOf(file).isSecret || begin > (state.done.get(file) ?? 0)) return false;
    state.done.set(file, Math.max(end, state.done.get(file) ?? 0));
    if (end < size || this.#options.reusable) return false;
    state.used.push({ digest: digest(state.token), client: state.client ?? '', at: this.#options.clock() });
    if (state.used.length > MOST_USED) state.used.shift();
    Object.assign(state, { token: this.#newToken(), client: null });
    state.done.clear();
    this.#options.changed();
    return true;
  }

  #newToken(): string {
    return Buffer.from(this.#options.random(TOKEN_BYTES)).toString('base64url');
  }
}

/** MACs also with hyphens and in upper case, as iPXE's `${mac:hexhyp}` and people write them. */
function canonical(nameOrMac: string): string {
  const lower = nameOrMac.toLowerCase().replaceAll('-', ':');
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(lower) ? lower : nameOrMac;
}

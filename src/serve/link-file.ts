/**
 * The file of links, one JSON object a line, mode 0600. It is the only place where tokens are written. The server replaces it after
 * each change, and continues with its links after a restart.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Link } from './links.ts';
import type { ServedNode } from './resource.ts';

interface Line extends Link {
  readonly macs: readonly string[];
  /** The node's files are below it. */
  readonly url: string;
}

/** The links of an earlier run; none when there is no such file. Lines that are not links are left out. */
export async function readLinks(path: string): Promise<Link[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Link | null {
  try {
    const { node, token, client } = JSON.parse(line) as Partial<Record<keyof Link, unknown>>;
    if (typeof node !== 'string' || typeof token !== 'string' || !/^[\w-]{43}$/.test(token)) return null;
    return { node, token, client: typeof client === 'string' ? client : null };
  } catch {
    return null;
  }
}

/** Writes after changes, at most one write at a time. */
export class LinkFile {
  readonly #path: string;
  readonly #text: () => string;
  #writing: Promise<void> | null = null;
  #isOutdated = false;

  /** @param base address of the server, with a slash at its end @param links called for each write */
  constructor(path: string, base: string, nodes: readonly ServedNode[], links: () => readonly Link[]) {
    const macs = new Map(nodes.map((node) => [node.name, node.macs]));
    this.#path = path;
    this.#text = () =>
      links()
        .map((link): Line => {
          const url = `${base}${link.node}/${link.token}/`;
          return { ...link, macs: macs.get(link.node) ?? [], url };
        })
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
  }

  /** Resolves once the file has the links as they are now. */
  save(): Promise<void> {
    this.#isOutdated = true;
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /** Resolves once no write is under way. */
  async saved(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    while (this.#isOutdated) {
      this.#isOutdated = false;
      const temporary = `${this.#path}.unfinished`;
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.chmod(0o600);
        await file.writeFile(this.#text());
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
    }
  }
}

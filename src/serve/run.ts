/** Serves a shelf until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { answerer, type ServeEvent } from './answer.ts';
import { startServer } from './http/server.ts';
import type { Identity, Limits, Listening } from './http/settings.ts';
import { LinkFile, readLinks } from './link-file.ts';
import { Links } from './links.ts';
import type { Shelf } from './resource.ts';

interface ServeOptions {
  readonly at: Listening;
  /** Name or address in the links. */
  readonly host: string;
  /** Null for plain HTTP. */
  readonly identity: Identity | null;
  readonly limits: Limits;
  /** Processes that speak with the clients; 0: this process does. */
  readonly processes: number;
  /** Path of the file of links. */
  readonly links: string;
  readonly reusable: boolean;
  readonly report: (event: ServeEvent) => void;
  /** Called when clients can connect. @param base address of the server, with a slash at its end */
  readonly ready: (base: string) => void;
  readonly signal: AbortSignal;
}

/** @throws the error of `listen`, or of the file of links */
export async function serve(shelf: Shelf, options: ServeOptions): Promise<void> {
  const { at, host, identity, limits, processes, signal, report } = options;
  let file: LinkFile | undefined;
  const links = new Links({
    ...{ nodes: shelf.nodes, former: await readLinks(options.links), reusable: options.reusable, random: randomBytes },
    clock: () => performance.now(),
    changed: () => {
      file?.save().catch((error: unknown) => {
        report({ type: 'unsaved', message: error instanceof Error ? error.message : String(error) });
      });
    },
  });
  const lost = (message: string): void => {
    report({ type: 'restarted', message });
  };
  const server = await startServer(at, { identity, limits, processes, lost }, answerer(shelf, links, report));
  try {
    const scheme = identity === null ? 'http' : 'https';
    const base = `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${String(server.at.port)}/`;
    file = new LinkFile(options.links, base, shelf.nodes, () => links.all());
    await file.save();
    options.ready(base);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
    await file?.saved();
  }
}

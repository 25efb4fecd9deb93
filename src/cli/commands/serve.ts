/** `coldstart serve`. */
import { relative } from 'node:path';
import { DEFAULT_EPOCH } from '../../builder/step-context.ts';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import type { ServeEvent } from '../../serve/answer.ts';
import { serveNodes, type Serving } from '../../usecases/serve/serve.ts';
import { UsageError } from '../../usecases/usage.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import { epochFrom } from '../options/epoch.ts';
import { parseListen } from '../options/listen.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface ServeOptions extends IdentityOptions {
  readonly listen: string;
  readonly host?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly plainHttp?: true;
  readonly links?: string;
  readonly reusableLinks?: true;
  readonly connectionsPerClient?: number;
  readonly node?: readonly string[];
  readonly artifacts?: string;
}

/** Runs until it is interrupted. */
export async function serve(
  from: string | undefined,
  options: CommonOptions & ServeOptions,
  session: Session,
): Promise<number> {
  const { host, links, node: nodes, connectionsPerClient } = options;
  const request = {
    ...{ from, nodes, host, links, connectionsPerClient, at: parseListen(options.listen), pem: pemOf(options) },
    ...{ plainHttp: options.plainHttp === true, reusable: options.reusableLinks === true },
    artifacts: artifactFolder(options.artifacts, session),
    epoch: epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH),
  };
  const listener = {
    ready: (serving: Serving): void => {
      writeReady(serving, options, session);
    },
    report: (event: ServeEvent): void => {
      writeEvent(event, options, session);
    },
  };
  const { diagnostics } = await serveNodes(request, listener, hostOf(options, session));
  return exitClass(diagnostics);
}

function pemOf({ cert, key }: ServeOptions): { certificate: string; key: string } | null {
  if (cert !== undefined && key !== undefined) return { certificate: cert, key };
  if (cert === undefined && key === undefined) return null;
  throw new UsageError('A certificate and its key belong together.', 'give both --cert and --key');
}

function writeReady(serving: Serving, options: CommonOptions, session: Session): void {
  if (options.json) {
    writeJson(session, { type: 'serving', ...serving });
    return;
  }
  const { cluster, nodes, url, links } = serving;
  const file = relative(session.cwd, links);
  session.stdout.write(
    `Serving ${quantity(nodes, 'node')} of cluster ${cluster} at ${url}\n` +
      `The links are in ${file}: each gives the keys of its node, so hand it to that machine alone.\n`,
  );
}

const REFUSALS = {
  unknown: 'asked for an address that does not exist',
  used: 'used a link a second time',
  'other-client': "used another client's link",
} as const;

function writeEvent(event: ServeEvent, options: CommonOptions, session: Session): void {
  if (options.json) {
    const { type: what, ...rest } = event;
    writeJson(session, { type: 'served', event: what, ...rest });
    return;
  }
  session.stdout.write(`${eventText(event)}\n`);
}

function eventText(event: ServeEvent): string {
  switch (event.type) {
    case 'began':
      return `${event.node}: ${event.client} reads ${event.file}`;
    case 'used':
      return `${event.node}: ${event.client} has the whole ${event.file}; its link is used up`;
    case 'refused':
      return `refused: ${event.client} ${REFUSALS[event.reason]}`;
    case 'failed':
      return `${event.node}: ${event.file} could not be made: ${event.message}`;
    case 'unsaved':
      return `the file of links could not be written: ${event.message}`;
    case 'restarted':
      return `a process that sends files has ended and is started again; its downloads broke off: ${event.message}`;
  }
}

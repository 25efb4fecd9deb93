/**
 * `serve`: gives every node's files over HTTPS while they are read. From a definition it packs each node's layer when it is first
 * asked for; from an output folder it reads the images there. Ends when the host's signal is aborted.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { readManifest } from '../../builder/output/output-manifest.ts';
import { environmentError, verificationError } from '../../builder/system/errors.ts';
import { requireTools, VERIFY_TOOLS } from '../../builder/system/toolchain.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import type { ServeEvent } from '../../serve/answer.ts';
import { DEFAULT_LIMITS, type Identity, type Listening } from '../../serve/http/settings.ts';
import { isServable, openOutput } from '../../serve/from-output.ts';
import { serve } from '../../serve/run.ts';
import { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import { isOutput } from '../review/output-folder.ts';
import { settingsIn } from '../running-cluster/present-setting.ts';
import { UsageError } from '../usage.ts';
import { openDefined } from './definition.ts';
import type { Opened, ServeRequest } from './request.ts';

export interface Serving {
  readonly cluster: string;
  readonly nodes: number;
  /** Address of the server. */
  readonly url: string;
  /** Absolute path of the file of links. */
  readonly links: string;
}

interface ServeListener {
  readonly ready: (serving: Serving) => void;
  readonly report: (event: ServeEvent) => void;
}

/** @throws UsageError, SecretsError, BuildError */
export async function serveNodes(request: ServeRequest, listener: ServeListener, host: Host): Promise<Result<true>> {
  const findings = new Findings(host);
  const name = hostName(request);
  const pem = await readIdentity(request, host);
  const folder = resolve(host.cwd, request.from ?? '.');
  const opened = (await isOutput(folder))
    ? await openBuilt(folder, request, pem, host)
    : await openDefined(request, name, pem, findings);
  if (opened === undefined) return findings.stopped();
  const { cluster, shelf, identity, outDir } = opened;
  const links = request.links === undefined ? join(outDir, LINKS_FILE) : resolve(host.cwd, request.links);
  const { at, reusable, connectionsPerClient = DEFAULT_LIMITS.connectionsPerClient } = request;
  await serve(shelf, {
    ...{ at, host: name, identity, reusable, links, report: listener.report, signal: host.signal },
    limits: { ...DEFAULT_LIMITS, connectionsPerClient },
    processes: Math.min(availableParallelism(), MOST_PROCESSES),
    ready: (url) => {
      listener.ready({ cluster, nodes: shelf.nodes.length, url, links });
    },
  }).catch((error: unknown) => {
    throw describeListenError(error, at);
  });
  return findings.done(true);
}

const LINKS_FILE = 'links.jsonl';
/** Each takes memory of its own. */
const MOST_PROCESSES = 4;

/** @throws UsageError when clients cannot reach the address to which the server listens */
function hostName({ host, at: { address } }: ServeRequest): string {
  if (host !== undefined) return host;
  if (address !== '0.0.0.0' && address !== '::') return address;
  throw new UsageError(`Clients cannot reach \`${address}\`.`, 'name this machine as they know it with --host');
}

/** Null without a certificate of the user. */
async function readIdentity({ pem, plainHttp }: ServeRequest, { cwd }: Host): Promise<Identity | null> {
  if (pem === null) return null;
  if (plainHttp) throw new UsageError('With `--plain-http` there is no certificate.', 'leave out --cert and --key');
  const read = (path: string): Promise<string> => readFile(resolve(cwd, path), 'utf8');
  return { certificate: await read(pem.certificate), key: await read(pem.key) };
}

async function openBuilt(
  folder: string,
  { nodes: names, plainHttp }: ServeRequest,
  pem: Identity | null,
  { signal }: Host,
): Promise<Opened> {
  if (pem === null && !plainHttp) {
    const hint = 'give --cert and --key, or serve the configuration instead, whose authority signs a certificate';
    throw new UsageError('An output folder has no authority that could sign a certificate.', hint);
  }
  const manifest = await readManifest(folder);
  if (manifest === null) throw verificationError(`\`${folder}\` contains no finished build.`);
  await requireTools(VERIFY_TOOLS.filter(({ command }) => command === 'xorriso'));
  const known = Object.keys(manifest.nodes);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`\`${unknown}\` is not a node of this output folder.`);
  const setting = settingsIn(folder);
  const chosen = known.filter((name) => names?.includes(name) ?? isServable(manifest, name));
  const bare = chosen.find((name) => !isServable(manifest, name));
  if (bare !== undefined || chosen.length === 0) {
    throw verificationError(
      `\`${folder}\` has no image that can be served${bare === undefined ? '' : ` of node \`${bare}\``}.`,
    );
  }
  const nodes = [];
  for (const name of chosen)
    nodes.push({ name, macs: (await setting(name, 'NODE_MACS'))?.split(' ').filter(Boolean) ?? [] });
  const shelf = await openOutput({ folder, manifest, nodes, signal });
  return { cluster: manifest.cluster, shelf, identity: pem, outDir: folder };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'permission is denied',
};

function describeListenError(error: unknown, { address, port }: Listening): unknown {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen') return error;
  const where = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  return environmentError(`Cannot listen at \`${where}\`: ${REASONS[code] ?? code}.`);
}

/**
 * Downloads artifacts into the cache, which stores them by their SHA-256. Files in the cache are complete and correct: a
 * download gets its final name only after its digest was checked. curl downloads, because Node's fetch supports proxies only
 * from version 24 on.
 */
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, isDirectory } from '../system/cache.ts';
import type { StepContext } from '../step-context.ts';
import { sha256, sha256File } from '../system/digest.ts';
import { BuildError, verificationError } from '../system/errors.ts';
import { run } from '../system/run.ts';
import { DOWNLOAD_TOOLS, requireTools } from '../system/toolchain.ts';

interface Download {
  readonly name: string;
  readonly url: string;
}

/** How often curl tries again after a temporary error, with growing pauses: half a minute in total. */
const RETRIES = 4;
const CONTENT = 'content';

/** The path in the cache for the content with this digest, whether or not the file exists. */
export function cachedArtifact(cacheDir: string, digest: string): string {
  return join(cacheDir, 'artifact', digest, CONTENT);
}

/**
 * The path of the artifact in the cache, downloaded if it is missing.
 * @throws BuildError exit 6 when the download fails, exit 7 when the digest is wrong
 */
export async function download({ name, url }: Download, digest: string, step: StepContext): Promise<string> {
  await cached(step, 'artifact', digest, async (folder) => {
    step.report(`${name}: downloading ${url}`);
    const partial = join(folder, CONTENT);
    await fetchTo({ name, url }, partial, step);
    const found = await sha256File(partial);
    if (found !== digest) throw wrongDigest(name, url, digest, found);
    step.report(`${name}: ${String((await stat(partial)).size)} bytes, the digest is right`);
  });
  return cachedArtifact(step.cacheDir, digest);
}

/**
 * Downloads content with an unknown digest into the cache.
 * @returns its SHA-256 and its size in bytes
 * @throws BuildError exit 6 when the download fails
 */
export async function downloadUnknown(of: Download, step: StepContext): Promise<{ sha256: string; size: number }> {
  step.report(`${of.name}: downloading ${of.url}`);
  await mkdir(step.cacheDir, { recursive: true });
  const staging = await mkdtemp(join(step.cacheDir, '.unknown-'));
  try {
    const file = join(staging, CONTENT);
    await fetchTo(of, file, step);
    const digest = await sha256File(file);
    await cached(step, 'artifact', digest, (folder) => rename(file, join(folder, CONTENT)));
    return { sha256: digest, size: (await stat(cachedArtifact(step.cacheDir, digest))).size };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A download whose digest upstream publishes in another file. */
interface Published {
  readonly name: string;
  /** URL of the file with the digest. */
  readonly digestUrl: string;
  /** URL of the download at upstream, under which the cache stores the digest. */
  readonly upstream: string;
}

/**
 * The digest that upstream publishes beside an artifact. A release never changes, so the digest is downloaded only once.
 * @throws BuildError exit 6 when the download fails
 */
export async function publishedDigest({ name, digestUrl, upstream }: Published, step: StepContext): Promise<string> {
  const folder = await cached(step, 'artifact-digest', sha256(upstream), async (staging) => {
    step.report(`${name}: downloading its digest`);
    const file = join(staging, CONTENT);
    await fetchTo({ name: `the digest of ${name}`, url: digestUrl }, file, step);
    const digest = parseDigest(await readFile(file, 'utf8'), name);
    if (digest === null) {
      throw new BuildError(`\`${digestUrl}\` contains no SHA-256 of \`${name}\`.`, {
        exitCode: 6,
        hint: `see what the server sends, with curl`,
      });
    }
    await writeFile(file, digest);
  });
  return parseDigest(await readFile(join(folder, CONTENT), 'utf8'), name) ?? '';
}

/** The digest of {@link publishedDigest} if it is in the cache. */
export async function knownDigest(upstream: string, cacheDir: string): Promise<string | null> {
  const folder = join(cacheDir, 'artifact-digest', sha256(upstream));
  return (await isDirectory(folder)) ? parseDigest(await readFile(join(folder, CONTENT), 'utf8'), upstream) : null;
}

/** Some files contain only the digest; others are written by sha256sum(1): one line for each file, with its name at the end. */
function parseDigest(text: string, name: string): string | null {
  const lines = [...text.matchAll(/^([0-9a-f]{64})(?:[ \t]+\*?(.*))?$/gm)];
  const own = lines.find(([, , file]) => file === name) ?? (lines.length === 1 ? lines[0] : undefined);
  return own?.[1] ?? null;
}

export function wrongDigest(name: string, where: string, expected: string, found: string): BuildError {
  return verificationError(
    `\`${name}\` from \`${where}\` has the wrong content: its SHA-256 is ${found} instead of ${expected}.`,
    'the file was changed, or the expected digest belongs to another version; see docs/ARTIFACTS.md',
  );
}

async function fetchTo({ name, url }: Download, file: string, step: StepContext): Promise<void> {
  await requireTools(DOWNLOAD_TOOLS);
  try {
    await run({
      command: 'curl',
      args: [
        ...['--fail', '--location', '--silent', '--show-error', '--proto', '=http,https', '--retry', String(RETRIES)],
        ...['--connect-timeout', '20', '--speed-limit', '1000', '--speed-time', '60', '--output', file, '--', url],
      ],
      reason: `download ${name}`,
      signal: step.signal,
    });
  } catch (error) {
    if (!(error instanceof BuildError) || error.exitCode !== 5) throw error;
    throw new BuildError(`Could not download \`${url}\`: ${lastLine(error.message)}.`, {
      ...{ exitCode: 6, cause: error },
      hint: 'name a folder with the files by --artifacts, or set kubernetes.mirror; see docs/ARTIFACTS.md',
    });
  }
}

function lastLine(message: string): string {
  return (message.split('\n').at(-1) ?? '').trim().replace(/\.$/, '');
}

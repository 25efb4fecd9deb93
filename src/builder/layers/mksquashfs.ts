/** Turns a tar stream into a squashfs: the same entries give the same bytes, for root and other users. */
import { rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { run } from '../system/run.ts';
import type { Starter } from '../system/starter.ts';

interface SquashOptions {
  readonly output: string;
  /** zstd, 1 to 22. */
  readonly compressionLevel: number;
  /** Seconds since 1970; later times are clamped to it. */
  readonly epoch: number;
  /** By default all processors of the machine. */
  readonly processors?: number;
  /** Completes "… failed to". */
  readonly reason: string;
  readonly signal: AbortSignal | undefined;
  /** Starts mksquashfs, for many small layers; they pass through a file beside the output. */
  readonly starter?: Starter | undefined;
}

/** The tar must contain no names of owners: mksquashfs would look up their ids on this machine and use those. */
export async function squash(tar: Readable | Buffer, options: SquashOptions): Promise<void> {
  const { output, compressionLevel, epoch, processors, reason, signal, starter } = options;
  const args = [
    ...['-', output, '-tar', '-noappend', '-quiet', '-no-progress', '-root-mode', '0755'],
    ...['-comp', 'zstd', '-Xcompression-level', String(compressionLevel), '-b', '128K'],
    ...(processors === undefined ? [] : ['-processors', String(processors)]),
  ];
  const env = { SOURCE_DATE_EPOCH: String(epoch) };
  const program = { ...asRoot('mksquashfs', args), reason, env };
  if (starter === undefined) {
    await run({ ...program, stdin: tar, signal });
    return;
  }
  const input = `${output}.tar`;
  await writeFile(input, tar);
  await starter.run({ ...program, input });
  await rm(input);
}

/**
 * When mksquashfs 4.5 reads a tar, its caller becomes the owner of the root directory; it ignores `-root-uid` and a `./` entry.
 * So other users than root run it in a user namespace as root; mmdebstrap needs user namespaces, too.
 */
function asRoot(command: string, args: readonly string[]): { command: string; args: readonly string[] } {
  if (process.getuid?.() === 0) return { command, args };
  return { command: 'unshare', args: ['--map-root-user', '--', command, ...args] };
}

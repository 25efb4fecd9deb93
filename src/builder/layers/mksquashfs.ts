/** Turns a tar stream into a squashfs: the same entries give the same bytes, whoever runs it. */
import type { Readable } from 'node:stream';
import { run } from '../system/run.ts';

interface SquashOptions {
  readonly output: string;
  /** zstd, 1 to 22. */
  readonly compressionLevel: number;
  /** Seconds since 1970; later times are clamped to it. */
  readonly epoch: number;
  /** All that the machine has, by default. */
  readonly processors?: number;
  /** Completes "… failed to". */
  readonly reason: string;
  readonly signal: AbortSignal | undefined;
}

/** Names of owners must be left out of the tar: mksquashfs would look them up on this machine and believe them. */
export async function squash(tar: Readable, options: SquashOptions): Promise<void> {
  const { output, compressionLevel, epoch, processors, reason, signal } = options;
  const args = [
    ...['-', output, '-tar', '-noappend', '-quiet', '-no-progress', '-root-mode', '0755'],
    ...['-comp', 'zstd', '-Xcompression-level', String(compressionLevel), '-b', '128K'],
    ...(processors === undefined ? [] : ['-processors', String(processors)]),
  ];
  const env = { SOURCE_DATE_EPOCH: String(epoch) };
  await run({ ...asRoot('mksquashfs', args), reason, stdin: tar, env, signal });
}

/**
 * Reading a tar, mksquashfs 4.5 gives the root directory to whoever runs it, heeds no `-root-uid` and takes no `./` entry. So
 * others run it in a user namespace in which they are root; mmdebstrap needs these, too.
 */
function asRoot(command: string, args: readonly string[]): { command: string; args: readonly string[] } {
  if (process.getuid?.() === 0) return { command, args };
  return { command: 'unshare', args: ['--map-root-user', '--', command, ...args] };
}

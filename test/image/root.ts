/**
 * Finds a root file system of the base layer to run the real programs in: the folder `COLDSTART_TEST_ROOT`, the archive
 * `COLDSTART_TEST_ROOT_TAR`, or the newest base layer in the build cache. Unpacked once into the folder for temporary
 * files, under a name that follows from the archive; tests never write into it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { sha256 } from '../../src/builder/digest.ts';

/** Null where there is none, or where these tests cannot run for want of root's rights. */
export function testRoot(): string | null {
  if (process.getuid?.() !== 0) return null;
  const folder = process.env['COLDSTART_TEST_ROOT'];
  if (folder !== undefined) return folder;
  const archive = process.env['COLDSTART_TEST_ROOT_TAR'] ?? newestBaseLayer();
  return archive === null ? null : unpacked(archive);
}

function newestBaseLayer(): string | null {
  const folder = join(defaultCacheDir(process.env), 'base');
  const keys = existsSync(folder) ? readdirSync(folder).filter((key) => !key.startsWith('.')) : [];
  const layers = keys.map((key) => join(folder, key, 'base.squashfs')).filter((path) => existsSync(path));
  const newestFirst = layers.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newestFirst[0] ?? null;
}

function unpacked(archive: string): string {
  const { size, mtimeMs } = statSync(archive);
  const parent = join(tmpdir(), 'coldstart-test-roots');
  const root = join(parent, sha256(`${archive} ${String(size)} ${String(mtimeMs)}`).slice(0, 16));
  if (existsSync(root)) return root;
  mkdirSync(parent, { recursive: true });
  const staging = mkdtempSync(join(parent, '.staging-'));
  const inside = join(staging, 'root');
  const [command, args] = archive.endsWith('.squashfs')
    ? (['unsquashfs', ['-quiet', '-no-progress', '-d', inside, archive]] as const)
    : (['tar', ['--extract', `--file=${archive}`, `--directory=${inside}`]] as const);
  if (command === 'tar') mkdirSync(inside);
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} could not unpack ${archive}: ${stderr}`);
  renameSync(inside, root);
  rmSync(staging, { recursive: true });
  return root;
}

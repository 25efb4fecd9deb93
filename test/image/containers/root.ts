/**
 * Finds a root file system of the base layer in which tests run the real programs: the folder `COLDSTART_TEST_ROOT`,
 * the archive `COLDSTART_TEST_ROOT_TAR`, or the base layer of the quick-start example, if it is in the build cache. It
 * is unpacked once into the folder for temporary files, under a name derived from the archive; tests never write into
 * it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseKey, type BaseLayer, type BaseRecipe } from '../../../src/builder/layers/base-layer.ts';
import { defaultCacheDir } from '../../../src/builder/system/cache.ts';
import { DEFAULT_EPOCH } from '../../../src/builder/step-context.ts';
import { sha256 } from '../../../src/builder/system/digest.ts';
import { baseRecipe } from '../../../src/builder/steps/node-build.ts';
import type { Cluster } from '../../../src/config/cluster.ts';
import { packageSet } from '../../../src/render/plan/packages.ts';
import { example } from '../../render/examples.ts';

/** Null where there is none, or where these tests cannot run for want of root's rights. */
export async function testRoot(): Promise<string | null> {
  if (process.getuid?.() !== 0) return null;
  const folder = process.env['COLDSTART_TEST_ROOT'];
  if (folder !== undefined) return folder;
  const archive = process.env['COLDSTART_TEST_ROOT_TAR'] ?? (await quickStartBaseLayer());
  return archive === null ? null : unpacked(archive);
}

/** The base layer of a cluster's first node. */
export function baseOf(cluster: Cluster): BaseRecipe {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('the cluster has no nodes');
  return baseRecipe(cluster, packageSet(cluster, node), DEFAULT_EPOCH);
}

/** A base layer's root, unpacked. */
export function unpackedBase({ squashfs }: BaseLayer): string {
  return unpacked(squashfs);
}

async function quickStartBaseLayer(): Promise<string | null> {
  const key = await baseKey(baseOf(await example('quick-start')));
  const path = join(defaultCacheDir(process.env), 'base', key, 'base.squashfs');
  return existsSync(path) ? path : null;
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

import { spawnSync } from 'node:child_process';
import { buildBaseLayer } from '../../../src/builder/layers/base-layer.ts';
import { defaultCacheDir } from '../../../src/builder/system/cache.ts';
import { cephDefinition } from './ceph-definition.ts';
import { loadDefinition } from '../containers/rack.ts';
import { baseOf, unpackedBase } from '../containers/root.ts';

const STEP = { cacheDir: defaultCacheDir(process.env), signal: undefined, report: () => undefined };

/**
 * A root file system with Ceph's daemons: the folder `COLDSTART_TEST_CEPH_ROOT`, or the base layer of such nodes, which is made
 * where the cache does not have it. Null where that cannot be.
 */
export async function cephRoot(): Promise<string | null> {
  if (spawnSync('systemd-nspawn', ['--version']).status !== 0 || process.getuid?.() !== 0) return null;
  const folder = process.env['COLDSTART_TEST_CEPH_ROOT'];
  if (folder !== undefined) return folder;
  if (spawnSync('mmdebstrap', ['--version']).status !== 0) return null;
  const { cluster } = await loadDefinition(cephDefinition({ dashboard: true }));
  return unpackedBase(await buildBaseLayer(baseOf(cluster), STEP));
}

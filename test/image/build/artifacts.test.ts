/**
 * A build whose images contain the real programs of Kubernetes (COLDSTART_ARTIFACTS); the images are opened and
 * compared.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isoExtents } from '../../../src/builder/images/iso-extents.ts';
import { sha256File } from '../../../src/builder/system/digest.ts';
import { extractSquashfs, listSquashfs } from '../../../src/builder/layers/squashfs.ts';
import { verifyOutput } from '../../../src/builder/output/verify.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { ARTIFACTS, needsArtifacts, versionOf } from './artifact-folder.ts';
import { copyExample, requestBuild, runSilently } from './definition.ts';

const LAYER = '/live/artifacts.squashfs';

/** All files but the archives in `images/`, which that folder may hold or not. */
async function programsIn(iso: string): Promise<string[]> {
  const [extent] = await isoExtents(iso, [LAYER], undefined);
  if (!extent) return [];
  const entries = await listSquashfs(iso, extent, undefined);
  return [...entries].flatMap(([path, { type, mode }]) =>
    type === 'file' && !path.startsWith('usr/share/coldstart/images/') ? [`${mode.toString(8)} ${path}`] : [],
  );
}

describe.skipIf(ARTIFACTS === '')(`a build with embedded Kubernetes${needsArtifacts}`, () => {
  it('gives masters six programs, workers three, and each image what its manifest says', async () => {
    const folder = await temporaryFolder();
    const definition = await copyExample('quick-start', join(folder, 'definition'), [
      [['cluster', 'kubernetes'], { version: await versionOf(ARTIFACTS), delivery: 'embedded' }],
    ]);
    const outDir = join(folder, 'out');
    const artifacts = { configDir: definition, folder: ARTIFACTS, locked: false };
    const only = ['master-01', 'worker-01'];
    await runSilently(await requestBuild(definition, { outDir, artifacts, only, jobs: 1 }));

    const [master, worker] = only.map((name) => join(outDir, `${name}.iso`));
    const names = (...list: string[]): string[] => list.map((name) => `755 usr/local/bin/${name}`);
    const [alone, common] = [
      ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
      ['kube-proxy', 'kubectl', 'kubelet'],
    ];
    expect(await programsIn(master ?? '')).toEqual(names(...alone, ...common).sort());
    expect(await programsIn(worker ?? '')).toEqual(names(...common));

    const [extent] = await isoExtents(worker ?? '', [LAYER], undefined);
    if (!extent) throw new Error('the worker has no artifact layer');
    await extractSquashfs(worker ?? '', extent, join(folder, 'layer'), undefined);
    const kubelet = join(folder, 'layer/usr/local/bin/kubelet');
    expect(await sha256File(kubelet)).toBe(await sha256File(join(ARTIFACTS, 'kubelet')));
    expect(await versionOf(join(folder, 'layer/usr/local/bin'))).toBe(await versionOf(ARTIFACTS));

    const verify = () => verifyOutput(outDir, { cacheDir: '', signal: undefined, report: () => undefined });
    expect(await verify()).toEqual([]);
    const file = join(outDir, 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as { artifactLayers: Record<string, string> };
    const forged = createHash('sha256').digest('hex');
    const artifactLayers = Object.fromEntries(Object.keys(manifest.artifactLayers).map((key) => [key, forged]));
    await writeFile(file, JSON.stringify({ ...manifest, artifactLayers }));
    expect((await verify()).map(({ file: where, message }) => `${where}: ${message}`)).toEqual([
      'master-01.iso: contains another artifact layer than the manifest says',
      'worker-01.iso: contains another artifact layer than the manifest says',
    ]);
  });
});

/** `lock`: writes `coldstart.lock.yaml` beside `cluster.yaml`, with the digests of all downloads. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_EPOCH, type StepContext } from '../builder/step-context.ts';
import { buildBaseLayer } from '../builder/layers/base-layer.ts';
import { baseRecipe } from '../builder/steps/node-build.ts';
import { download, downloadUnknown, publishedDigest } from '../builder/artifacts/download.ts';
import { readLocal, readProgram } from '../builder/artifacts/local-folder.ts';
import { archives, type ArtifactSources } from '../builder/artifacts/artifacts.ts';
import { BuildError } from '../builder/system/errors.ts';
import { baseRequest, describeBase, formatLock } from '../builder/artifacts/lock-file.ts';
import { readWithin } from '../config/files/definition-folder.ts';
import { allPrograms, type Program } from '../config/artifacts.ts';
import { remoteManifests, type RemoteManifest } from '../config/content/kubernetes-manifests.ts';
import { LOCK_FILE, type Lock, type LockedArtifact, type LockedBase } from '../config/files/lock-file.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { openProject, type Project } from './project.ts';

interface LockRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** Absolute; a folder with files that Debian does not package. */
  readonly artifacts: string | null;
}

interface Locked {
  /** Absolute. */
  readonly file: string;
  /** Whether the file was written. */
  readonly changed: boolean;
  /** Number of pinned artifacts and base layers. */
  readonly artifacts: number;
  readonly bases: number;
}

/** Downloads artifacts with unknown digests, and builds the base layers that are not in the cache. @throws BuildError */
export async function lock(request: LockRequest, host: Host): Promise<Result<Locked>> {
  const findings = new Findings(host);
  const project = await openProject(request, findings);
  if (project === undefined) return findings.stopped();
  const sources = { configDir: project.folder, folder: request.artifacts, locked: false };
  const made = await gather(project, sources, host);
  const file = join(project.folder, LOCK_FILE);
  const text = formatLock(made);
  const standing = await readWithin(project.folder, LOCK_FILE, Buffer.byteLength(text));
  const changed = text !== standing.value?.content.toString('utf8');
  if (changed) await writeWhole(file, text);
  return findings.done({ file, changed, artifacts: made.artifacts.length, bases: made.bases.length });
}

async function gather(project: Project, sources: ArtifactSources, host: Host): Promise<Lock> {
  const { cacheDir, signal } = host;
  const place = { cacheDir, signal };
  const made: { artifacts: LockedArtifact[]; bases: LockedBase[] } = { artifacts: [], bases: [] };
  return host.runTasks<typeof made>(
    [
      {
        title: 'Find the digests of the artifacts',
        task: async (context, task) => {
          const step = { ...place, report: (line: string) => void (task.output = line) };
          context.artifacts.push(...(await lockArtifacts(project, sources, step)));
        },
      },
      {
        title: 'Find the packages of the base layers',
        task: async (context, task) => {
          const step = { ...place, report: (line: string) => void (task.output = line) };
          context.bases.push(...(await lockBases(project, step)));
        },
      },
    ],
    made,
  );
}

async function lockArtifacts(
  { cluster }: Project,
  sources: ArtifactSources,
  step: StepContext,
): Promise<LockedArtifact[]> {
  const locked: LockedArtifact[] = [];
  for (const program of allPrograms(cluster)) {
    const { sha256, size } = await findContent(program, sources.folder, step);
    locked.push({ name: program.name, url: program.upstream, sha256, size });
  }
  for (const manifest of remoteManifests(cluster)) {
    const { name, url } = manifest;
    const { sha256, size } = await findManifest(manifest, sources.folder, step);
    locked.push({ name, url, sha256, size });
  }
  for (const { name, path } of await archives(cluster, sources)) {
    const local = await readLocal(path);
    if (local === null) throw new BuildError(`\`${path}\` is not a file.`, { exitCode: 6 });
    locked.push({ name, url: null, sha256: local.sha256, size: local.size });
  }
  return locked;
}

/** Downloads the program even if its digest is published, so that the lock pins only existing content. The build uses the cache. */
async function findContent(program: Program, folder: string | null, step: StepContext) {
  const local = folder === null ? null : await readProgram(folder, { ...program, sha256: null });
  if (local !== null) return local;
  const sha256 = program.sha256 ?? (await publishedDigest(program, step));
  const path = await download(program, sha256, step);
  return { sha256, size: (await stat(path)).size };
}

/** Manifests have no published digests: the lock pins the found content, and people review it with the lock. */
async function findManifest(manifest: RemoteManifest, folder: string | null, step: StepContext) {
  const local = folder === null ? null : await readLocal(join(folder, manifest.name));
  if (local !== null) return local;
  if (manifest.sha256 === null) return downloadUnknown(manifest, step);
  const path = await download(manifest, manifest.sha256, step);
  return { sha256: manifest.sha256, size: (await stat(path)).size };
}

async function lockBases({ cluster, plan }: Project, step: StepContext): Promise<LockedBase[]> {
  const recipes = plan.nodes.map((image) => baseRecipe(cluster, image.packages, DEFAULT_EPOCH));
  const distinct = new Map(recipes.map((recipe) => [baseRequest(recipe), recipe]));
  const locked: LockedBase[] = [];
  for (const recipe of distinct.values()) {
    const { folder } = await buildBaseLayer(recipe, step);
    locked.push(await describeBase(recipe, folder));
  }
  return locked;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await rm(partial, { force: true });
    await writeFile(partial, text, { flag: 'wx' });
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

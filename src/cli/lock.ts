/** `coldstart lock`: writes `coldstart.lock.yaml` beside `cluster.yaml`, with the digests of what is downloaded. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDir } from '../builder/cache.ts';
import { DEFAULT_EPOCH, type Step } from '../builder/context.ts';
import { buildBaseLayer } from '../builder/base-layer.ts';
import { baseRecipe } from '../builder/job.ts';
import { download, downloadUnknown, publishedDigest } from '../builder/artifacts-download.ts';
import { readLocal } from '../builder/artifacts-folder.ts';
import { archives, type ArtifactSources } from '../builder/artifacts.ts';
import { BuildError } from '../builder/errors.ts';
import { baseRequest, describeBase, formatLock } from '../builder/lock-file.ts';
import { readWithin } from '../config/definition-folder.ts';
import { allPrograms, type Program } from '../config/artifacts.ts';
import { remoteManifests, type RemoteManifest } from '../config/manifests.ts';
import { LOCK_FILE, type Lock, type LockedArtifact, type LockedBase } from '../config/lock.ts';
import { artifactFolder } from './artifact-folder.ts';
import { count } from './comparison-text.ts';
import { openProject, type Project } from './project.ts';
import { runTasks } from './run-tasks.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

export interface LockOptions {
  readonly artifacts?: string;
}

/** Returns 0, or the exit code that the configuration's faults ask for. */
export async function lock(
  config: string | undefined,
  options: CommonOptions & LockOptions,
  session: Session,
): Promise<number> {
  const project = await openProject({ config }, options, session);
  if (typeof project === 'number') return project;
  const sources = { configDir: project.folder, folder: artifactFolder(options.artifacts, session), locked: false };
  const made = await gather(project, sources, options, session);
  const file = join(project.folder, LOCK_FILE);
  const text = formatLock(made);
  const standing = await readWithin(project.folder, LOCK_FILE, Buffer.byteLength(text));
  const changed = text !== standing.value?.content.toString('utf8');
  if (changed) await writeWhole(file, text);
  const numbers = { artifacts: made.artifacts.length, bases: made.bases.length };
  if (options.json) writeJson(session, { type: 'lock', file, changed, ...numbers });
  else {
    const pinned = `${count(numbers.artifacts, 'artifact')} and ${count(numbers.bases, 'base layer')}`;
    session.stdout.write(`${file}: ${changed ? 'pins' : 'unchanged, pins'} ${pinned}\n`);
  }
  return 0;
}

async function gather(
  project: Project,
  sources: ArtifactSources,
  options: CommonOptions,
  session: Session,
): Promise<Lock> {
  const place = { cacheDir: defaultCacheDir(session.env), signal: session.signal };
  const made: { artifacts: LockedArtifact[]; bases: LockedBase[] } = { artifacts: [], bases: [] };
  await runTasks<typeof made>(
    [
      {
        title: 'Find the digests of what Debian lacks',
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
    { session, log: options.log },
  );
  return made;
}

async function lockArtifacts({ cluster }: Project, sources: ArtifactSources, step: Step): Promise<LockedArtifact[]> {
  const locked: LockedArtifact[] = [];
  for (const program of allPrograms(cluster)) {
    const { sha256, size } = await findContent(program, cluster.kubernetes.version, sources.folder, step);
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

/** A digest is pinned only of content that was seen: a download lies in the cache for the build afterwards. */
async function findContent(program: Program, version: string, folder: string | null, step: Step) {
  const local = folder === null ? null : await readLocal(join(folder, program.name), `v${version}`);
  if (local !== null) return local;
  const sha256 = program.sha256 ?? (await publishedDigest(program, program.upstream, step));
  const path = await download(program, sha256, step);
  return { sha256, size: (await stat(path)).size };
}

/** Nobody publishes digests of these: what is found is what is pinned, for people to review with the lock. */
async function findManifest(manifest: RemoteManifest, folder: string | null, step: Step) {
  const local = folder === null ? null : await readLocal(join(folder, manifest.name));
  if (local !== null) return local;
  if (manifest.sha256 === null) return downloadUnknown(manifest, step);
  const path = await download(manifest, manifest.sha256, step);
  return { sha256: manifest.sha256, size: (await stat(path)).size };
}

async function lockBases({ cluster, plan }: Project, step: Step): Promise<LockedBase[]> {
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

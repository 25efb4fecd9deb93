/**
 * Decides which artifacts an image carries and where each comes from: the folder of `--artifacts`, the configuration's own
 * files, or a download. Every artifact has a digest; if the lock names it, the digest is that of the lock.
 */
import { basename, join } from 'node:path';
import { lockedArtifact, programsOf, runtimeOf, type Program } from '../../config/artifacts.ts';
import type { Cluster, Node } from '../../config/cluster.ts';
import { wrongDigest } from './download.ts';
import { archivesIn, readLocal, readProgram } from './local-folder.ts';
import type { LayerFile } from './layer-file.ts';
import { findManifests } from './kubernetes-manifests.ts';
import { BuildError } from '../system/errors.ts';
import { isMaster, isMember } from '../../config/roles.ts';

export interface ArtifactSources {
  /** The folder of `cluster.yaml`. */
  readonly configDir: string;
  /** The folder of `--artifacts`. */
  readonly folder: string | null;
  /** Whether the base layers must match the lock, too. */
  readonly locked: boolean;
}

/** Finds the digest of a program that is neither in the lock nor in a local file; null when it is not known yet. */
type LookUp = (program: Program) => Promise<string | null>;

const IMAGES = 'usr/share/coldstart/images';
/** Prefix in the lock for the archives in `images/` of an artifact folder. */
const ADDON_IMAGES = 'addon-images/';

/**
 * The files of each node's artifact layer, by the node's name; null when a digest is not known yet.
 * @throws BuildError exit 7 when a file does not match the lock, exit 4 when the lock names a missing file
 */
export async function findArtifacts(
  cluster: Cluster,
  sources: ArtifactSources,
  lookUp: LookUp,
): Promise<ReadonlyMap<string, readonly LayerFile[]> | null> {
  const programs = new Map<string, readonly LayerFile[]>();
  for (const program of cluster.nodes.flatMap((node) => carriedPrograms(cluster, node))) {
    if (programs.has(program.name)) continue;
    const found = await findProgram(program, sources, lookUp);
    if (found === null) return null;
    programs.set(program.name, found);
  }
  const images = await findImages(cluster, sources);
  const manifests = await findManifests(cluster, sources.folder);
  if (manifests.missing.length > 0) return null;
  const entries = cluster.nodes.map((node) => {
    const own = carriedPrograms(cluster, node).flatMap(({ name }) => programs.get(name) ?? []);
    const applied = isMaster(node) ? manifests.files : [];
    return [node.name, isMember(node) ? [...own, ...images, ...applied] : []] as const;
  });
  return new Map(entries);
}

/** The programs that the image of a node carries: the container runtime, and those of Kubernetes unless the node downloads them. */
function carriedPrograms(cluster: Cluster, node: Node): readonly Program[] {
  const own = cluster.kubernetes.delivery === 'embedded' ? programsOf(cluster, node) : [];
  return [...own, ...runtimeOf(cluster, node)];
}

async function findProgram(
  program: Program,
  { folder }: ArtifactSources,
  lookUp: LookUp,
): Promise<readonly LayerFile[] | null> {
  const { name, url, installs, sha256: pinned } = program;
  const local = folder === null ? null : await readProgram(folder, program);
  if (local !== null && pinned !== null && pinned !== local.sha256)
    throw wrongDigest(name, local.path, pinned, local.sha256);
  const sha256 = local?.sha256 ?? pinned ?? (await lookUp(program));
  if (sha256 === null) return null;
  const source = local === null ? { url } : { file: local.path };
  return installs.map(({ path, member }) => ({
    ...{ name, path, mode: 0o755, sha256, source },
    ...(member === null ? {} : { member }),
  }));
}

interface NamedArchive {
  /** Its name in the lock. */
  readonly name: string;
  readonly path: string;
}

/** The OCI archives that go into images: the configuration's own, and those of an artifact folder. */
export async function archives(cluster: Cluster, { configDir, folder }: ArtifactSources): Promise<NamedArchive[]> {
  const own = cluster.kubernetes.images.map((name) => ({ name, path: join(configDir, name) }));
  if (folder === null || cluster.kubernetes.delivery !== 'embedded') return own;
  const names = await archivesIn(folder);
  return [...own, ...names.map((name) => ({ name: `${ADDON_IMAGES}${name}`, path: join(folder, 'images', name) }))];
}

async function findImages(cluster: Cluster, sources: ArtifactSources): Promise<LayerFile[]> {
  const found = await archives(cluster, sources);
  requireLockedImages(cluster, found);
  const files: LayerFile[] = [];
  for (const { name, path } of found) {
    const local = await readLocal(path);
    if (local === null) throw new BuildError(`\`${path}\` is not a file.`, { exitCode: 6 });
    const pinned = lockedArtifact(cluster, name, null)?.sha256;
    if (pinned !== undefined && pinned !== local.sha256) throw wrongDigest(name, path, pinned, local.sha256);
    // The digest separates archives of the same name, and tells the node which archives it has imported.
    const as = `${local.sha256.slice(0, 12)}-${basename(path)}`;
    files.push({ name, path: `${IMAGES}/${as}`, mode: 0o644, sha256: local.sha256, source: { file: path } });
  }
  return files;
}

/** Without this check, a node would lack an image that the lock names, and nothing would report it. */
function requireLockedImages({ lock, kubernetes }: Cluster, found: readonly NamedArchive[]): void {
  if (kubernetes.delivery !== 'embedded') return;
  const names = (lock?.artifacts ?? []).map(({ name }) => name).filter((name) => name.startsWith(ADDON_IMAGES));
  const missing = names.filter((name) => !found.some((archive) => archive.name === name));
  if (missing.length === 0) return;
  throw new BuildError(`Could not find ${missing.map((name) => `\`${name}\``).join(', ')}, named in the lock.`, {
    exitCode: 4,
    hint: 'pass the folder that contains `images/` with --artifacts, or run `coldstart lock` with your folder',
  });
}

/** Reports downloads that the lock does not pin, before a build: as a warning, or with `--locked` as an error. */
import { allPrograms, lockedArtifact, programsOf } from '../../config/artifacts.ts';
import { archives, type ArtifactSources } from '../../builder/artifacts/artifacts.ts';
import { findManifests } from '../../builder/artifacts/kubernetes-manifests.ts';
import { baseRequest } from '../../builder/artifacts/lock-file.ts';
import { remoteManifests, type RemoteManifest } from '../../config/content/kubernetes-manifests.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import type { Project } from '../project.ts';

/** One diagnostic for all downloads that are not pinned, and the diagnostics of `unprotected`. */
export async function unpinned(project: Project, sources: ArtifactSources): Promise<readonly Diagnostic[]> {
  const { cluster, settings } = project;
  const at = settings.locate('cluster.kubernetes.version');
  const programs = allPrograms(cluster).filter(({ sha256 }) => sha256 === null);
  const images = (await archives(cluster, sources)).filter(({ name }) => !lockedArtifact(cluster, name, null));
  const bases = unlockedBases(project);
  const manifests = remoteManifests(cluster).filter(({ sha256 }) => sha256 === null);
  const names = [
    ...[...programs, ...manifests, ...images].map(({ name }) => `\`${name}\``),
    ...(bases > 0 ? [`the packages of ${quantity(bases, 'base layer')}`] : []),
  ].join(', ');
  if (names === '') return [];
  if (sources.locked) return [diagnostic('lock/not-locked', { names }, { at })];
  const refused = await unprotected(project, sources.folder);
  if (refused.some(({ code }) => code === 'lock/manifest-not-pinned')) return refused;
  return [diagnostic('lock/unpinned', { names, trust: trustIn(sources, programs.length > 0) }, { at }), ...refused];
}

/**
 * Reports downloads that an attacker could replace: manifests without a digest, programs over plain http.
 * @param folder of `--artifacts`
 * @param implied manifests that the definition does not name itself: a warning only, because `coldstart lock` usually comes next
 */
export async function unprotected(
  project: Project,
  folder: string | null,
  implied: readonly RemoteManifest[] = [],
): Promise<Diagnostic[]> {
  const { cluster, settings } = project;
  const { missing } = await findManifests(cluster, folder);
  const isImplied = ({ url }: RemoteManifest): boolean => implied.some((other) => other.url === url);
  const asked = missing.filter((manifest) => !isImplied(manifest));
  const later = missing.filter(isImplied);
  const bySetting = new Map(asked.map((manifest) => [manifest.settings.join(), manifest.settings]));
  const manifests = [...bySetting].map(([key, [first = '', ...others]]) => {
    const urls = asked.filter((manifest) => manifest.settings.join() === key).map(({ url }) => `\`${url}\``);
    const written = [first, ...others].find((setting) => settings.isWritten(setting)) ?? first;
    return diagnostic('lock/manifest-not-pinned', { urls: urls.join(', ') }, { at: settings.locate(written) });
  });
  const downloaded = cluster.nodes.flatMap((node) => programsOf(cluster, node));
  const isPinned = downloaded.every(({ sha256 }) => sha256 !== null);
  const http = isPinned ? null : plainHttp(project);
  const soon =
    later.length === 0
      ? []
      : [diagnostic('lock/needed-for-drivers', { count: later.length }, { at: settings.locate('cluster.ceph') })];
  return [...manifests, ...soon, ...(http ? [http] : [])];
}

function unlockedBases({ cluster, plan }: Project): number {
  const { suite } = cluster.image;
  const requests = new Set(plan.nodes.map(({ packages }) => baseRequest({ suite, packages: packages.names })));
  return [...requests].filter((request) => !cluster.lock?.bases.some((base) => base.request === request)).length;
}

function trustIn({ folder }: ArtifactSources, programs: boolean): string {
  if (!programs) return 'their content is not checked';
  if (folder !== null) return `the files in \`${folder}\` are not checked`;
  return 'the digests that the server publishes beside the programs are trusted';
}

/** Over plain http, an attacker on the network can change both the program and the digest that the server publishes. */
function plainHttp({ cluster, settings }: Project): Diagnostic | null {
  const { delivery, mirror } = cluster.kubernetes;
  if (delivery !== 'first-boot' || mirror?.startsWith('http:') !== true) return null;
  return diagnostic('lock/needed-for-plain-http', { mirror }, { at: settings.locate('cluster.kubernetes.mirror') });
}

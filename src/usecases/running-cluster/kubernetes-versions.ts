/**
 * Compares the version of Kubernetes with those of the last build: API servers are updated one minor version at a time, and kubelets
 * after them. https://kubernetes.io/releases/version-skew-policy/
 */
import { readManifest } from '../../builder/output/output-manifest.ts';
import { minorOf, minorsBetween } from '../../config/kubernetes/releases.ts';
import { isMaster, isMember } from '../../config/roles.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Project } from '../project.ts';

/** The version of each member of Kubernetes in the last build, by name. */
type Versions = ReadonlyMap<string, string>;

/** Reads the manifest of an output folder; empty if it is of another cluster. */
export async function builtVersions(outDir: string, cluster: string): Promise<Versions> {
  const manifest = await readManifest(outDir);
  if (manifest?.cluster !== cluster) return new Map();
  return new Map(
    Object.entries(manifest.nodes).flatMap(([name, { kubernetes }]) => (kubernetes ? [[name, kubernetes]] : [])),
  );
}

/** @param chosen the names of the nodes to build; all by default */
export function skewedVersions(
  { cluster, settings }: Pick<Project, 'cluster' | 'settings'>,
  chosen: readonly string[] | undefined,
  built: Versions,
): Diagnostic[] {
  const { version: to } = cluster.kubernetes;
  const at = settings.locate('cluster.kubernetes.version');
  const isChosen = (name: string): boolean => chosen?.includes(name) ?? true;
  const members = cluster.nodes.filter(isMember).map((node) => ({
    ...{ name: node.name, isMaster: isMaster(node), from: built.get(node.name) },
    after: isChosen(node.name) ? to : (built.get(node.name) ?? to),
  }));
  const masters = members.filter((member) => member.isMaster && isChosen(member.name));
  const steps = masters.map(({ name: node, from = to }) => ({ node, from, by: minorsBetween(from, to) }));
  const skipped = steps.find(({ by }) => by > 1);
  const lowered = steps.find(({ by }) => by < 0);
  const found: Diagnostic[] = [];
  if (skipped) {
    const { node, from } = skipped;
    found.push(diagnostic('kubernetes/minor-skipped', { node, from, to, next: nextMinor(from) }, { at }));
  }
  if (lowered) {
    const { node, from } = lowered;
    found.push(diagnostic('kubernetes/minor-lowered', { node, from, to }, { at }));
  }
  return [...found, ...skewAfter(members).map((values) => diagnostic('kubernetes/version-skew', values, { at }))];
}

interface Member {
  readonly name: string;
  readonly isMaster: boolean;
  /** The version after the build. */
  readonly after: string;
}

/** At most one fault: the nodes of a build have one version, so what is wrong with one of them is wrong with all. */
function skewAfter(members: readonly Member[]) {
  const masters = members.filter((member) => member.isMaster).toSorted((a, b) => minorsBetween(b.after, a.after));
  const [oldest] = masters;
  if (oldest === undefined) return [];
  const newer = members.find((member) => !member.isMaster && minorsBetween(oldest.after, member.after) > 0);
  const apart = masters.find(({ after }) => minorsBetween(oldest.after, after) > 1);
  const [worst, reason] =
    newer === undefined
      ? [apart, 'API servers of a cluster may differ by one minor version']
      : [newer, 'a kubelet must not be newer than an API server'];
  if (worst === undefined) return [];
  return [{ node: worst.name, version: worst.after, master: oldest.name, has: oldest.after, reason }];
}

/** The minor version above a version: `1.36` for `1.35.4`. */
function nextMinor(version: string): string {
  const [major = '', minor = ''] = minorOf(version).split('.');
  return `${major}.${String(Number(minor) + 1)}`;
}

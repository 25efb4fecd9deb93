/**
 * Drop-ins of containerd, which Talos reads from `/etc/cri/conf.d`: they become `cluster.kubernetes.containerd.config`, in the notation
 * of the cluster's containerd (the page of containerd about its CRI plugin has both).
 */
import { majorOf, normaliseContainerd } from '../../../config/kubernetes/containerd.ts';
import { isFields } from '../../../config/kubernetes/documents.ts';
import { containerdClaims } from '../../../config/kubernetes/kept/containerd.ts';
import { DEFAULT_KUBERNETES } from '../../../config/kubernetes/releases.ts';
import type { Cluster } from '../../../config/cluster.ts';
import type { Field } from '../../input/field.ts';
import { readTomlTree } from '../../input/toml-tree.ts';
import { NotReadable, plain } from '../../input/tree.ts';
import { loseKept, withoutKept } from '../../kubernetes/arguments.ts';
import { share } from '../../model.ts';
import { Leaf, outOf } from '../../write/out.ts';
import type { Target } from './target.ts';

type Path = readonly string[];

const SETTING = '`cluster.kubernetes.containerd.config`';
const CRI = 'io.containerd.grpc.v1.cri';
const [IMAGES, RUNTIME] = ['io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime'];
/** Fields of the images that stand below `containerd` in containerd 1, and those that stand beside it. */
const BELOW = ['snapshotter', 'disable_snapshot_annotations', 'discard_unpacked_layers'];
const BESIDE = ['max_concurrent_downloads', 'image_pull_progress_timeout', 'stats_collect_period'];

export function putContainerd(item: Field, text: string, { draft, nodes }: Target): void {
  const document = tomlOf(item, text);
  if (!document) return;
  const major = majorOfDraft(draft);
  const claims = containerdClaims({ kubernetes: { containerd: { version: `${String(major)}.0.0` } } } as Cluster);
  const own: Record<string, unknown> = {};
  for (const [path, value] of valuesOf(document)) {
    if (path.at(-1) === 'discard_unpacked_layers' && value === false) continue;
    const there = translated(path, major);
    if (there) putInto(own, there, value);
    else item.lose(`containerd ${String(major)} has no field like \`${path.join('.')}\``, `look for one, and write it into ${SETTING}`);
  }
  const kept = withoutKept(own, claims, (_, claim) => loseKept(item, claim));
  const values = valuesOf(kept);
  for (const [path, value] of values) {
    const out = outOf(value, item);
    if (out) share(nodes, 'containerd.config', JSON.stringify(path), out);
  }
  if (values.length > 0) item.ledger.settle(item.tree);
  else item.skip("containerd's own default, which coldstart keeps, is the same");
} // prettier-ignore

function tomlOf(item: Field, text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found = plain(readTomlTree({ name: item.at.file, text }));
    if (isFields(found)) return found;
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
  }
  return void item.lose('its text is not TOML', `write its fields into ${SETTING}`);
}

/** The values of a document, each with its path. */
function valuesOf(document: Readonly<Record<string, unknown>>, above: Path = []): readonly (readonly [Path, unknown])[] {
  return Object.entries(document).flatMap(([key, value]) => {
    const path = [...above, key];
    return isFields(value) ? valuesOf(value, path) : [[path, value] as const];
  });
} // prettier-ignore

function putInto(document: Record<string, unknown>, [key = '', ...rest]: Path, value: unknown): void {
  if (rest.length === 0) document[key] = value;
  else {
    document[key] ??= {};
    putInto(document[key] as Record<string, unknown>, rest, value);
  }
}

/** The same field in a major version of containerd; undefined if there is none. */
function translated(path: Path, major: number): Path | undefined {
  const [first, plugin = '', ...rest] = path;
  const [name = ''] = rest;
  if (first === 'version' || first !== 'plugins') return path;
  if (major === 1 && plugin === RUNTIME) return ['plugins', CRI, ...rest];
  if (major === 1 && plugin === IMAGES) {
    if (BELOW.includes(name)) return ['plugins', CRI, 'containerd', ...rest];
    return BESIDE.includes(name) ? ['plugins', CRI, ...rest] : undefined;
  }
  if (major > 1 && plugin === CRI) {
    if (name === 'containerd' && BELOW.includes(rest[1] ?? '')) return ['plugins', IMAGES ?? '', ...rest.slice(1)];
    return ['plugins', (BESIDE.includes(name) ? IMAGES : RUNTIME) ?? '', ...rest];
  }
  return path;
}

function majorOfDraft({ cluster }: Target['draft']): number {
  const version = cluster.at(['kubernetes', 'version']);
  const kubernetes = { version: version instanceof Leaf ? String(version.value) : DEFAULT_KUBERNETES, containerd: {} };
  return majorOf(normaliseContainerd({ kubernetes, image: { suite: 'trixie' } } as Parameters<typeof normaliseContainerd>[0])); // prettier-ignore
}

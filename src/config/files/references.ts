/** The files to which settings refer, with their purpose. */
import { posix } from 'node:path';
import type { Path } from '../../diagnostics/path.ts';
import { isMember } from '../roles.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import type { WrittenNode } from '../schema/node.ts';
import type { WrittenRegistry } from '../schema/registry.ts';

export interface Reference {
  /** The setting that names the file. */
  readonly setting: Path;
  /** As written: relative to the folder of `cluster.yaml`. */
  readonly file: string;
  /** Only the beginning of an archive is read here, because it may be large. */
  readonly use: 'text' | 'certificate' | 'archive';
}

interface Extras {
  readonly files?: readonly { readonly source?: string | undefined }[] | undefined;
  readonly units?: readonly { readonly source?: string | undefined }[] | undefined;
  readonly hooks?: readonly { readonly source?: string | undefined }[] | undefined;
}

/** All references of a definition. */
export function findReferences(cluster: WrittenCluster, nodes: readonly WrittenNode[]): readonly Reference[] {
  return [
    ...inExtras(cluster, ['cluster']),
    ...nodes.flatMap((node) => inExtras(node, ['nodes', node.name])),
    ...inLists(cluster),
    ...certificates(cluster, nodes),
    ...credentials(cluster, nodes),
  ];
}

function credentials(cluster: WrittenCluster, nodes: readonly WrittenNode[]): readonly Reference[] {
  const { bootstrap, control_plane: controlPlane } = cluster;
  const files = new Set(credentialFiles(bootstrap.external, nodes).map(({ file }) => file));
  const setting = ['cluster', 'bootstrap', 'external', 'credentials_file'];
  const { store } = controlPlane.etcd_snapshots;
  const ofStore =
    store === undefined ? [] : [{ setting: [...STORE, 'credentials_file'], file: store.credentials_file }];
  return [...[...files].map((file) => ({ setting, file })), ...ofStore].map((each) => ({ ...each, use: 'text' }));
}

const STORE: Path = ['cluster', 'control_plane', 'etcd_snapshots', 'store'];

/** The file with a node's credentials for the external store; only members of Kubernetes use it. */
export function credentialFiles(
  external: WrittenCluster['bootstrap']['external'],
  nodes: readonly WrittenNode[],
): readonly { readonly node: string; readonly file: string }[] {
  const file = external?.credentials_file;
  if (file === undefined) return [];
  return nodes.filter(isMember).map(({ name }) => ({ node: name, file: file.replaceAll('{node}', name) }));
}

function inExtras(extras: Extras, path: Path): readonly Reference[] {
  return (['files', 'units', 'hooks'] as const).flatMap((key) =>
    (extras[key] ?? []).flatMap(({ source }, index) =>
      source === undefined ? [] : [{ setting: [...path, key, index, 'source'], file: source, use: 'text' as const }],
    ),
  );
}

function inLists({ kubernetes, networking }: WrittenCluster): readonly Reference[] {
  const inList = (key: 'manifests' | 'images', use: Reference['use']): readonly Reference[] =>
    kubernetes[key].map((file, index) => ({ setting: ['cluster', 'kubernetes', key, index], file, use }));
  const { calico_manifest: calico, cni } = networking;
  const ofCalico = { setting: ['cluster', 'networking', 'calico_manifest'], file: calico ?? '', use: 'text' as const };
  const manifests = [...(calico !== undefined && cni === 'calico' ? [ofCalico] : []), ...inList('manifests', 'text')];
  return [...manifests.filter(({ file }) => !isUrl(file)), ...inList('images', 'archive')];
}

/** Whether a relative path, as written, leads out of its folder. */
export const leavesFolder = (path: string): boolean => /^\.\.(\/|$)/.test(posix.normalize(path));

/** Whether a text is a URL; otherwise it is the path of a file. */
export const isUrl = (text: string): boolean => text.includes('://');

function certificates(cluster: WrittenCluster, nodes: readonly WrittenNode[]): readonly Reference[] {
  const mirrors = [
    ...ofMirrors(cluster.registries, ['cluster']),
    ...nodes.flatMap(({ name, registries = [] }) => ofMirrors(registries, ['nodes', name])),
  ];
  const { bootstrap } = cluster;
  const bundles = { setting: ['cluster', 'update', 'ca_file'], file: cluster.update?.ca_file };
  const store = { setting: ['cluster', 'bootstrap', 'external', 'ca_file'], file: bootstrap.external?.ca_file };
  const snapshots = { setting: [...STORE, 'ca_file'], file: cluster.control_plane.etcd_snapshots.store?.ca_file };
  return [...mirrors, store, snapshots, bundles].flatMap(({ setting, file }) =>
    file === undefined ? [] : [{ setting, file, use: 'certificate' as const }],
  );
}

function ofMirrors(registries: readonly WrittenRegistry[], path: Path) {
  return registries.flatMap(({ mirrors }, r) =>
    mirrors.map(({ ca_file }, m) => ({ setting: [...path, 'registries', r, 'mirrors', m, 'ca_file'], file: ca_file })),
  );
}

/**
 * A catalog entry describes one template: the paths of its output, the nodes that get it, mode and owner, how values
 * are escaped, and the settings that shape it. One template may have several outputs (one per interface or user) or
 * none.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { hasRole, isMember, isMaster } from '../../config/roles.ts';
import type { Format } from '../engine/escape.ts';
import type { Values } from '../engine/values.ts';
import { settingsOf, type Holder, type Overridable } from '../views/overridden-settings.ts';
import type { Subject } from '../views/subject.ts';

/** One file that a template renders. */
export interface Output {
  /** Relative to the node's root. */
  readonly path: string;
  /** Called when the file is rendered, so planning stays cheap. */
  readonly view: (values: Values) => object;
  readonly settings: readonly string[];
  /** Overrides the entry's, if the content is secret only for some values. */
  readonly secret?: boolean;
  /** Overrides the entry's. */
  readonly owner?: number;
}

interface EntryBase {
  /** Path under `templates/`; without `.ejs` it is the destination of a template with a single output. */
  readonly template: string;
  readonly format: Format;
  readonly mode: number;
  /** UID and GID of the file's owner and group; 0 is root. */
  readonly owner: number;
  /** Whether people see only a digest of the content. */
  readonly secret: boolean;
  /** Whether the file may begin with a `#` comment that names its template. */
  readonly header: boolean;
}

/** Groups of nodes that share a file. Only roles decide, because nodes with the same roles share a tree. */
export const AUDIENCES = {
  node: () => true,
  member: isMember,
  master: isMaster,
  monitor: (node) => hasRole(node, 'ceph-mon'),
} satisfies Readonly<Record<string, (node: Node) => boolean>>;
export type Audience = keyof typeof AUDIENCES;

/** The same file on every node of its audience: rendered once per cluster and shared between the trees. */
interface ClusterEntry extends EntryBase {
  readonly scope: 'cluster';
  readonly audience: Audience;
  readonly outputs: (cluster: Cluster) => readonly Output[];
}
interface NodeEntry extends EntryBase {
  readonly scope: 'node';
  readonly outputs: (subject: Subject) => readonly Output[];
}
/** One file for all nodes without a value of their own for `setting`; another for each node with such a value. */
interface HolderEntry extends EntryBase {
  readonly scope: 'holder';
  readonly setting: Overridable;
  readonly outputs: (holder: Holder) => readonly Output[];
}
export type CatalogEntry = ClusterEntry | NodeEntry | HolderEntry;

interface Common {
  readonly template: string;
  readonly format: Format;
  readonly mode?: number;
  readonly owner?: number;
  readonly secret?: boolean;
  readonly header?: boolean;
}
interface Single<From> extends Common {
  /** Reads values of the secrets store through `values`. */
  readonly view: (from: From, values: Values) => object;
  readonly settings: (from: From) => readonly string[];
  /** Whether there is a file to render; default: always. */
  readonly when?: (from: From) => boolean;
  readonly secretWhen?: (from: From) => boolean;
}
interface Several<From> extends Common {
  readonly outputs: (from: From) => readonly Output[];
}

/** A file of the cluster at the template's own path, for every node unless an audience is given. */
export function clusterFile(of: Single<Cluster> & { readonly audience?: Audience }): ClusterEntry {
  return { ...base(of), scope: 'cluster', audience: of.audience ?? 'node', outputs: single(of) };
}

/** A file of each node at the template's own path. */
export function nodeFile(of: Single<Subject>): NodeEntry {
  return { ...base(of), scope: 'node', outputs: single(of) };
}

/** Files of each node whose paths depend on its values. */
export function nodeFiles(of: Several<Subject>): NodeEntry {
  return { ...base(of), scope: 'node', outputs: of.outputs };
}

/** A file of the holder of the setting (cluster or node), at the template's own path. */
export function holderFile(setting: Overridable, of: Omit<Single<Holder>, 'settings'>): HolderEntry {
  const settings = (holder: Holder) => settingsOf(holder, setting);
  return { ...base(of), scope: 'holder', setting, outputs: single({ ...of, settings }) };
}

/** Files of the holder of the setting (cluster or node), whose paths depend on its values. */
export function holderFiles(setting: Overridable, of: Several<Holder>): HolderEntry {
  return { ...base(of), scope: 'holder', setting, outputs: of.outputs };
}

function base({ template, format, mode = 0o644, owner = 0, secret = false, header = true }: Common): EntryBase {
  return { template, format, mode, owner, secret, header };
}

function single<From>(of: Single<From>) {
  const path = of.template.replace(/\.ejs$/, '');
  return (from: From): readonly Output[] => {
    if (of.when?.(from) === false) return [];
    const output = { path, view: (values: Values) => of.view(from, values), settings: of.settings(from) };
    return [of.secretWhen === undefined ? output : { ...output, secret: of.secretWhen(from) }];
  };
}

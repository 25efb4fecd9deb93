/**
 * The arguments of Kubernetes' programs and of etcd that a user may change: coldstart's, with the user's instead or besides.
 * The templates of the units contain the others.
 */
import type { Node } from '../../../config/cluster.ts';
import { isFields, type Fields } from '../../../config/kubernetes/documents.ts';
import { itemsOf } from '../../../config/kubernetes/kept/claim.ts';

type Arguments = Readonly<Record<string, readonly string[]>>;

/** A file that systemd passes to a program, which runs as a user of its own and cannot read it in its place. */
interface Credential {
  readonly name: string;
  readonly path: string;
}

/** Of these lists, a program needs our items as well. */
const JOINED = new Set(['controllers', 'enable-admission-plugins']);
/** The first value issues tokens; tokens with the others stay valid. */
const FIRST = new Set(['service-account-issuer']);

/** The arguments of a program, as values of its unit's template. @param extra the user's */
export function argumentsView(node: Node, ours: Arguments, extra: Arguments) {
  const all = Object.entries({ ...ours, ...extra }).flatMap(([flag, values]) =>
    combined(flag, ours[flag] ?? [], values).map((value) => ({ flag, value })),
  );
  const files = credentialsOf(node);
  const words = all.map(({ flag, value }) => {
    const file = files.get(value);
    return file === undefined
      ? { word: `--${flag}=${value}`, credential: null }
      : { word: `--${flag}=`, credential: file.name };
  });
  return { words, credentials: [...new Set(all.flatMap(({ value }) => files.get(value) ?? []))] };
}

function combined(flag: string, ours: readonly string[], values: readonly string[]): readonly string[] {
  if (JOINED.has(flag)) return [[...new Set(itemsOf([...ours, ...values]))].join(',')];
  return FIRST.has(flag) ? [...new Set([...values, ...ours])] : values;
}

/** Paths that need no quotes in a unit. */
const PLAIN = /^[\w./@+-]+$/;

/** The files of a definition on a node, by path. */
const credentialsOf = ({ files }: Node): ReadonlyMap<string, Credential> =>
  new Map(
    files
      .filter(({ path }) => PLAIN.test(path))
      .map(({ path }) => [path, { path, name: path.slice(1).replaceAll('/', '-') }]),
  );

/** A document in which each path of a file of the definition is where the program of the unit finds the file. */
export function withCredentials(node: Node, unit: string, document: Fields) {
  const files = credentialsOf(node);
  const used = new Set<Credential>();
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner)]));
    const file = typeof value === 'string' ? files.get(value) : undefined;
    if (file === undefined) return value;
    used.add(file);
    return `/run/credentials/${unit}/${file.name}`;
  };
  return { document: place(document), credentials: [...used] };
}

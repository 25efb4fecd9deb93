/**
 * The secrets that each node may have, stated independently of the code that distributes them, and a search for secrets
 * in any files, in every encoding.
 */
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { reveal } from '../../src/pki/secret.ts';
import type { Store } from '../../src/pki/store/model.ts';

/** Every secret of a store, under the name that says who may know it. */
export function secretsOf(store: Store): Map<string, string> {
  const found = new Map<string, string>();
  for (const [id, { current }] of Object.entries(store.authorities)) found.set(`authority ${id}`, reveal(current.key));
  for (const [id, { key }] of Object.entries(store.certificates)) found.set(`certificate ${id}`, reveal(key));
  for (const [id, { current }] of Object.entries(store.keyPairs))
    found.set(`key pair ${id}`, reveal(current.privateKey));
  for (const [id, { current }] of Object.entries(store.keys)) found.set(`key ${id}`, reveal(current));
  for (const [id, token] of Object.entries(store.tokens)) found.set(`token ${id}`, reveal(token));
  return found;
}

/**
 * The keys of Ceph that a node needs: those with which its daemons get their own; on monitors those of all whom they let in;
 * the administrator's where the definition says so; on masters the one that Kubernetes shows.
 */
function cephKeysDue(cluster: Cluster, { name, roles }: Node, store: Store): string[] {
  const all = Object.keys(store.keys).filter((id) => id.startsWith('ceph/'));
  const isAdmin = cluster.ceph?.adminNodes.includes(name) === true;
  const isMonitor = roles.includes('ceph-mon');
  const due = [
    ...(isMonitor
      ? ['ceph/mon', 'ceph/bootstrap-osd', 'ceph/bootstrap-mgr', 'ceph/bootstrap-mds', 'ceph/kubernetes']
      : []),
    ...(roles.includes('ceph-osd') ? ['ceph/bootstrap-osd'] : []),
    ...(roles.includes('master') ? ['ceph/kubernetes'] : []),
    ...(isAdmin ? ['ceph/admin', ...(isMonitor ? ['ceph/dashboard'] : [])] : []),
    ...(roles.includes('ceph-mgr') ? ['ceph/bootstrap-mgr', 'ceph/bootstrap-mds'] : []),
  ];
  return [...new Set(due)].filter((id) => all.includes(id)).map((id) => `key ${id}`);
}

/**
 * The secrets that a node needs, sorted: the keys of its own certificates; on masters what signs and encrypts for the
 * whole cluster, and all tokens; on a worker its own token, unless that comes from elsewhere; what Ceph needs.
 */
export function secretsDue(cluster: Cluster, node: Node, store: Store): string[] {
  const certificates = [...secretsOf(store).keys()].filter((name) =>
    name.startsWith(`certificate nodes/${node.name}/`),
  );
  const own = [...certificates, `key pair ssh/${node.name}`, ...cephKeysDue(cluster, node, store)];
  const tokens = Object.keys(store.tokens).map((name) => `token ${name}`);
  if (node.roles.includes('master')) {
    return [...own, 'authority kubernetes', 'key pair service-account', 'key encryption', ...tokens].toSorted();
  }
  const isExternal = cluster.bootstrap.tokenDistribution === 'external';
  return [...own, ...(isExternal ? [] : tokens.filter((name) => name === `token ${node.name}`))].toSorted();
}

/** A file, as far as it is searched. */
interface Searched {
  readonly content: Uint8Array;
}

/** The secrets that somebody knows who has these files, sorted. */
export function secretsIn(files: readonly Searched[], store: Store): string[] {
  return [...secretsOf(store)]
    .filter(([, value]) => knows(files, value))
    .map(([name]) => name)
    .toSorted();
}

/** A text and everything that is base64 inside of it, again and again: what a patient reader of a file would see. */
function readings(content: string): string[] {
  const inside = [...content.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([run]) =>
    Buffer.from(run, 'base64').toString('latin1'),
  );
  const deeper = inside.filter((decoded) => /^[\t\n\r -~]+$/.test(decoded)).flatMap(readings);
  return [content, ...deeper];
}

/** The middle of a secret, without line ends and armor, so that no other way of writing it down hides it. */
const core = (value: string): string => value.replace(/-----[^-]+-----|\s/g, '');
const seen = new WeakMap<Searched, string[]>();
function readingsOf(file: Searched): string[] {
  const known = seen.get(file) ?? asRead(Buffer.from(file.content).toString('latin1'));
  seen.set(file, known);
  return known;
}
const asRead = (content: string): string[] => [
  content,
  ...readings(content).map((reading) => reading.replace(/\s/g, '')),
];

/** Whether the files hold a secret: as it is, as base64, on one line, or as the bytes that its base64 stands for. */
export function knows(files: readonly Searched[], value: string): boolean {
  const plain = core(value);
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(plain);
  const forms = [plain, ...(isBase64 ? [Buffer.from(plain, 'base64').toString('latin1')] : [])];
  return files.some((file) => readingsOf(file).some((reading) => forms.some((form) => reading.includes(form))));
}

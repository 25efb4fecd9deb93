/**
 * Names of the store's values. A template has a hole where such a value goes. A reviewer without the store sees the
 * hole's name there.
 */
import { FSID } from './issue/ceph-needs.ts';
import { ENCRYPTION, SERVICE_ACCOUNT, sshHost } from './issue/needs.ts';
import type { AuthorityId } from './certificates/purposes.ts';
import { reveal } from './secret.ts';
import { bundle, entry, trusted, type Store } from './store/model.ts';

export interface Hole {
  /** E.g. `authority:kubernetes`, `certificate_key:nodes/worker-01/kubelet`; ids are the store's. */
  readonly name: string;
  /** Whether the value is secret; only secret files may contain it. */
  readonly secret: boolean;
  /** @throws IncompleteStore when the store lacks the value */
  readonly read: (store: Store) => string;
}

const known = (name: string, read: Hole['read']): Hole => ({ name, secret: false, read });
const hidden = (name: string, read: Hole['read']): Hole => ({ name, secret: true, read });

/** PEM of an authority with its next and previous generations. */
export const authority = (id: AuthorityId): Hole => known(`authority:${id}`, (store) => bundle(store, id));

/** PEM of the one certificate whose key signs; an {@link authority} may have several. */
export const signingCertificate = (id: AuthorityId): Hole =>
  known(`signing_certificate:${id}`, (store) => entry(store.authorities, id).current.certificate);

/** PEM. */
export const signingKey = (id: AuthorityId): Hole =>
  hidden(`signing_key:${id}`, (store) => reveal(entry(store.authorities, id).current.key));

/** PEM. @param id as in `needs.ts` */
export const certificate = (id: string): Hole =>
  known(`certificate:${id}`, (store) => entry(store.certificates, id).certificate);

/** PEM. */
export const certificateKey = (id: string): Hole =>
  hidden(`certificate_key:${id}`, (store) => reveal(entry(store.certificates, id).key));

/** PEM of all trusted keys, one after the other. */
export const accountPublicKeys: Hole = known(`public_keys:${SERVICE_ACCOUNT}`, (store) =>
  trusted(entry(store.keyPairs, SERVICE_ACCOUNT))
    .map(({ publicKey }) => publicKey)
    .join(''),
);

/** PEM of the key that signs. */
export const accountPrivateKey: Hole = hidden(`private_key:${SERVICE_ACCOUNT}`, (store) =>
  reveal(entry(store.keyPairs, SERVICE_ACCOUNT).current.privateKey),
);

/** PEM of the key by which SSH clients know a node. */
export const sshHostKey = (node: string): Hole =>
  hidden(`private_key:${sshHost(node)}`, (store) => reveal(entry(store.keyPairs, sshHost(node)).current.privateKey));

/** Base64, one a line: the first encrypts, all decrypt. */
export const encryptionKeys: Hole = hidden(`keys:${ENCRYPTION}`, (store) =>
  trusted(entry(store.keys, ENCRYPTION)).map(reveal).join('\n'),
);

/** The current value of a Ceph key or a password. @param id as in `ceph-needs.ts` */
export const key = (id: string): Hole => hidden(`key:${id}`, (store) => reveal(entry(store.keys, id).current));

/** The bootstrap token of a node. */
export const token = (node: string): Hole => hidden(`token:${node}`, (store) => reveal(entry(store.tokens, node)));

/** The number of a node's present definition: `issue/releases.ts`. */
export const release = (node: string): Hole =>
  known(`release:${node}`, (store) => String(entry(store.releases, node).number));

/** Ceph's cluster id (fsid): the random id as a UUID (RFC 9562, version 4). */
export const cephFsid: Hole = known('ceph_fsid', (store) => {
  const digits = [...entry(store.ids, FSID)];
  digits[12] = '4';
  digits[16] = ((Number.parseInt(digits[16] ?? '0', 16) & 3) | 8).toString(16);
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
});

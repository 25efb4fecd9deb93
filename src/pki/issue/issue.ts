/**
 * Completes a secrets store: makes missing entries, makes outdated entries anew, drops entries that are no longer
 * needed, and keeps all other entries byte for byte. Time and randomness are parameters.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { Validity } from '../certificates/certificate.ts';
import { SecretsError } from '../errors.ts';
import { keyIdOf, makeKeyPair } from '../certificates/key-pair.ts';
import { notAfter } from '../certificates/not-after.ts';
import { cephxKey } from '../cephx.ts';
import type { KeyNeed } from './key-need.ts';
import type { AuthorityNeed, CertificateNeed, Needs } from './needs.ts';
import { bootstrapToken, randomId, type Randomness } from './randomness.ts';
import { reconcile, standing, type Change, type Section } from './reconcile.ts';
import { reveal, secret, type Secret } from '../secret.ts';
import { emptyStore, entry, type Authority, type Certificate, type Generations, type Store } from '../store/model.ts';

/** Days. */
interface Lifetimes {
  readonly authority: number;
  readonly node: number;
  readonly operator: number;
}

/** The reasons for these values: docs/decisions/0007-secrets-made-at-build-time.md */
const DEFAULT_LIFETIMES: Lifetimes = { authority: 3652, node: 1826, operator: 365 };

export interface Circumstances {
  readonly now: Date;
  readonly random: Randomness;
  readonly lifetimes?: Lifetimes;
}

export interface Outcome {
  readonly store: Store;
  /** The changes; empty when the store is the given one. */
  readonly changes: readonly Change[];
}

/** `rotate` writes this in place of the digest of a certificate's inputs. */
export const ROTATE = 'rotate';

const DAY = 86_400_000;
/** The clock of a machine may run on local time, or someone set it by hand; the error is less than a day. */
const SKEW = DAY;

/**
 * Makes a store hold exactly the entries that the cluster needs.
 * @param store null for the first one
 * @throws SecretsError when the store belongs to another cluster
 */
export async function completeStore(store: Store | null, needs: Needs, by: Circumstances): Promise<Outcome> {
  const former = ownStore(store, needs);
  const ids = await reconcile(former.ids, idSection(needs, by));
  const authorities = await reconcile(former.authorities, authoritySection(needs, by));
  const certificates = await reconcile(former.certificates, certificateSection(needs, authorities.record, by));
  const keyPairs = await reconcile(former.keyPairs, keyPairSection(needs, by));
  const keys = await reconcile(former.keys, keySection(needs, by));
  const tokens = await reconcile(former.tokens, tokenSection(needs, former, by));
  const changes = [ids, authorities, certificates, keyPairs, keys, tokens].flatMap((section) => section.changes);
  if (changes.length === 0) return { store: former, changes };
  const records = { ids: ids.record, authorities: authorities.record, certificates: certificates.record };
  const others = { keyPairs: keyPairs.record, keys: keys.record, tokens: tokens.record };
  return { store: { ...former, ...records, ...others }, changes };
}

/**
 * The entries of a store that a completion would keep, without all others. Makes nothing, so the result is the same
 * each time.
 * @throws SecretsError when the store belongs to another cluster
 */
export function standingStore(store: Store, needs: Needs): Store {
  const former = ownStore(store, needs);
  const named = <T>(record: Readonly<Record<string, T>>, ids: readonly string[]) =>
    standing(record, { needs: ids, idOf: itself });
  const authorities = named(former.authorities, needs.authorities.map(byId));
  // A certificate cannot stay when its authority has yet to be made.
  const signed = needs.certificates.filter(({ authority }) => Object.hasOwn(authorities, authority));
  return {
    ...{ ...former, authorities, ids: named(former.ids, needs.ids) },
    certificates: standing(former.certificates, { needs: signed, idOf: byId, outdated: outdatedBy(authorities) }),
    keyPairs: named(former.keyPairs, needs.keyPairs),
    keys: named(former.keys, needs.keys.map(byId)),
    tokens: named(former.tokens, needs.tokens),
  };
}

function ownStore(store: Store | null, { cluster }: Needs): Store {
  const own = store ?? emptyStore(cluster);
  if (own.cluster !== cluster) throw foreign(own.cluster, cluster);
  return own;
}

const only = <T>(current: T): Generations<T> => ({ current, next: null, previous: null });
const itself = (id: string): string => id;
const byId = ({ id }: { readonly id: string }): string => id;

const idSection = ({ ids }: Needs, { random }: Circumstances): Section<string, string> => ({
  needs: ids,
  idOf: itself,
  words: (id) => `the id \`${id}\``,
  make: () => randomId(random),
});

const authoritySection = (
  { authorities }: Needs,
  by: Circumstances,
): Section<AuthorityNeed, Generations<Authority>> => ({
  needs: authorities,
  idOf: byId,
  words: (id) => `the authority \`${id}\``,
  make: async ({ subject }) => only(await newAuthority(subject, by)),
});

const keyPairSection = (
  { keyPairs }: Needs,
  { random }: Circumstances,
): Section<string, Store['keyPairs'][string]> => ({
  needs: keyPairs,
  idOf: itself,
  words: (id) => `the key pair \`${id}\``,
  make: () => only(makeKeyPair(random)),
});

const keySection = ({ keys }: Needs, by: Circumstances): Section<Needs['keys'][number], Generations<Secret>> => ({
  needs: keys,
  idOf: byId,
  words: (id) => `the key \`${id}\``,
  make: (need) => only(makeKey(need, by)),
});

const tokenSection = ({ tokens }: Needs, former: Store, { random }: Circumstances): Section<string, Secret> => {
  const standing = { ...former.tokens };
  return {
    needs: tokens,
    idOf: itself,
    words: (node) => `the token of \`${node}\``,
    make: (node) => (standing[node] = newToken(Object.values(standing), random)),
  };
};

type Authorities = Store['authorities'];

function certificateSection(
  { certificates }: Needs,
  authorities: Authorities,
  by: Circumstances,
): Section<CertificateNeed, Certificate> {
  const inputs = inputsBy(authorities);
  return {
    needs: certificates,
    idOf: byId,
    words: (id) => `the certificate \`${id}\``,
    outdated: outdatedBy(authorities),
    make: async (need) => {
      const { makeCertificate } = await import('../certificates/certificate.ts');
      const issuer = issuerOf(need, authorities);
      const made = await makeCertificate(need, issuer, leafValidity(need, issuer, by), by.random);
      return { inputs: inputs(need), ...made };
    },
  };
}

/** Why a certificate must be made anew with these authorities; null when it is valid. */
function outdatedBy(authorities: Authorities): (need: CertificateNeed, standing: Certificate) => string | null {
  const inputs = inputsBy(authorities);
  return (need, known) => (known.inputs === inputs(need) ? null : reasonFor(known, issuerOf(need, authorities)));
}

const issuerOf = (need: CertificateNeed, authorities: Authorities): Authority =>
  entry(authorities, need.authority).current;

function inputsBy(authorities: Authorities): (need: CertificateNeed) => string {
  const keyIds = new Map(Object.entries(authorities).map(([id, { current }]) => [id, keyIdOf(current.certificate)]));
  return (need) => inputsOf(need, keyIds.get(need.authority) ?? '');
}

/** Digest of the contents of a certificate and of its issuer, without the validity period. */
export function inputsOf(need: CertificateNeed, issuerKeyId: string): string {
  const { commonName, organization } = need.subject;
  const names = [need.dnsNames.toSorted(), need.addresses.toSorted(), need.usages.toSorted()];
  return createHash('sha256')
    .update(JSON.stringify([issuerKeyId, commonName, organization, ...names]))
    .digest('hex');
}

function reasonFor({ inputs, certificate }: Certificate, issuer: Authority): string {
  if (inputs === ROTATE) return 'it was to be rotated';
  const signed = new X509Certificate(certificate).verify(new X509Certificate(issuer.certificate).publicKey);
  return signed ? 'it has to say something else now' : 'its issuer has a new key';
}

/** A new authority with the full validity period. */
export async function newAuthority(subject: AuthorityNeed['subject'], by: Circumstances): Promise<Authority> {
  const { makeAuthority } = await import('../certificates/certificate.ts');
  return makeAuthority(subject, validity(by.now, (by.lifetimes ?? DEFAULT_LIFETIMES).authority), by.random);
}

/** A new key, in base64. */
export function makeKey({ form, bytes }: KeyNeed, { now, random }: Circumstances): Secret {
  const plain = Buffer.from(random.bytes(bytes));
  return secret((form === 'cephx' ? cephxKey(plain, now) : plain).toString('base64'));
}

/** The part before the dot names a token's object in the API, so it must be unique. */
export function newToken(others: readonly Secret[], random: Randomness): Secret {
  const taken = new Set(others.map((token) => reveal(token).slice(0, 6)));
  let text = bootstrapToken(random);
  while (taken.has(text.slice(0, 6))) text = bootstrapToken(random);
  return secret(text);
}

/** A leaf certificate ends no later than its issuer, because it is invalid after that. */
function leafValidity(need: CertificateNeed, issuer: Authority, { now, lifetimes }: Circumstances): Validity {
  const wanted = validity(now, (lifetimes ?? DEFAULT_LIFETIMES)[need.lifetime]);
  const end = notAfter(issuer.certificate);
  return { ...wanted, notAfter: end < wanted.notAfter ? end : wanted.notAfter };
}

function validity(now: Date, days: number): Validity {
  const second = Math.floor(now.getTime() / 1000) * 1000; // X.509 has a resolution of one second
  return { notBefore: new Date(second - SKEW), notAfter: new Date(second + days * DAY) };
}

function foreign(theirs: string, ours: string): SecretsError {
  return new SecretsError(`The secrets store belongs to cluster \`${theirs}\`, not to \`${ours}\`.`, {
    hint: 'two clusters must not share keys: name another file in `cluster.secrets.file`',
  });
}

/**
 * The secrets store as text: YAML, snake_case, versioned, keys sorted, so that the same store gives the same bytes.
 * Messages about a faulty file name the place in it, never the text there.
 */
import { createPublicKey } from 'node:crypto';
import { parseDocument, stringify } from 'yaml';
import * as z from 'zod';
import { isPrivateKey } from '../certificates/key-form.ts';
import { notAfter } from '../certificates/not-after.ts';
import { SecretsError } from '../errors.ts';
import { reveal, secret, type Secret } from '../secret.ts';
import type { Store } from './model.ts';
import { readWrittenForm } from './written-form.ts';

/** Raise it with every change that an older program would misread, or whose entries it would drop as unknown. */
const VERSION = 1;
const KIND = 'coldstart-secrets';
const HEADER = '# The secrets of a cluster, kept by coldstart: everyone who reads this file owns the cluster.\n';

const pem = (label: string) =>
  z.string().regex(new RegExp(`^-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+-----END ${label}-----\\n$`));
const masked = (text: z.ZodString) => text.transform(secret);
const certificate = pem('CERTIFICATE').refine((text) => succeeds(() => notAfter(text)));
const publicKey = pem('PUBLIC KEY').refine((text) => succeeds(() => createPublicKey(text)));
const key = pem('PRIVATE KEY');

interface Identity {
  readonly certificate: string;
  readonly key: string;
}
const fits = (entry: Identity): boolean => isPrivateKey(entry.key, entry.certificate);
const hidden = <T extends Identity>(entry: T) => ({ ...entry, key: secret(entry.key) });
const atKey = { path: ['key'] };
const authority = z.strictObject({ certificate, key }).refine(fits, atKey).transform(hidden);
const leaf = z.strictObject({ inputs: z.string(), certificate, key }).refine(fits, atKey).transform(hidden);
const pair = z
  .strictObject({ public_key: publicKey, private_key: key })
  .refine(({ public_key: holder, private_key: own }) => isPrivateKey(own, holder), { path: ['private_key'] })
  .transform(({ public_key: holder, private_key: own }) => ({ publicKey: holder, privateKey: secret(own) }));
const token = masked(z.string().regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/));
const base64 = masked(z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/));

const record = <T extends z.ZodType>(value: T) => z.record(z.string().min(1), value);
const generations = <T extends z.ZodType>(value: T) =>
  z.strictObject({ current: value, next: value.nullable(), previous: value.nullable() });

const number = z.int().min(1);
const releases = record(number);

const file = z.strictObject({
  kind: z.literal(KIND),
  version: z.literal(VERSION),
  cluster: z.string().min(1),
  recipients: z.array(z.string()),
  ids: record(z.string().regex(/^[0-9a-f]{32}$/)),
  authorities: record(generations(authority)),
  certificates: record(leaf),
  key_pairs: record(generations(pair)),
  keys: record(generations(base64)),
  tokens: record(token),
  releases: record(z.strictObject({ number, inputs: z.string().regex(/^[0-9a-f]{64}$/) })).prefault({}),
  rotations: record(z.strictObject({ stage: releases, activate: releases })).prefault({}),
});

/** The text of a store, secrets included. */
export function formatStore(store: Store): string {
  const { cluster, recipients, ids, authorities, certificates, keys, tokens } = store;
  const pairs = mapValues(store.keyPairs, (generation) =>
    mapGenerations(generation, ({ publicKey, privateKey }) => ({
      public_key: publicKey,
      private_key: reveal(privateKey),
    })),
  );
  const document = {
    ...{ kind: KIND, version: VERSION, cluster, recipients, ids: sorted(ids) },
    authorities: mapValues(authorities, (authority) => mapGenerations(authority, withKey)),
    certificates: mapValues(certificates, ({ inputs, ...rest }) => ({ inputs, ...withKey(rest) })),
    key_pairs: pairs,
    keys: mapValues(keys, (generation) => mapGenerations(generation, reveal)),
    tokens: mapValues(tokens, reveal),
    // Earlier versions refuse a store that has them.
    ...present({ releases: sorted(store.releases), rotations: sorted(store.rotations) }),
  };
  return HEADER + stringify(document, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}

/**
 * Reads the output of {@link formatStore}, or a file that a person edited since.
 * @param name the file, for messages
 * @throws SecretsError for anything that is not a store of this version (exit 3 for a newer one)
 */
export function parseStore(text: string, name: string): Store {
  const read = readYaml(text, name);
  const header = z.looseObject({ kind: z.literal(KIND), version: z.int().min(1) }).safeParse(read);
  if (!header.success) throw notAStore(name, `it does not say \`kind: ${KIND}\` and a version`);
  if (header.data.version > VERSION) throw newer(name, header.data.version);
  const parsed = file.safeParse(read);
  if (!parsed.success) throw notAStore(name, complaint(parsed.error));
  const { kind: _kind, version: _version, key_pairs: keyPairs, ...rest } = parsed.data;
  return { ...rest, keyPairs };
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function readYaml(text: string, name: string): unknown {
  const written = readWrittenForm(text);
  if (written !== null) return written;
  // Pretty errors quote the line, and the line may be a key.
  const document = parseDocument(text, { prettyErrors: false, schema: 'core', uniqueKeys: true });
  const [fault] = document.errors;
  if (fault === undefined) return document.toJS({ maxAliasCount: 0 }) as unknown;
  const line = text.slice(0, fault.pos[0]).split('\n').length;
  throw notAStore(name, `line ${line} is no YAML (${fault.code})`, line);
}

/** Place and kind of the first issue. zod's own messages are not used, because they may quote values. */
function complaint({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it is not complete';
  const place = issue.path.map(String).join(' → ');
  if (issue.code === 'unrecognized_keys') {
    return `\`${[place, issue.keys[0]].filter(Boolean).join(' → ')}\` is not known`;
  }
  return `\`${place}\` is missing or not of the right form`;
}

function notAStore(name: string, reason: string, line = 1): SecretsError {
  return new SecretsError(`\`${name}\` is not a secrets store: ${reason}.`, {
    line,
    hint: 'take it from a backup; without it, every machine of the cluster has to get a new image',
  });
}

function newer(name: string, version: number): SecretsError {
  return new SecretsError(
    `\`${name}\` has version ${version} of the format; this program knows versions up to ${VERSION}.`,
    { exitCode: 3, hint: 'use the newer coldstart that wrote it' },
  );
}

const withKey = ({ certificate: text, key: hidden }: { readonly certificate: string; readonly key: Secret }) => ({
  certificate: text,
  key: reveal(hidden),
});

const present = (records: Readonly<Record<string, object>>): Readonly<Record<string, object>> =>
  Object.fromEntries(Object.entries(records).filter(([, record]) => Object.keys(record).length > 0));

function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function mapValues<T, U>(entries: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(sorted(entries)).map(([id, value]) => [id, change(value)]));
}

type Of<T> = { readonly current: T; readonly next: T | null; readonly previous: T | null };

function mapGenerations<T, U>({ current, next, previous }: Of<T>, change: (value: T) => U) {
  const optional = (value: T | null): U | null => (value === null ? null : change(value));
  return { current: change(current), next: optional(next), previous: optional(previous) };
}

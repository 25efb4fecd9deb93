/**
 * Marks secrets for replacement. A rotation replaces tokens, certificates and keys of Ceph in one step. It replaces
 * roots of trust (authorities, the service-account key, the encryption key) in three steps with new images in between,
 * see docs/SECRETS.md. Call `completeStore` afterwards: it makes the certificates that a step asks for.
 */
import { SecretsError } from '../errors.ts';
import { makeKeyPair } from '../certificates/key-pair.ts';
import { makeKey, newAuthority, newToken, ROTATE, type Circumstances, type Outcome } from './issue.ts';
import type { Needs } from './needs.ts';
import type { Change } from './reconcile.ts';
import { entry, type Generations, type RotationStep, type Store } from '../store/model.ts';

/**
 * `id` is an entry of the store, or null for all entries of that kind. For certificates and keys of Ceph it may also be
 * a prefix of whole parts.
 */
export type Target =
  | { readonly kind: 'tokens' | 'certificates'; readonly id: string | null }
  | { readonly kind: 'cephKeys'; readonly id: string }
  | { readonly kind: 'authorities' | 'keyPairs' | 'keys'; readonly id: string; readonly step: RotationStep };

/**
 * Takes one step of a rotation.
 * @throws SecretsError when there is no such entry, or the step is out of order
 */
export async function rotate(store: Store, target: Target, needs: Needs, by: Circumstances): Promise<Outcome> {
  switch (target.kind) {
    case 'tokens':
      return rotateTokens(store, target.id, by);
    case 'certificates':
      return rotateCertificates(store, target.id);
    case 'authorities': {
      const subject = needs.authorities.find(({ id }) => id === target.id)?.subject;
      const make = () => newAuthority(subject ?? missing('authority', target.id), by);
      const { record, changes } = await step(store.authorities, target, 'authority', make);
      return { store: { ...store, authorities: record }, changes };
    }
    case 'keyPairs': {
      const { record, changes } = await step(store.keyPairs, target, 'key pair', () => makeKeyPair(by.random));
      return { store: { ...store, keyPairs: record }, changes };
    }
    case 'cephKeys':
      return rotateCephKeys(store, target.id, needs, by);
    case 'keys': {
      const need = needs.keys.find(({ id }) => id === target.id);
      const make = () => makeKey(need ?? missing('key', target.id), by);
      const { record, changes } = await step(store.keys, target, 'key', make);
      return { store: { ...store, keys: record }, changes };
    }
  }
}

function rotateTokens(store: Store, id: string | null, { random }: Circumstances): Outcome {
  const names = Object.keys(store.tokens).filter((name) => id === null || name === id);
  if (names.length === 0) throw noToken(id);
  const tokens = { ...store.tokens };
  for (const name of names) tokens[name] = newToken(Object.values(tokens), random);
  return { store: { ...store, tokens }, changes: names.map((name) => done(`the token of \`${name}\``)) };
}

/** The old certificate stays in the store until the new one is made, so that the store is complete at any time. */
function rotateCertificates(store: Store, id: string | null): Outcome {
  const ids = Object.keys(store.certificates).filter((name) => id === null || isPartOf(name, id));
  if (ids.length === 0) missing('certificate', id ?? '*');
  const marked = ids.map((name) => [name, { ...entry(store.certificates, name), inputs: ROTATE }] as const);
  // completeStore reports each certificate after it made it, so this function reports nothing.
  return { store: { ...store, certificates: { ...store.certificates, ...Object.fromEntries(marked) } }, changes: [] };
}

/** Ceph knows one key for each entity, so there are no stages: the monitors take the keys from their images. */
function rotateCephKeys(store: Store, id: string, needs: Needs, by: Circumstances): Outcome {
  const asked = needs.keys.filter((need) => isPartOf(need.id, id) && Object.hasOwn(store.keys, need.id));
  if (asked.length === 0) missing('key', id);
  const made = asked.map((need) => [need.id, { current: makeKey(need, by), next: null, previous: null }] as const);
  const keys = { ...store.keys, ...Object.fromEntries(made) };
  return { store: { ...store, keys }, changes: asked.map((need) => done(`the key \`${need.id}\``)) };
}

/** Whether an id is the given one, or below it. */
const isPartOf = (id: string, whole: string): boolean => id === whole || id.startsWith(`${whole}/`);

const DEEDS = {
  stage: 'staged a successor of',
  activate: 'activated the successor of',
  retire: 'retired the predecessor of',
} as const;

type Asked = { readonly id: string; readonly step: RotationStep };

async function step<T>(
  record: Readonly<Record<string, Generations<T>>>,
  { id, step: name }: Asked,
  kind: string,
  make: () => T | Promise<T>,
): Promise<{ readonly record: Readonly<Record<string, Generations<T>>>; readonly changes: readonly Change[] }> {
  if (!Object.hasOwn(record, id)) missing(kind, id);
  const what = `the ${kind} \`${id}\``;
  const now = entry(record, id);
  const then = await (name === 'stage'
    ? stage(now, what, make)
    : name === 'activate'
      ? activate(now, what)
      : retire(now, what));
  return { record: { ...record, [id]: then }, changes: [{ did: DEEDS[name], what, why: null }] };
}

async function stage<T>(now: Generations<T>, what: string, make: () => T | Promise<T>): Promise<Generations<T>> {
  if (now.next !== null) throw outOfOrder(`A successor of ${what} is staged already.`, 'activate');
  if (now.previous !== null) throw outOfOrder(`The predecessor of ${what} is still trusted.`, 'retire');
  return { ...now, next: await make() };
}

function activate<T>({ current, next }: Generations<T>, what: string): Generations<T> {
  if (next === null) throw outOfOrder(`No successor of ${what} is staged.`, 'stage');
  return { current: next, next: null, previous: current };
}

function retire<T>(now: Generations<T>, what: string): Generations<T> {
  if (now.previous === null) throw outOfOrder(`There is no predecessor of ${what} to retire.`, 'activate');
  return { ...now, previous: null };
}

const done = (what: string): Change => ({ did: 'made anew', what, why: 'it was to be rotated' });

function outOfOrder(message: string, next: RotationStep): SecretsError {
  return new SecretsError(message, { hint: `the step that comes first is \`${next}\`` });
}

const noToken = (node: string | null): SecretsError =>
  new SecretsError(`The secrets store has no ${node === null ? 'tokens' : `token \`${node}\``}.`, {
    hint: 'with `token_distribution: http`, nodes join by certificates: rotate `certificates/nodes/NODE`; `coldstart secrets show` lists all',
  });

function missing(kind: string, id: string): never {
  throw new SecretsError(`The secrets store has no ${kind} \`${id}\`.`, { hint: '`coldstart secrets` lists them' });
}

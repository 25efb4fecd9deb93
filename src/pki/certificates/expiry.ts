/**
 * Tells when each certificate expires, and whether that is a problem. An image may stay unused for a long time before a
 * machine boots from it, and nobody can reach that machine afterwards. So a certificate in a new image must stay valid
 * for that time as well.
 */
import { trusted, type Store } from '../store/model.ts';
import { notAfter } from './not-after.ts';

export type State =
  /** Valid for longer than an image may stay unused. */
  | 'good'
  /** An image that is built now and used much later may hold an expired certificate. */
  | 'ageing'
  /** Within 30 days. */
  | 'expiring'
  | 'expired';

export interface Expiry {
  /** `authorities/<id>` or `certificates/<id>`. */
  readonly id: string;
  readonly notAfter: Date;
  readonly state: State;
  /**
   * Whether images or update bundles hold the certificate, or certificates that this authority signed. The operator's
   * certificates are outside of them.
   */
  readonly inImages: boolean;
}

/** Days. */
export interface Margins {
  /** How long before its end a certificate must be replaced. */
  readonly warning: number;
  /** How long a built image may lie unused. */
  readonly drawer: number;
}

export const DEFAULT_MARGINS: Margins = { warning: 30, drawer: 365 };

const DAY = 86_400_000;

/** All certificates of the store; the one that expires first comes first. */
export function expiries(store: Store, now: Date, margins: Margins = DEFAULT_MARGINS): Expiry[] {
  const authorities = Object.entries(store.authorities).flatMap(([id, generations]) =>
    trusted(generations).map(({ certificate }) => ({ id: `authorities/${id}`, certificate, inImages: true })),
  );
  const leaves = Object.entries(store.certificates).map(([id, { certificate }]) => ({
    ...{ id: `certificates/${id}`, certificate },
    inImages: !id.startsWith('operator/'),
  }));
  const found = [...authorities, ...leaves].map(({ id, certificate, inImages }) => {
    const end = notAfter(certificate);
    const days = (end.getTime() - now.getTime()) / DAY;
    return { id, notAfter: end, state: stateOf(days, inImages, margins), inImages };
  });
  return found.toSorted((a, b) => a.notAfter.getTime() - b.notAfter.getTime() || (a.id < b.id ? -1 : 1));
}

function stateOf(days: number, inImages: boolean, { warning, drawer }: Margins): State {
  if (days <= 0) return 'expired';
  if (days <= warning) return 'expiring';
  return inImages && days <= drawer ? 'ageing' : 'good';
}

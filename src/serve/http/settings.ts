/** Where and how the server listens. */
import type { Patience } from './pour.ts';

export interface Listening {
  readonly address: string;
  readonly port: number;
}

export interface Identity {
  /** PEM: the server's certificate, then those of its authorities. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

export interface Limits {
  /** Of all clients together. */
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerClient: number;
  /** Milliseconds without a byte in either direction. */
  readonly idle: number;
  /** Milliseconds for the headers of a request, and for a handshake. */
  readonly headers: number;
  readonly patience: Patience;
}

export const DEFAULT_LIMITS: Limits = {
  ...{ connections: 1024, connectionsPerClient: 32, idle: 60_000, headers: 10_000 },
  patience: { rate: 1024, least: 60_000 },
};

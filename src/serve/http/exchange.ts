/**
 * What the two halves of the server say to each other. A front speaks HTTP and TLS with clients and moves bytes; it may be another
 * process. The office decides: who may connect, what a request gets, and what follows from a download.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Piece } from '../../builder/images/composed-file.ts';

/** A request, as far as its answer depends on it. */
export interface Asked {
  readonly method: string;
  /** In origin or absolute form. */
  readonly target: string;
  readonly headers: Conditions;
}

/** @see answerTo */
export type Conditions = Pick<IncomingHttpHeaders, 'range' | 'if-match' | 'if-none-match'> & {
  readonly 'if-range'?: string | undefined;
};

/** Bytes in the memory of another process. */
export interface DistantBytes {
  readonly length: number;
  readonly fetch: (begin: number, end: number) => Promise<Uint8Array>;
}

export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: readonly (Piece | DistantBytes)[];
  /** Called once. @param sent bytes of the body that the client's connection took @param failure why they could not be read */
  readonly ended: (sent: number, failure: string | null) => void;
}

/** Connections have numbers, which are never used again. */
export interface Office {
  /** @throws an error when the connection must be closed instead */
  readonly ask: (connection: number, asked: Asked) => Promise<Reply>;
  /** All requests of the connection are answered. */
  readonly waiting: (connection: number) => void;
  readonly closed: (connection: number) => void;
}

export interface Front {
  /** Whether it can take connections now. */
  readonly isAlive: boolean;
  readonly take: (connection: number, socket: Socket) => void;
  /** Closes a connection. */
  readonly drop: (connection: number) => void;
  /** Closes all connections. */
  readonly close: () => Promise<void>;
}

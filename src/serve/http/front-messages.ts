/** The messages between the office and a front in another process: {@link Office} and {@link Front} in writing. */
import type { FilePiece } from '../../builder/images/composed-file.ts';
import type { Asked, Reply } from './exchange.ts';
import type { Identity, Limits } from './settings.ts';

export interface FrontSettings {
  readonly identity: Identity | null;
  readonly limits: Limits;
  readonly fronts: number;
}

/** Bytes that are in the message, or that have to be fetched. */
export type SentPiece = FilePiece | { readonly bytes: Uint8Array } | { readonly length: number };

/** The number of a request is that of its reply. */
export type ToFront =
  | ({ readonly type: 'start' } & FrontSettings)
  /** With the socket, unless the client has closed it. */
  | { readonly type: 'take'; readonly id: number }
  | { readonly type: 'drop'; readonly id: number }
  | ({ readonly type: 'reply'; readonly request: number; readonly body: readonly SentPiece[] } & Pick<
      Reply,
      'status' | 'headers'
    >)
  /** The connection must be closed instead. */
  | { readonly type: 'no-reply'; readonly request: number }
  | { readonly type: 'fetched'; readonly request: number; readonly bytes: Uint8Array };

export type ToOffice =
  | { readonly type: 'ask'; readonly request: number; readonly id: number; readonly asked: Asked }
  /** One at a time for a request. */
  | {
      readonly type: 'fetch';
      readonly request: number;
      readonly piece: number;
      readonly begin: number;
      readonly end: number;
    }
  | { readonly type: 'ended'; readonly request: number; readonly sent: number; readonly failure: string | null }
  /** The front has the socket, so the office must close its own. */
  | { readonly type: 'taken'; readonly id: number }
  | { readonly type: 'waiting'; readonly id: number }
  | { readonly type: 'closed'; readonly id: number }
  | { readonly type: 'crashed'; readonly message: string };

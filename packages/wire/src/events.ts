import type { FieldSection } from './fields/field.ts';
import type { RequestHead, ResponseHead } from './head.ts';
import type { Limits } from './limits.ts';
import type { Priority } from './priority/priority.ts';

/**
 * What happened on a connection: one vocabulary for HTTP/1.1, HTTP/2 and HTTP/3.
 *
 * `streamId` names the exchange: 1, 2, 3 … per exchange in HTTP/1.1, the stream identifier in HTTP/2 and HTTP/3.
 * The end of a message is a property of its last event, never an event of its own. `type` comes first in every object.
 */
export type Event =
  | { readonly type: 'request'; readonly streamId: number; readonly head: RequestHead; readonly endStream: boolean }
  | { readonly type: 'informational'; readonly streamId: number; readonly head: ResponseHead }
  | { readonly type: 'response'; readonly streamId: number; readonly head: ResponseHead; readonly endStream: boolean }
  | {
      readonly type: 'data';
      readonly streamId: number;
      /** A view into what was received: copy it to keep it beyond the next call. */
      readonly data: Uint8Array;
      /** Bytes to give back with `consume` once the application has used the data. Padding is given back by the core. */
      readonly flowControlledLength: number;
      readonly endStream: boolean;
    }
  /** Ends the stream. Framing and routing fields have been refused. */
  | { readonly type: 'trailers'; readonly streamId: number; readonly fields: FieldSection }
  | {
      readonly type: 'reset';
      readonly streamId: number;
      readonly code: number;
      readonly initiator: 'peer' | 'local';
      readonly reason: string;
      /** True when the peer says, or the protocol implies, that it did not act on the request: safe to send again. */
      readonly unprocessed: boolean;
    }
  /** `sendData` on this stream would take `capacity` bytes again, after it took fewer than offered. */
  | { readonly type: 'writable'; readonly streamId: number; readonly capacity: number }
  | { readonly type: 'priority'; readonly streamId: number; readonly priority: Priority }
  | { readonly type: 'settings'; readonly settings: ReadonlyMap<number, number> }
  | { readonly type: 'settings-ack' }
  | { readonly type: 'ping-ack'; readonly data: Uint8Array }
  | { readonly type: 'goaway'; readonly lastStreamId: number; readonly code: number; readonly debugData: Uint8Array }
  /** The exchange has left HTTP (101, or 2xx to CONNECT): `rest` and everything after belongs to `protocol`. */
  | { readonly type: 'upgrade'; readonly streamId: number; readonly protocol: string; readonly rest: Uint8Array }
  /** The connection is beyond repair: what had to be said to the peer is in the output, and no event follows. */
  | {
      readonly type: 'connection-error';
      readonly code: number;
      readonly reason: string;
      readonly limit: keyof Limits | null;
      readonly statusHint: number | null;
    }
  /** Both directions have ended in order; no event follows. */
  | { readonly type: 'closed' };

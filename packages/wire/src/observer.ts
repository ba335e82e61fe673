import type { FieldSection } from './fields/field.ts';

/**
 * One piece of protocol as it stands on the wire: a frame of HTTP/2 or HTTP/3, or in HTTP/1.1 a message head, a piece of
 * content, a chunk, the last chunk with its trailers.
 */
export interface WireUnit {
  readonly direction: 'received' | 'created';
  /**
   * Frame type in lower case as RFC 9113 §6 and qlog name it (`headers`, `data`, `rst_stream`, `window_update`, `unknown` …), or
   * for HTTP/1.1 `request`, `response`, `informational`, `content` (framed by length or by close), `chunk`, `last-chunk`.
   */
  readonly kind: string;
  /** The exchange; for what concerns the connection, 0, and in HTTP/3 the control stream's id. */
  readonly streamId: number;
  /** Where it starts in this direction's bytes of the connection, in HTTP/3 of the stream, from 0. */
  readonly offset: number;
  /** Bytes on the wire, framing included. */
  readonly length: number;
  /** Bytes of content in it, framing and padding left out. */
  readonly payloadLength: number;
  /** Flags of the frame; 0 where there are none. */
  readonly flags: number;
  readonly endStream: boolean;
  /** HTTP/1.1: the start line. Else null. */
  readonly startLine: string | null;
  /** The field section that it holds or completes, pseudo-header fields included. Null where it has none. */
  readonly fields: FieldSection | null;
  /** Error code of RST_STREAM and GOAWAY, increment of WINDOW_UPDATE, frame type of an unknown frame. Null elsewhere. */
  readonly value: number | null;
  /** GOAWAY: the last stream. PRIORITY_UPDATE: the stream it is about. Null elsewhere. */
  readonly about: number | null;
  readonly settings: ReadonlyMap<number, number> | null;
}

/**
 * Called for every unit, when it is complete (received) or queued (created), with offsets in the direction's byte stream.
 * It must not call back into the connection. Where no observer is given, nothing is computed for one.
 */
export type Observer = (unit: WireUnit) => void;

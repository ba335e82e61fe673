/**
 * What happened on one connection, in the words of qlog (draft-ietf-quic-qlog-main-schema). HTTP/3 has a schema of its own
 * there; HTTP/1.1, HTTP/2, TLS and the connection itself have none, so theirs are private ones in the same style.
 */
export interface TraceEvent {
  /** Milliseconds since `Recording.startedAt`, never running backwards. */
  readonly time: number;
  /** `http2:frame_parsed`; what stands before the colon is the schema. */
  readonly name: EventName;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EventName =
  | 'conn:started'
  | 'conn:request'
  | 'conn:idle'
  | 'conn:closed'
  | 'tls:handshake_done'
  | 'http1:message_parsed'
  | 'http1:message_created'
  | 'http2:frame_parsed'
  | 'http2:frame_created'
  | 'http2:parameters_set'
  | 'http3:frame_parsed'
  | 'http3:frame_created'
  | 'http3:parameters_set'
  | 'simulation:scenario'
  | 'simulation:marker';

/** The events of one connection that were kept. */
export interface ConnectionEvents {
  /** The id that also stands in Server-Timing and JSON. */
  readonly connectionId: string;
  /** Whose eyes these are. */
  readonly vantagePoint: 'server' | 'client';
  /** Wall clock of time 0, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly events: readonly TraceEvent[];
  /** Older events that made room. */
  readonly dropped: number;
}

/** Where private schemas are named; qlog asks for a URI of one's own. */
export const SCHEMAS: Readonly<Record<string, string>> = {
  conn: 'urn:interleave:qlog:conn-1',
  tls: 'urn:interleave:qlog:tls-1',
  http1: 'urn:interleave:qlog:http1-1',
  http2: 'urn:interleave:qlog:http2-1',
  http3: 'urn:ietf:params:qlog:events:http3-12',
  simulation: 'urn:interleave:qlog:simulation-1',
};

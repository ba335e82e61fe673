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

/**
 * Names beyond those of the drafts: `dynamic_table_updated` (HPACK, QPACK), `stream_state_updated` (RFC 9113 §5.1),
 * `message_state_updated` (RFC 9112 §2.1, RFC 9114 §4.1) and `flow_control_updated` (RFC 9113 §5.2) follow the frame that caused
 * them, and name its number as `frame`. `conn:left_out`: the frames of a watcher's own stream are not among the events.
 */
export type EventName =
  | 'conn:started'
  | 'conn:request'
  | 'conn:exchange_ended'
  | 'conn:idle'
  | 'conn:left_out'
  | 'conn:closed'
  | 'tls:handshake_done'
  | 'http1:message_parsed'
  | 'http1:message_created'
  | 'http1:message_state_updated'
  | 'http1:keepalive_decision'
  | 'http2:frame_parsed'
  | 'http2:frame_created'
  | 'http2:parameters_set'
  | 'http2:stream_state_updated'
  | 'http2:flow_control_updated'
  | 'http2:dynamic_table_updated'
  | 'http3:frame_parsed'
  | 'http3:frame_created'
  | 'http3:parameters_set'
  | 'http3:stream_type_set'
  | 'http3:message_state_updated'
  | 'http3:qpack_instructions_parsed'
  | 'http3:qpack_instructions_created'
  | 'http3:dynamic_table_updated'
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

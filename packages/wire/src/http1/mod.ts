/**
 * HTTP/1.1 as a state machine without I/O (RFC 9112), server and client, HTTP/1.0 peers included.
 *
 * ```ts
 * const connection = new Http1Connection({ role: 'server' });
 * for (const event of connection.receive(bytes, now)) {
 *   if (event.type === 'request') connection.sendResponse(event.streamId, { status: 204 }, { endStream: true });
 * }
 * write(connection.takeOutput());
 * ```
 *
 * @module
 */
export { type Framing, isBodiless } from './body_framing.ts';
export { CHUNK_LINE_STATES, type ChunkLineState } from './chunk_line.ts';
export { Http1Connection, type Http1Options } from './connection.ts';
export { FAULT, INCOMPLETE } from './head_scan.ts';
export { HeadParser } from './message_head.ts';
export { reasonPhrase } from './reason_phrases.ts';
export {
  CONNECTION_STATES,
  type ConnectionInput,
  type ConnectionState,
  type MessageInput,
  type MessageState,
  REQUEST_STATES,
  RESPONSE_STATES,
  type Table,
} from './state.ts';

/**
 * HTTP/1.1, HTTP/2 and HTTP/3 as state machines without I/O: bytes in, events and bytes out, no clock, no dependencies. The
 * same code runs in Node, Deno, Workers and browsers.
 *
 * Every connection is a `ProtocolConnection`: `receive` what the transport has read, act on the events, write what
 * `takeOutput` returns, and call `handleTimeout` when `nextDeadline` has come.
 *
 * @module
 */
export type { ProtocolConnection, Role } from './connection.ts';
export { LocalProtocolError } from './errors.ts';
export type { Event } from './events.ts';
export type { FieldLine, FieldSection } from './fields/field.ts';
export type { HttpVersion, RequestHead, RequestInit, ResponseHead, ResponseInit } from './head.ts';
export { Http1Connection, type Http1Options } from './http1/connection.ts';
export { reasonPhrase } from './http1/reason_phrases.ts';
export { Http2Connection, type Http2Options } from './http2/connection.ts';
export { Http3Connection, type Http3Options, type StreamAction, type StreamOutput } from './http3/connection.ts';
export { TokenBucket } from './limits/token_bucket.ts';
export { DEFAULT_LIMITS, type Limits, withLimits } from './limits.ts';
export type { Observer, WireUnit } from './observer.ts';
export { DEFAULT_PRIORITY, type Priority } from './priority/priority.ts';

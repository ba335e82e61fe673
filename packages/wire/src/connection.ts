import type { Event } from './events.ts';
import type { FieldSection } from './fields/field.ts';
import type { RequestInit, ResponseInit } from './head.ts';

/** Which end of the connection this is. */
export type Role = 'client' | 'server';

/**
 * One connection as a state machine without I/O: bytes in, events and bytes out.
 *
 * The peer can never make a method throw: its faults end the list of events with a `connection-error`, after every event
 * that was parsed before it. Only our own misuse throws, as `LocalProtocolError`. Times are milliseconds of one
 * monotonic clock that the caller owns.
 */
export interface ProtocolConnection {
  readonly role: Role;
  readonly protocol: 'http/1.1' | 'h2' | 'h3';

  /** Takes what the transport has read. The bytes are kept by reference: do not write into them afterwards. */
  receive(bytes: Uint8Array, now: number): Event[];
  /** Takes the end of the peer's bytes. */
  receiveEnd(now: number): Event[];
  /**
   * False while the transport should stop reading: too much is unread, or too much is queued for a peer that does not
   * read. Bytes that are passed in all the same are kept. Ask again after `consume`, `takeOutput` and the send methods.
   */
  readonly wantsRead: boolean;
  /** Events that became possible without new bytes: a pipelined request that had to wait, room to write. */
  poll(now: number): Event[];

  /** Client: requests that could be sent now; while it is 0, `sendRequest` throws. 0 on a server. */
  readonly openable: number;
  /** Client only: opens an exchange and returns its stream id. */
  sendRequest(head: RequestInit, options?: { endStream?: boolean }): number;
  /** Server only: an interim (1xx) response, or the final one. */
  sendResponse(streamId: number, head: ResponseInit, options?: { endStream?: boolean }): void;
  /** Returns how many bytes were taken; offer the rest after `writable`. `endStream` counts only when all were taken. */
  sendData(streamId: number, data: Uint8Array, options?: { endStream?: boolean }): number;
  /** Ends the message with trailers. */
  sendTrailers(streamId: number, fields: FieldSection): void;
  /** Bytes that `sendData` would take now. */
  capacity(streamId: number): number;
  /** Gives an exchange up. */
  reset(streamId: number, code: number): void;
  /** The application has used (or dropped) this many flow-controlled bytes of the stream. */
  consume(streamId: number, bytes: number): void;
  /** Server, where it bounds work on streams that are gone (HTTP/2): the application has stopped working on this request. */
  release?(streamId: number): void;

  /** What is to be written, as views to be gathered in order; at most about `max` bytes. They are handed over once. */
  takeOutput(max?: number): Uint8Array[];
  /** Bytes waiting in `takeOutput`. */
  readonly pendingOutput: number;
  /** True when, once the output is written, the transport is to end its side (and, for an error, the connection). */
  readonly wantsClose: boolean;

  /** When `handleTimeout` is to be called, or null. */
  nextDeadline(): number | null;
  handleTimeout(now: number): Event[];
  /** No new exchanges: GOAWAY, or `Connection: close`; those under way finish, then `wantsClose`. */
  shutdown(now: number): void;
}

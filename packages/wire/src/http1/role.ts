import type { FieldSection } from '../fields/field.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import type { MessageReader, MessageSink } from './message_reader.ts';

/** What a server and a client do differently on the same kind of connection. */
export interface Role extends MessageSink {
  /** Given right after the role was made: reader and role need each other. */
  reader: MessageReader;
  /** An exchange is under way. */
  readonly busy: boolean;
  /** False while reading should rest. */
  readonly wantsRead: boolean;
  /** True when nothing will be sent after what is queued. */
  readonly finished: boolean;
  /** A silent peer in the middle of a message is given up. */
  readonly timesContent: boolean;
  /** A connection with nothing under way is closed after a while. */
  readonly timesIdle: boolean;
  /** Requests that could be sent now. */
  readonly openable: number;
  sendRequest(head: RequestInit, endStream: boolean): number;
  sendResponse(streamId: number, head: ResponseInit, endStream: boolean): void;
  sendData(streamId: number, data: Uint8Array, endStream: boolean): number;
  sendTrailers(streamId: number, fields: FieldSection): void;
  capacity(streamId: number): number;
  reset(streamId: number): void;
  consume(streamId: number, bytes: number): void;
  /** Says who may write again. */
  wake(): void;
  shutdown(): void;
  /** Nothing can be written any more, or nothing has been under way for too long. */
  abandon(): void;
}

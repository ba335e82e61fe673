import type { Event } from '../events.ts';
import type { FieldSection } from '../fields/field.ts';
import { Http3Connection, type Http3Options } from '../http3/connection.ts';
import { frameHead, H3FrameType, H3StreamType } from '../http3/frame.ts';
import { QpackEncoder } from '../qpack/encoder.ts';

/** A GET as a browser sends it. */
export const GET: FieldSection = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.test'],
  [':path', '/'],
];

/** Bytes one after the other. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A frame of any type. */
export function frame(type: number, payload: Uint8Array | readonly number[] = []): Uint8Array {
  return concat(frameHead(type, payload.length), payload);
}

/** A HEADERS frame that uses the static table only. */
export function headers(fields: FieldSection): Uint8Array {
  return frame(H3FrameType.HEADERS, new QpackEncoder().encode(0, fields));
}

/** A DATA frame of so many bytes. */
export function data(length: number): Uint8Array {
  return frame(H3FrameType.DATA, new Uint8Array(length).fill(0x2e));
}

/** The start of a control stream, with an empty SETTINGS frame unless others are given. */
export function control(settings: readonly number[] = []): Uint8Array {
  return concat([H3StreamType.CONTROL], frame(H3FrameType.SETTINGS, settings));
}

/** One end of a connection whose peer is the test, which writes raw bytes to any stream. */
export class Http3Tester {
  readonly connection: Http3Connection;
  readonly events: Event[] = [];

  constructor(options: Http3Options) {
    this.connection = new Http3Connection(options);
  }

  /** Ids of the peer's unidirectional streams: `uni(0)` is its first. */
  uni(nth: number): number {
    return 4 * nth + (this.connection.role === 'server' ? 2 : 3);
  }

  send(streamId: number, bytes: Uint8Array | readonly number[], fin = false): this {
    this.events.push(...this.connection.receiveStream(streamId, Uint8Array.from(bytes), fin, 0));
    return this;
  }

  /** Byte by byte. */
  drip(streamId: number, bytes: Uint8Array, fin = false): this {
    for (const byte of bytes) this.send(streamId, [byte]);
    return fin ? this.send(streamId, [], true) : this;
  }

  /** The code that the connection failed with, or null. */
  get failedWith(): number | null {
    const event = this.events.find((one) => one.type === 'connection-error');
    return event?.type === 'connection-error' ? event.code : null;
  }
}

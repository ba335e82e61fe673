import type {
  Event,
  FieldSection,
  Limits,
  ProtocolConnection,
  RequestHead,
  RequestInit,
  ResponseInit,
  Role,
} from '@interleave/wire';
import { Http3Connection, type Http3Options } from '@interleave/wire/http3';

const EARLY: readonly [string, string] = ['early-data', '1'];

/**
 * `Http3Connection` in the shape that sessions know. Bytes come by stream, so `receive` takes none: it gives what the streams
 * have brought since it was last asked. Time and the connection's own flow control are QUIC's.
 */
export class Http3Protocol implements ProtocolConnection {
  readonly protocol = 'h3';
  readonly role: Role;
  readonly h3: Http3Connection;
  readonly #openable: () => number;
  #inbox: Event[] = [];
  #leaving = false;

  constructor(options: Http3Options, openable: () => number) {
    this.role = options.role;
    this.h3 = new Http3Connection(options);
    this.#openable = openable;
  }

  get limits(): Limits {
    return this.h3.limits;
  }

  /** Either end wants no more requests here. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Keeps events for `receive`. Requests that came as early data say so (RFC 8470 §5.1). */
  bring(events: readonly Event[], early: boolean): void {
    for (const event of events) {
      if (event.type === 'goaway') this.#leaving = true;
      this.#inbox.push(early && event.type === 'request' ? { ...event, head: withEarlyData(event.head) } : event);
    }
  }

  receive(): Event[] {
    const events = this.#inbox;
    if (events.length > 0) this.#inbox = [];
    return events;
  }

  receiveEnd(now: number): Event[] {
    this.bring(this.h3.receiveClose(now), false);
    return this.receive();
  }

  /** Each stream is held back on its own: `h3.wantsRead`. */
  get wantsRead(): boolean {
    return true;
  }

  poll(now: number): Event[] {
    return this.h3.poll(now);
  }

  get openable(): number {
    return this.role === 'server' || this.#leaving || this.h3.closing !== null ? 0 : this.#openable();
  }

  sendRequest(head: RequestInit, options?: { endStream?: boolean }): number {
    return this.h3.sendRequest(head, options);
  }

  sendResponse(streamId: number, head: ResponseInit, options?: { endStream?: boolean }): void {
    this.h3.sendResponse(streamId, head, options);
  }

  sendData(streamId: number, data: Uint8Array, options?: { endStream?: boolean }): number {
    return this.h3.sendData(streamId, data, options);
  }

  sendTrailers(streamId: number, fields: FieldSection): void {
    this.h3.sendTrailers(streamId, fields);
  }

  capacity(streamId: number): number {
    return this.h3.capacity(streamId);
  }

  reset(streamId: number, code: number): void {
    this.h3.reset(streamId, code);
  }

  consume(streamId: number, bytes: number): void {
    this.h3.consume(streamId, bytes);
  }

  /** Output leaves by stream: `h3.pendingStreams`. */
  takeOutput(): Uint8Array[] {
    return [];
  }

  get pendingOutput(): number {
    return 0;
  }

  get wantsClose(): boolean {
    return this.h3.closing !== null;
  }

  nextDeadline(): number | null {
    return null;
  }

  handleTimeout(): Event[] {
    return [];
  }

  /** A server's connection ends in steps, which its host takes: see `Farewell`. */
  shutdown(now: number): void {
    this.#leaving = true;
    if (this.role === 'client') this.h3.shutdown(now);
  }
}

function withEarlyData(head: RequestHead): RequestHead {
  if (head.fields.some(([name]) => name === EARLY[0])) return head;
  return { ...head, fields: [...head.fields, EARLY] };
}

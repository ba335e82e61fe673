import { readVarint, varintSize } from '../bytes/varint.ts';
import type { Role } from '../connection.ts';
import type { RemoteFault } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3StreamType } from './frame.ts';

/** Where the bytes of the peer's unidirectional streams go. */
export interface PeerStreamHandler {
  control(bytes: Uint8Array): RemoteFault | null;
  /** The control stream is there: its id, and the bytes that its type took. */
  controlOpened(streamId: number, typeBytes: number): void;
  qpackEncoder(bytes: Uint8Array): RemoteFault | null;
  qpackDecoder(bytes: Uint8Array): RemoteFault | null;
  /** A stream of a type that means nothing to us: ask the peer to stop (RFC 9114 §6.2). */
  ignore(streamId: number): void;
}

interface PeerStream {
  readonly head: number[];
  type: number;
}

const CRITICAL: ReadonlySet<number> = new Set([
  H3StreamType.CONTROL,
  H3StreamType.QPACK_ENCODER,
  H3StreamType.QPACK_DECODER,
]);
const NAMES = ['control stream', 'push stream', 'QPACK encoder stream', 'QPACK decoder stream'];

/** The unidirectional streams that the peer has opened (RFC 9114 §6.2). */
export class PeerStreams {
  readonly #role: Role;
  readonly #limits: Limits;
  readonly #handler: PeerStreamHandler;
  readonly #streams = new Map<number, PeerStream>();
  readonly #opened = new Set<number>();
  #ignored = 0;

  constructor(role: Role, limits: Limits, handler: PeerStreamHandler) {
    this.#role = role;
    this.#limits = limits;
    this.#handler = handler;
  }

  receive(id: number, bytes: Uint8Array, fin: boolean): RemoteFault | null {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      stream = { head: [], type: -1 };
      this.#streams.set(id, stream);
    }
    let at = 0;
    if (stream.type < 0) {
      while (at < bytes.length && !whole(stream.head)) stream.head.push(bytes[at++] as number);
      if (!whole(stream.head)) return fin ? this.#ended(id, stream) : null;
      stream.type = readVarint(Uint8Array.from(stream.head), 0);
      const fault = this.#open(id, stream.type);
      if (fault !== null) return fault;
    }
    const rest = at === 0 ? bytes : bytes.subarray(at);
    const fault = rest.length > 0 ? this.#deliver(stream.type, rest) : null;
    return fault ?? (fin ? this.#ended(id, stream) : null);
  }

  reset(id: number): RemoteFault | null {
    const stream = this.#streams.get(id);
    return stream === undefined ? null : this.#ended(id, stream);
  }

  #open(id: number, type: number): RemoteFault | null {
    if (CRITICAL.has(type)) {
      if (this.#opened.has(type)) {
        return h3Fault(
          H3ErrorCode.H3_STREAM_CREATION_ERROR,
          `A second ${NAMES[type]} (RFC 9114 §6.2.1, RFC 9204 §4.2)`,
        );
      }
      this.#opened.add(type);
      if (type === H3StreamType.CONTROL) this.#handler.controlOpened(id, this.#streams.get(id)?.head.length ?? 1);
      return null;
    }
    if (type === H3StreamType.PUSH) {
      return this.#role === 'server'
        ? h3Fault(H3ErrorCode.H3_STREAM_CREATION_ERROR, 'A client opened a push stream (RFC 9114 §6.2.2)')
        : h3Fault(H3ErrorCode.H3_ID_ERROR, 'A push stream, and no push was allowed (RFC 9114 §4.6)');
    }
    if (++this.#ignored > this.#limits.maxUnknownStreams) {
      const reason = `limit maxUnknownStreams: more than ${this.#limits.maxUnknownStreams} streams of unknown types are open`;
      return h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'maxUnknownStreams');
    }
    this.#handler.ignore(id);
    return null;
  }

  #deliver(type: number, bytes: Uint8Array): RemoteFault | null {
    if (type === H3StreamType.CONTROL) return this.#handler.control(bytes);
    if (type === H3StreamType.QPACK_ENCODER) return this.#handler.qpackEncoder(bytes);
    if (type === H3StreamType.QPACK_DECODER) return this.#handler.qpackDecoder(bytes);
    return null;
  }

  #ended(id: number, stream: PeerStream): RemoteFault | null {
    this.#streams.delete(id);
    if (CRITICAL.has(stream.type)) {
      const reason = `The ${NAMES[stream.type]} ended, and it has to last (RFC 9114 §6.2.1, RFC 9204 §4.2)`;
      return h3Fault(H3ErrorCode.H3_CLOSED_CRITICAL_STREAM, reason);
    }
    if (stream.type >= 0) this.#ignored--;
    return null;
  }
}

function whole(head: readonly number[]): boolean {
  return head.length > 0 && head.length >= varintSize(head[0] as number);
}

/** The server's half of a WebSocket (RFC 6455) towards a peer that nobody trusts: text messages within bounds, ping, close. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { TokenBucket } from '@interleave/wire';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** The longest head of a frame from a client: two bytes, eight of length, four of mask. */
const MOST_HEAD = 14;

/** Codes of RFC 6455 §7.4.1. */
export const CloseCode = {
  NORMAL: 1000,
  PROTOCOL: 1002,
  UNSUPPORTED: 1003,
  NOT_TEXT: 1007,
  POLICY: 1008,
  TOO_BIG: 1009,
} as const;

export interface WebSocketBounds {
  /** Bytes of one message, all of its frames together. */
  readonly messageBytes: number;
  /** Frames in a burst, pings included, and how many a second after that. */
  readonly messageBurst: number;
  readonly messagesPerSecond: number;
}

export interface WebSocketEvents {
  message(text: string): void;
  /** What was sent has left: there is room again. */
  room(): void;
  /** Over, in either way. Called once. */
  ended(): void;
}

/** Sec-WebSocket-Accept for a client's key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

export class ServerWebSocket {
  readonly #stream: Duplex;
  readonly #bounds: WebSocketBounds;
  readonly #events: WebSocketEvents;
  readonly #bucket: TokenBucket;
  /** At most one frame and what came with it in one read. */
  #kept: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #partBytes = 0;
  #isOpen = true;

  constructor(stream: Duplex, bounds: WebSocketBounds, events: WebSocketEvents) {
    this.#stream = stream;
    this.#bounds = bounds;
    this.#events = events;
    this.#bucket = new TokenBucket(bounds.messageBurst, bounds.messagesPerSecond);
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('drain', () => events.room());
    stream.on('end', () => this.#over());
    stream.on('error', () => this.#over());
    stream.on('close', () => this.#over());
  }

  /** Begins to read, once everything is there that events are for. `rest`: what had come behind the request. */
  start(rest: Uint8Array): void {
    if (rest.length > 0) this.#receive(Buffer.from(rest));
    // A socket that has left HTTP comes paused.
    this.#stream.resume();
  }

  /** Sends a text message; false when what was sent has to leave first. */
  send(text: string): boolean {
    return this.#isOpen && this.#write(TEXT, Buffer.from(text, 'utf8'));
  }

  /** Says why (at most 123 bytes, RFC 6455 §5.5), and ends. */
  close(code: number, why: string): void {
    if (!this.#isOpen) return;
    const reason = Buffer.from(why, 'utf8').subarray(0, 123);
    const payload = Buffer.alloc(2 + reason.length);
    payload.writeUInt16BE(code, 0);
    reason.copy(payload, 2);
    this.#write(CLOSE, payload);
    this.#over();
    this.#stream.end();
    // A peer that does not end its side is not waited for.
    setTimeout(() => this.#stream.destroy(), 2_000).unref();
  }

  #receive(chunk: Buffer): void {
    if (!this.#isOpen) return;
    this.#kept = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    while (this.#isOpen && this.#frame()) {
      // Until there is no whole frame.
    }
  }

  /** Takes one frame; false when it is not whole yet. */
  #frame(): boolean {
    const kept = this.#kept;
    if (kept.length < 2) return false;
    const first = kept.readUInt8(0);
    const second = kept.readUInt8(1);
    const short = second & 0x7f;
    if ((first & 0x70) !== 0)
      return this.#refuse(CloseCode.PROTOCOL, 'reserved bits are set, and no extension was agreed on (§5.2)');
    if ((second & 0x80) === 0) return this.#refuse(CloseCode.PROTOCOL, 'a frame of a client is masked (§5.1)');
    const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (kept.length < lengthEnd) return false;
    const length = short === 126 ? kept.readUInt16BE(2) : short === 127 ? Number(kept.readBigUInt64BE(2)) : short;
    const { messageBytes } = this.#bounds;
    if (length + this.#partBytes > messageBytes)
      return this.#refuse(CloseCode.TOO_BIG, `limit messageBytes: a message has at most ${messageBytes} bytes`);
    const start = lengthEnd + 4;
    if (kept.length < start + length) return kept.length > messageBytes + MOST_HEAD;
    const { messageBurst, messagesPerSecond } = this.#bounds;
    if (!this.#bucket.take(performance.now()))
      return this.#refuse(
        CloseCode.POLICY,
        `limit messageBurst: ${messageBurst} messages at once, then ${messagesPerSecond} a second`,
      );
    const mask = kept.subarray(lengthEnd, start);
    const payload = Buffer.from(kept.subarray(start, start + length));
    for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at & 3] ?? 0);
    this.#kept = kept.subarray(start + length);
    this.#act(first & 0x0f, (first & 0x80) !== 0, payload);
    return true;
  }

  #act(opcode: number, isLast: boolean, payload: Buffer): void {
    if (opcode >= CLOSE && (!isLast || payload.length > 125)) {
      this.#refuse(CloseCode.PROTOCOL, 'a control frame is whole, and has at most 125 bytes (§5.5)');
    } else if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) this.close(CloseCode.NORMAL, '');
    else if (opcode === BINARY) this.#refuse(CloseCode.UNSUPPORTED, 'messages here are text: JSON');
    else if (opcode === TEXT || opcode === CONTINUATION) this.#part(opcode, isLast, payload);
    else if (opcode !== PONG) this.#refuse(CloseCode.PROTOCOL, `there is no opcode ${opcode} (§5.2)`);
  }

  #part(opcode: number, isLast: boolean, payload: Buffer): void {
    if ((opcode === TEXT) !== (this.#parts.length === 0)) {
      this.#refuse(CloseCode.PROTOCOL, 'a message begins once, and is continued before another begins (§5.4)');
      return;
    }
    this.#parts.push(payload);
    this.#partBytes += payload.length;
    if (!isLast) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(whole);
    } catch {
      this.#refuse(CloseCode.NOT_TEXT, 'the text is not UTF-8 (§8.1)');
      return;
    }
    this.#events.message(text);
  }

  #refuse(code: number, why: string): false {
    this.close(code, why);
    return false;
  }

  #write(opcode: number, payload: Buffer): boolean {
    if (!this.#stream.writable) return false;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    head.writeUInt8(0x80 | opcode, 0);
    head.writeUInt8(length < 126 ? length : length < 65_536 ? 126 : 127, 1);
    if (head.length === 4) head.writeUInt16BE(length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    return this.#stream.write(Buffer.concat([head, payload]));
  }

  #over(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#kept = Buffer.alloc(0);
    this.#parts = [];
    this.#events.ended();
    this.#stream.resume();
  }
}

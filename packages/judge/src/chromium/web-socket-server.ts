/** The server’s half of a WebSocket (RFC 6455), as little of it as carries bytes: binary messages, ping, close. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export type WebSocketEvents = {
  bytes(bytes: Uint8Array): void;
  /** Both directions are over. Called once. */
  ended(): void;
};

export class ServerWebSocket {
  readonly #socket: Duplex;
  readonly #events: WebSocketEvents;
  #kept: Buffer = Buffer.alloc(0);
  #isOver = false;

  /** Answers the upgrade. `head`: what had come behind the request. */
  constructor(request: IncomingMessage, socket: Duplex, head: Buffer, events: WebSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => this.#over());
    socket.on('close', () => this.#over());
    if (head.length > 0) this.#take(head);
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOver) this.#write(BINARY, bytes);
  }

  /** A close frame, and the end. */
  close(): void {
    if (this.#isOver) return;
    this.#write(CLOSE, new Uint8Array(0));
    this.#socket.end();
    this.#over();
  }

  #take(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]);
    for (let frame = this.#frame(); frame !== null && !this.#isOver; frame = this.#frame()) {
      // A continuation (0) goes on with bytes: where a message ends does not matter to a stream.
      if (frame.opcode === BINARY || frame.opcode === 0) this.#events.bytes(frame.payload);
      else if (frame.opcode === PING) this.#write(PONG, frame.payload);
      else if (frame.opcode === CLOSE) this.close();
    }
  }

  /** One whole frame, unmasked; null where there is none yet. */
  #frame(): { opcode: number; payload: Uint8Array } | null {
    const kept = this.#kept;
    if (kept.length < 2) return null;
    const short = kept.readUInt8(1) & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (kept.length < start + 4) return null;
    const length = short === 126 ? kept.readUInt16BE(2) : short === 127 ? Number(kept.readBigUInt64BE(2)) : short;
    const end = start + 4 + length;
    if (kept.length < end) return null;
    const mask = kept.subarray(start, start + 4);
    // What a client sends is always masked (§5.3).
    const payload = Uint8Array.from(kept.subarray(start + 4, end), (byte, i) => byte ^ (mask[i % 4] ?? 0));
    this.#kept = kept.subarray(end);
    return { opcode: kept.readUInt8(0) & 0x0f, payload };
  }

  #write(opcode: number, payload: Uint8Array): void {
    if (!this.#socket.writable) return;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    head.writeUInt8(0x80 | opcode, 0);
    head.writeUInt8(length < 126 ? length : length < 65_536 ? 126 : 127, 1);
    if (head.length === 4) head.writeUInt16BE(length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.ended();
  }
}

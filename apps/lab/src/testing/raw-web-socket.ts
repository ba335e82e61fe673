import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const OPCODES = { text: 1, binary: 2 } as const;

/**
 * A WebSocket client on a bare socket (RFC 6455), for what no library lets one do: to stop reading, and to go on sending after
 * having been told to stop. Messages of the server are not kept; its close is.
 */
export class RawWebSocket {
  readonly socket: Socket;
  /** What the server said when it closed; null when the connection ended without a close frame. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string } | null>;
  #buffer: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('data', (chunk) => {
        this.#buffer = Buffer.concat([this.#buffer, chunk]);
        const close = this.#frames();
        if (close !== null) resolve(close);
      });
      socket.on('close', () => resolve(null));
      socket.on('error', () => {});
    });
  }

  /** Opens one at `path`. @throws with the status line when the server does not switch protocols. */
  static async open(port: number, path: string): Promise<RawWebSocket> {
    const socket = connect({ host: '127.0.0.1', port });
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    const head = await new Promise<Buffer>((resolve, reject) => {
      let read: Buffer = Buffer.alloc(0);
      const take = (chunk: Buffer): void => {
        read = Buffer.concat([read, chunk]);
        if (!read.includes('\r\n\r\n')) return;
        socket.off('data', take);
        socket.pause();
        resolve(read);
      };
      socket.on('data', take);
      socket.once('error', reject);
    });
    const line = head.toString('latin1').split('\r\n', 1)[0] ?? '';
    if (!line.startsWith('HTTP/1.1 101')) throw new Error(line);
    const opened = new RawWebSocket(socket);
    socket.unshift(head.subarray(head.indexOf('\r\n\r\n') + 4));
    socket.resume();
    return opened;
  }

  /** Sends one message; true when the system still takes more. */
  send(content: string | Uint8Array): boolean {
    const payload = Buffer.from(content as Uint8Array);
    const opcode = OPCODES[typeof content === 'string' ? 'text' : 'binary'];
    const head = [0x80 | opcode];
    if (payload.length < 126) head.push(0x80 | payload.length);
    else if (payload.length < 65_536) head.push(0x80 | 126, payload.length >> 8, payload.length & 0xff);
    else head.push(0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (payload.length >> shift) & 0xff));
    // A mask of zeros is a mask, and leaves the bytes as they are (§5.3).
    return this.socket.write(Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]));
  }

  /** Takes whole frames off the buffer; the close frame when one is among them. */
  #frames(): { code: number; reason: string } | null {
    for (;;) {
      const [first = 0, second = 0] = this.#buffer;
      const short = second & 0x7f;
      const at = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (this.#buffer.length < at) return null;
      const length =
        short === 127 ? Number(this.#buffer.readBigUInt64BE(2)) : short === 126 ? this.#buffer.readUInt16BE(2) : short;
      if (this.#buffer.length < at + length) return null;
      const payload = this.#buffer.subarray(at, at + length);
      this.#buffer = this.#buffer.subarray(at + length);
      if ((first & 0x0f) === 8) {
        return { code: length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
      }
    }
  }
}

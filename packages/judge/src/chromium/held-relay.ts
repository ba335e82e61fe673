/**
 * Stands between Chromium and a server on cleartext TCP: ends TLS where it is asked to, passes bytes on both ways, and can hold
 * back what the server sends from one byte on. It counts the plain bytes of each connection, so a range of them is a place.
 */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Bytes `from` to `to` of what the server has sent on a connection: an HTTP/2 frame with its nine bytes, or a whole reply. */
export type Stretch = { readonly from: number; readonly to: number; readonly streamId: number; readonly last: boolean };

const FRAME_HEAD = 9;
const TYPE = { data: 0, headers: 1 };
const END_STREAM = 1;

export class RelayConnection {
  /** Everything that the server has sent, passed on or not. */
  readonly #parts: Buffer[] = [];
  #received = 0;
  #passed = 0;
  #limit = Number.POSITIVE_INFINITY;
  #asked = '';
  readonly #browser: Socket;
  readonly #onBytes: () => void;

  constructor(browser: Socket, server: Socket, onBytes: () => void) {
    this.#browser = browser;
    this.#onBytes = onBytes;
    browser.on('data', (chunk: Buffer) => {
      this.#asked += chunk.toString('latin1');
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      this.#parts.push(chunk);
      this.#received += chunk.length;
      this.#passOn();
      this.#onBytes();
    });
    const over = (): void => {
      browser.destroy();
      server.destroy();
    };
    for (const socket of [browser, server]) socket.on('error', over).on('close', over);
  }

  get received(): number {
    return this.#received;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Targets of the requests on it, in order; HTTP/1.1 only. */
  get targets(): readonly string[] {
    return [...this.#asked.matchAll(/^GET (\S+) HTTP\/1\.1\r$/gm)].map((found) => found[1] ?? '');
  }

  /** Nothing from this byte on leaves before `release`; what was passed on before it cannot be called back. */
  holdFrom(offset: number): void {
    this.#limit = offset;
    this.#passOn();
  }

  release(): void {
    this.holdFrom(Number.POSITIVE_INFINITY);
  }

  /** The frames that have come whole, in order. */
  frames(): (Stretch & { readonly type: number })[] {
    const { bytes } = this;
    const frames: (Stretch & { type: number })[] = [];
    for (let at = 0; at + FRAME_HEAD <= bytes.length; ) {
      const to = at + FRAME_HEAD + bytes.readUIntBE(at, 3);
      if (to > bytes.length) break;
      const type = bytes.readUInt8(at + 3);
      const mayEnd = type === TYPE.data || type === TYPE.headers;
      const last = mayEnd && (bytes.readUInt8(at + 4) & END_STREAM) !== 0;
      frames.push({ from: at, to, streamId: bytes.readUInt32BE(at + 5) & 0x7fffffff, last, type });
      at = to;
    }
    return frames;
  }

  #passOn(): void {
    const to = Math.min(this.#received, this.#limit);
    if (to <= this.#passed) return;
    this.#browser.write(this.bytes.subarray(this.#passed, to));
    this.#passed = to;
  }
}

export class HeldRelay {
  readonly connections: RelayConnection[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();

  /** `port`: of the server. `tls`: what Chromium is shown, and then HTTP/2 is what it is told to speak; null for cleartext. */
  constructor(port: number, tls: Certificate | null) {
    const accept = (browser: Socket): void => {
      const server = dial({ port, host: '127.0.0.1', noDelay: true });
      for (const socket of [browser, server]) this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)));
      this.connections.push(new RelayConnection(browser, server, () => this.#changed()));
    };
    this.#server =
      tls === null
        ? createServer({ noDelay: true }, accept)
        : createTlsServer({ cert: tls.cert, key: tls.key, ALPNProtocols: ['h2'], noDelay: true }, accept);
  }

  /** Listens on a free port of the loopback address, and resolves with it. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('The relay has no port'));
        else resolve(address.port);
      });
    });
  }

  /** Resolves as soon as this holds; looks each time something has come from the server. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

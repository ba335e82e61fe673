import { connect, type Socket } from 'node:net';

/** A client that writes and reads bare text: one character per byte, so that a test shows what is on the wire. */
export class RawClient {
  readonly socket: Socket;
  /** Everything received and not yet taken. */
  received = '';
  ended = false;
  closed = false;
  error: Error | null = null;
  #changed: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#notify();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#notify();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closed = true;
      this.#notify();
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until something holds of what was received, or the connection is over. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.closed) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Takes one response whose length is known from Content-Length or chunks, or everything up to the end. */
  async response(options: { readonly head?: boolean } = {}): Promise<RawResponse> {
    await this.until(() => this.received.includes('\r\n\r\n'));
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) throw new Error(`No response came; received ${JSON.stringify(this.received)}`);
    const [statusLine = '', ...lines] = this.received.slice(0, headEnd).split('\r\n');
    const fields = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    const status = Number(statusLine.split(' ')[1]);
    this.received = this.received.slice(headEnd + 4);
    const bodiless = options.head === true || status < 200 || status === 204 || status === 304;
    const body = bodiless ? '' : await this.#body(fields);
    return { status, fields, body };
  }

  async #body(fields: ReadonlyMap<string, string>): Promise<string> {
    const length = fields.get('content-length');
    if (length !== undefined) return this.#take(Number(length));
    if (fields.get('transfer-encoding') !== 'chunked') {
      await this.until(() => this.ended);
      return this.#take(this.received.length);
    }
    let body = '';
    for (;;) {
      await this.until(() => this.received.includes('\r\n'));
      const lineEnd = this.received.indexOf('\r\n');
      if (lineEnd < 0) throw new Error('The chunked content broke off.');
      const size = Number.parseInt(await this.#take(lineEnd + 2), 16);
      const chunk = await this.#take(size + 2);
      if (size === 0) return body;
      body += chunk.slice(0, -2);
    }
  }

  async #take(length: number): Promise<string> {
    await this.until(() => this.received.length >= length);
    if (this.received.length < length)
      throw new Error(`The content broke off ${length - this.received.length} bytes early.`);
    const text = this.received.slice(0, length);
    this.received = this.received.slice(length);
    return text;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.until(() => false);
  }

  #notify(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}

export interface RawResponse {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A GET for `target`, with further field lines. */
export function get(target: string, ...lines: string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');
}

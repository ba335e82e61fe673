import { connect, type Socket } from 'node:net';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n';

/**
 * A connection that keeps so many requests under way and counts the answers by their bytes: the first one is read for
 * its length, all others are as long (the field values have a fixed length, Date among them).
 */
export class Http1Client {
  answered = 0;
  readonly #socket: Socket;
  readonly #failed: (error: Error) => void;
  #length = 0;
  #rest = 0;
  #head = Buffer.alloc(0);
  #keep: number;
  #first: (() => void) | null = null;

  /** `keep` requests stay under way; 0 sends one request and then leaves the connection idle. */
  constructor(port: number, keep: number, failed: (error: Error) => void) {
    this.#keep = keep;
    this.#failed = failed;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', failed);
    this.#socket.on('close', () => failed(new Error('The server closed a connection that was to stay open.')));
    this.#socket.on('data', (bytes) => this.#receive(bytes));
  }

  /** Sends the first request; resolves when it is answered, and with it the length of an answer known. */
  start(): Promise<void> {
    this.#socket.write(REQUEST, 'latin1');
    return new Promise((resolve) => {
      this.#first = resolve;
    });
  }

  close(): void {
    this.#keep = 0;
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#length === 0) {
      this.#head = Buffer.concat([this.#head, bytes]);
      if (!this.#measure()) return;
      this.answered += 1;
      this.#first?.();
      this.#send(this.#keep);
      return;
    }
    this.#rest += bytes.length;
    const answers = Math.floor(this.#rest / this.#length);
    if (answers === 0) return;
    this.#rest -= answers * this.#length;
    this.answered += answers;
    if (this.#keep > 0) this.#send(answers);
  }

  #measure(): boolean {
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#head.latin1Slice(0, end);
    const content = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200') || content === undefined) {
      this.#failed(new Error(`The server answered with: ${head}`));
      return false;
    }
    const length = end + 4 + Number(content);
    if (this.#head.length < length) return false;
    this.#length = length;
    return true;
  }

  #send(requests: number): void {
    if (requests > 0) this.#socket.write(requests === 1 ? REQUEST : REQUEST.repeat(requests), 'latin1');
  }
}

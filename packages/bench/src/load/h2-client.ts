import { connect, type Socket } from 'node:net';
import {
  ACK,
  clientPreface,
  DATA,
  END_STREAM,
  FrameWalk,
  GOAWAY,
  HEADERS,
  RST_STREAM,
  requestFrame,
  SETTINGS,
  SETTINGS_ACK,
} from './h2-bytes.ts';

/** A connection that keeps so many streams under way and counts those that the server has ended. */
export class Http2Client {
  answered = 0;
  readonly #socket: Socket;
  readonly #walk: FrameWalk;
  readonly #failed: (error: Error) => void;
  #keep: number;
  #nextStream = 1;
  #output: Buffer[] = [];
  #first: (() => void) | null = null;

  /** `keep` requests stay under way; 0 opens streams only when told. */
  constructor(port: number, keep: number, failed: (error: Error) => void) {
    this.#keep = keep;
    this.#failed = failed;
    this.#walk = new FrameWalk({ frame: (type, flags, streamId) => this.#frame(type, flags, streamId) });
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', failed);
    this.#socket.on('close', () => failed(new Error('The server closed a connection that was to stay open.')));
    this.#socket.on('data', (bytes) => {
      this.#walk.push(bytes);
      this.#flush();
    });
    this.#output.push(clientPreface());
  }

  /** Sends the first request; resolves when it is answered. */
  start(): Promise<void> {
    this.open(1, true);
    return new Promise((resolve) => {
      this.#first = resolve;
    });
  }

  /** Opens so many streams now; without `endStream` they stay open for content that never comes. */
  open(streams: number, endStream: boolean): void {
    for (let opened = 0; opened < streams; opened += 1) {
      this.#output.push(requestFrame(this.#nextStream, endStream));
      this.#nextStream += 2;
    }
    this.#flush();
  }

  close(): void {
    this.#keep = 0;
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #frame(type: number, flags: number, streamId: number): void {
    if (type === SETTINGS && !(flags & ACK)) this.#output.push(SETTINGS_ACK);
    if (type === RST_STREAM || type === GOAWAY) {
      this.#failed(new Error(`The server sent frame type ${type} on stream ${streamId} under a proper load.`));
    }
    if ((type === HEADERS || type === DATA) && flags & END_STREAM) {
      this.answered += 1;
      const more = this.#first ? this.#keep : Math.min(1, this.#keep);
      this.#first?.();
      this.#first = null;
      for (let opened = 0; opened < more; opened += 1) {
        this.#output.push(requestFrame(this.#nextStream, true));
        this.#nextStream += 2;
      }
    }
  }

  #flush(): void {
    if (this.#output.length === 0) return;
    this.#socket.write(this.#output.length === 1 ? (this.#output[0] as Buffer) : Buffer.concat(this.#output));
    this.#output = [];
  }
}

import { Duplex } from 'node:stream';
import type { Exchange } from '../exchange.ts';

/** The stream of an HTTP/2 or HTTP/3 exchange that has left HTTP (RFC 8441 §5), as a Node stream. */
export class ExchangeDuplex extends Duplex {
  readonly #exchange: Exchange;
  #written: (() => void) | null = null;

  constructor(exchange: Exchange) {
    super({ allowHalfOpen: true });
    this.#exchange = exchange;
    exchange.onWritable = () => {
      const written = this.#written;
      this.#written = null;
      written?.();
    };
    exchange.onAbort = (reason) => this.destroy(new Error(reason.message));
    exchange.read({
      data: (chunk) => {
        this.push(chunk);
      },
      end: () => {
        this.push(null);
      },
      abort: (reason) => this.destroy(new Error(reason.message)),
    });
  }

  override _read(): void {
    this.#exchange.pull();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#exchange.write(chunk)) done();
    else this.#written = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#exchange.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#exchange.settled) this.#exchange.abort('The tunnel was closed.', this.#exchange.codes.cancel);
    done(error);
  }
}

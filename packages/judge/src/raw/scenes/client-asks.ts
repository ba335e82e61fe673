/** What the client scene knows: connections with the requests read off them, and asks with what came of them. */
import { bytesOf, join } from '../bytes.ts';
import type { Pipe } from '../pipe.ts';
import { type Fault, valuesOf } from '../replies.ts';
import { type ParsedRequest, parseRequest } from '../requests.ts';
import type { World } from '../world.ts';
import { type ClientStep, ORIGIN } from './client-steps.ts';

/** One dialled connection, seen from the server. */
export class Dialled {
  readonly pipe: Pipe;
  readonly origin: string;
  readonly requests: ParsedRequest[] = [];
  /** What can no longer be read as a request. */
  fault: Fault | null = null;
  /** How far the received bytes have been read as requests. */
  at = 0;
  /** What the last request says that makes it the last one, once something stands behind it. */
  passed: string | null = null;

  constructor(pipe: Pipe, origin: string) {
    this.pipe = pipe;
    this.origin = origin;
  }

  /** Reads on as far as whole requests go. */
  readOn(): void {
    while (this.fault === null && this.passed === null && this.at < this.pipe.written) {
      this.passed = endSaidBy(this.requests.at(-1));
      if (this.passed !== null) return;
      const parsed = parseRequest(this.pipe.received, this.at);
      if (parsed.kind === 'more') return;
      if (parsed.kind === 'fault') {
        this.fault = parsed.fault;
        return;
      }
      this.requests.push(parsed.request);
      this.at = parsed.request.to;
    }
  }

  /** Whether the bytes behind the whole requests begin this one. */
  begins(request: string): boolean {
    const line = bytesOf(`${request} `);
    const rest = this.pipe.received.subarray(this.at);
    return rest.length >= line.length && line.every((byte, i) => rest[i] === byte);
  }
}

/** How a request announces that the client sends no other behind it, or null (RFC 9112 §9.3, §9.6). */
function endSaidBy(request: ParsedRequest | undefined): string | null {
  if (request === undefined) return null;
  const words = valuesOf(request.fields, 'connection').join(',').toLowerCase().split(',');
  const says = (word: string): boolean => words.some((one) => one.trim() === word);
  if (says('close')) return 'Connection: close';
  return request.version === 'HTTP/1.0' && !says('keep-alive') ? 'HTTP/1.0' : null;
}

export type Settled =
  | { readonly how: 'answered'; readonly value: unknown }
  | { readonly how: 'rejected'; readonly error: unknown };

/** One request handed to the learner's client. */
export class Ask {
  readonly step: Extract<ClientStep, { do: 'ask' }>;
  settled: Settled | null = null;
  /** What was read of the answer's body so far. */
  readonly parts: Uint8Array[] = [];
  body: 'untouched' | 'open' | 'done' | 'cancelled' | { readonly failed: unknown } = 'untouched';
  /** Something else than bytes came out of the body. */
  foreign: unknown = undefined;
  #reader: ReadableStreamDefaultReader<unknown> | null = null;
  #want = 0;
  #pumping = false;

  constructor(step: Extract<ClientStep, { do: 'ask' }>) {
    this.step = step;
  }

  get origin(): string {
    return this.step.origin ?? ORIGIN;
  }

  get response(): Response | null {
    return this.settled?.how === 'answered' && this.settled.value instanceof Response ? this.settled.value : null;
  }

  get read(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0);
  }

  get bytes(): Uint8Array {
    return join(this.parts);
  }

  get over(): boolean {
    return this.body !== 'untouched' && this.body !== 'open';
  }

  /** Reads until at least `want` bytes are there, and not once more than that. */
  readUntil(want: number, world: World): void {
    if (!this.#open()) return;
    this.#want = Math.max(this.#want, want);
    if (!this.#pumping) void this.#pump(world);
  }

  cancel(world: World): void {
    if (!this.#open()) return;
    this.body = 'cancelled';
    // What becomes of the promise is the learner's affair; a rejection here harms nobody.
    this.#reader?.cancel().then(
      () => world.touch(),
      () => world.touch(),
    );
  }

  #open(): boolean {
    if (this.body === 'open') return true;
    if (this.body !== 'untouched' || this.response === null) return false;
    const stream = this.response.body;
    if (stream === null) {
      this.body = 'done';
      return false;
    }
    try {
      this.#reader = stream.getReader();
      this.body = 'open';
      return true;
    } catch (error) {
      this.body = { failed: error };
      return false;
    }
  }

  async #pump(world: World): Promise<void> {
    this.#pumping = true;
    try {
      while (this.body === 'open' && this.read < this.#want) {
        const next = await this.#reader?.read();
        world.touch();
        if (next === undefined || next.done) {
          if (this.body === 'open') this.body = 'done';
        } else if (next.value instanceof Uint8Array) this.parts.push(next.value.slice());
        else {
          this.foreign = next.value;
          this.body = { failed: new TypeError('not a Uint8Array') };
        }
      }
    } catch (error) {
      if (this.body === 'open') this.body = { failed: error };
      world.touch();
    } finally {
      this.#pumping = false;
    }
  }
}

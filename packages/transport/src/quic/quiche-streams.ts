import type { QuicStreams, StreamRead } from './connection.ts';
import type { Quiche, QuicheConnection } from './quiche.ts';

/** Bytes that one read takes from a stream at most. */
const READ_SIZE = 64 * 1024;
/** What a stream of ours takes before it is opened: enough for SETTINGS. */
const UNOPENED_ROOM = 1_024;
/** Streams that may wait to be forgotten before somebody looks whether they can be. */
const MOST_FINISHED = 256;

/** The streams of a connection of quiche. Its errors say in their message which stream and which code. */
export class QuicheStreams implements QuicStreams {
  readonly #module: Quiche;
  readonly #quiche: QuicheConnection;
  /** What quiche had no room for. */
  readonly #unsent = new Map<number, { bytes: Uint8Array; fin: boolean }>();
  /** Streams of ours that have been opened. */
  readonly #opened = new Set<number>();
  /** Streams whose end was written and perhaps not acknowledged. */
  readonly #finished = new Set<number>();
  /** Streams that the peer has stopped, as far as they were told. */
  #stopped = new Set<number>();
  #early = false;

  constructor(module: Quiche, quiche: QuicheConnection) {
    this.#module = module;
    this.#quiche = quiche;
  }

  /** A request came before the handshake was complete. */
  get early(): boolean {
    return this.#early;
  }

  readable(): number[] {
    // quiche has no order of its own, and requests are best counted in the order in which they were made.
    return [...this.#quiche.readable()].sort((a, b) => a - b);
  }

  read(streamId: number): StreamRead | null {
    try {
      const got = this.#quiche.streamRecv(streamId, scratch);
      // A request before the handshake's end; what comes on the control stream says nothing.
      if (got !== null && (streamId & 3) === 0 && !this.#quiche.isEstablished()) this.#early = true;
      // A copy: what was read may be kept for long, and the scratch buffer is used again at once.
      return got === null ? null : { bytes: new Uint8Array(scratch.subarray(0, got[0])), fin: got[1], reset: null };
    } catch (error) {
      const code = codeIn(error, 'StreamReset');
      return code === null ? null : { bytes: null, fin: false, reset: code };
    }
  }

  stopped(): { streamId: number; code: number }[] {
    const news: { streamId: number; code: number }[] = [];
    const known = new Set<number>();
    for (const streamId of this.#quiche.writable()) {
      try {
        this.#quiche.streamCapacity(streamId);
      } catch (error) {
        const code = codeIn(error, 'StreamStopped');
        if (code === null) continue;
        known.add(streamId);
        this.#unsent.delete(streamId);
        if (!this.#stopped.has(streamId)) news.push({ streamId, code });
      }
    }
    this.#stopped = known;
    return news;
  }

  room(streamId: number): number {
    if (this.#unsent.has(streamId)) return 0;
    try {
      return this.#quiche.streamCapacity(streamId);
    } catch (error) {
      return codeIn(error, 'InvalidStreamState') !== null && !this.#opened.has(streamId) ? UNOPENED_ROOM : 0;
    }
  }

  write(streamId: number, bytes: Uint8Array, fin: boolean): void {
    if (fin) {
      this.#finished.add(streamId);
      if (this.#finished.size > MOST_FINISHED) this.#forgetDelivered();
    }
    const before = this.#unsent.get(streamId);
    if (before !== undefined) {
      before.bytes = Buffer.concat([before.bytes, bytes]);
      before.fin ||= fin;
      return;
    }
    const rest = this.#send(streamId, bytes, fin);
    if (rest !== null) this.#unsent.set(streamId, { bytes: rest, fin });
  }

  reset(streamId: number, code: number): void {
    this.#unsent.delete(streamId);
    this.#shutdown(streamId, this.#module.Shutdown.Write, code);
  }

  stopSending(streamId: number, code: number): void {
    this.#shutdown(streamId, this.#module.Shutdown.Read, code);
  }

  get delivered(): boolean {
    this.#forgetDelivered();
    return this.#unsent.size === 0 && this.#finished.size === 0;
  }

  get openable(): number {
    return this.#quiche.isEstablished() || this.#quiche.isInEarlyData() ? this.#quiche.peerStreamsLeftBidi() : 0;
  }

  /** Offers again what there was no room for. */
  retry(): void {
    for (const [streamId, { bytes, fin }] of this.#unsent) {
      const rest = this.#send(streamId, bytes, fin);
      if (rest === null) this.#unsent.delete(streamId);
      else this.#unsent.set(streamId, { bytes: rest, fin });
    }
  }

  /** Hands bytes to quiche; what it did not take comes back, null when that was all. */
  #send(streamId: number, bytes: Uint8Array, fin: boolean): Uint8Array | null {
    try {
      const taken = this.#quiche.streamSend(streamId, bytes, fin);
      if ((streamId & 1) === 1 || taken !== null) this.#opened.add(streamId);
      if (taken === null) return bytes;
      return taken < bytes.length ? bytes.subarray(taken) : null;
    } catch (error) {
      // Wait for the peer's leave to open one more stream; anything else means that nobody wants these bytes.
      return messageOf(error) === 'StreamLimit' ? bytes : null;
    }
  }

  #shutdown(streamId: number, direction: number, code: number): void {
    try {
      this.#quiche.streamShutdown(streamId, direction, code);
    } catch {
      // The stream is over: there is nothing to give up.
    }
  }

  /** quiche forgets a stream once both its sides are done and acknowledged. */
  #forgetDelivered(): void {
    for (const streamId of this.#finished) {
      try {
        this.#quiche.streamCapacity(streamId);
      } catch (error) {
        if (codeIn(error, 'InvalidStreamState') !== null) this.#finished.delete(streamId);
      }
    }
  }
}

const scratch = Buffer.allocUnsafeSlow(READ_SIZE);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The number in an error such as `StreamReset(268)`. */
function codeIn(error: unknown, name: string): number | null {
  const [, code] = new RegExp(`^${name}\\((\\d+)\\)`).exec(messageOf(error)) ?? [];
  return code === undefined ? null : Number(code);
}

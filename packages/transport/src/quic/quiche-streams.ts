import type { QuicStreams, StreamRead } from './connection.ts';
import type { Quiche, QuicheConnection } from './quiche.ts';

/** Bytes that one read takes from a stream at most. */
const READ_SIZE = 64 * 1024;
/** What a stream of ours takes before it is opened: enough for SETTINGS. */
const UNOPENED_ROOM = 1_024;
/** Finished streams that are remembered, the latest ones: a peer whose streams stay open for longer gets no new ones. */
const MOST_FINISHED = 512;

/** The streams of a connection of quiche. Its errors say in their message which stream and which code. */
export class QuicheStreams implements QuicStreams {
  readonly #module: Quiche;
  readonly #quiche: QuicheConnection;
  /** What quiche had no room for. */
  readonly #unsent = new Map<number, { bytes: Uint8Array; fin: boolean }>();
  /** Parity of the ids of streams that we open. */
  readonly #ours: 0 | 1;
  /** The highest ids of ours that were opened, bidirectional and unidirectional: each kind is opened in order. */
  readonly #opened: [number, number] = [-1, -1];
  /** Streams whose end was written and perhaps not acknowledged. */
  readonly #finished = new Set<number>();
  /** Streams that the peer has stopped, as far as they were told. */
  #stopped = new Set<number>();
  #early = false;

  constructor(module: Quiche, quiche: QuicheConnection, role: 'client' | 'server') {
    this.#module = module;
    this.#quiche = quiche;
    this.#ours = role === 'client' ? 0 : 1;
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
    if ((streamId & 1) === this.#ours && streamId > this.#opened[kindOf(streamId)]) return UNOPENED_ROOM;
    try {
      return this.#quiche.streamCapacity(streamId);
    } catch {
      // Stopped, or over: nothing is wanted any more.
      return 0;
    }
  }

  write(streamId: number, bytes: Uint8Array, fin: boolean): void {
    if (fin) {
      this.#finished.add(streamId);
      for (const oldest of this.#finished) {
        if (this.#finished.size <= MOST_FINISHED) break;
        this.#finished.delete(oldest);
      }
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

  /** quiche forgets a stream once both its sides are done and acknowledged. */
  get delivered(): boolean {
    for (const streamId of this.#finished) {
      try {
        this.#quiche.streamCapacity(streamId);
      } catch (error) {
        if (codeIn(error, 'InvalidStreamState') !== null) this.#finished.delete(streamId);
      }
    }
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
      if ((streamId & 1) === this.#ours && streamId > this.#opened[kindOf(streamId)]) {
        this.#opened[kindOf(streamId)] = streamId;
      }
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
}

/** 0 for a bidirectional stream, 1 for a unidirectional one (RFC 9000 §2.1). */
function kindOf(streamId: number): 0 | 1 {
  return (streamId & 2) === 0 ? 0 : 1;
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

import { DATA, frame, MAX_FRAME_SIZE } from './frames.ts';

/** Where a reply stands among the others (RFC 9218 §4): 0 is the most urgent, and `shares` says that a part of it is of use. */
export type Priority = { readonly urgency: number; readonly shares: boolean };

/** A stream, as far as sending goes. */
export type Sending = {
  readonly id: number;
  readonly priority: Priority;
  /** When it was last its turn. */
  turn: number;
};

/** The rest of a piece that is ready to leave. */
type Ready = { readonly stream: Sending; rest: Uint8Array; readonly flags: number; readonly sent: () => void };

/** Everything that is written goes through here. What is next is chosen when the connection takes it, and no sooner. */
export class Sender {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #now: Uint8Array[] = [];
  readonly #ready = new Map<Sending, Ready>();
  readonly #over: Promise<void>;
  #turn = 0;
  #isClosing = false;
  #wake = (): void => {};

  constructor(writable: WritableStream<Uint8Array>, broken: () => void) {
    this.#writer = writable.getWriter();
    this.#over = this.#run().catch(broken);
  }

  /** Frames that wait for nobody: those of the connection, heads and resets. They leave in this order. */
  now(bytes: Uint8Array): void {
    this.#now.push(bytes);
    this.#wake();
  }

  /** Resolves when the last byte has left, or when the stream was dropped. A stream has one piece here at a time. */
  data(stream: Sending, piece: Uint8Array, flags: number): Promise<void> {
    return new Promise((sent) => {
      this.#ready.set(stream, { stream, rest: piece, flags, sent });
      this.#wake();
    });
  }

  drop(stream: Sending): void {
    this.#ready.get(stream)?.sent();
    this.#ready.delete(stream);
  }

  /** Ends the connection, behind the frames that wait for nobody. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    return this.#over;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#writer.ready;
      const next = this.#now.shift() ?? this.#nextData();
      if (next !== null) this.#writer.write(next).catch(() => {});
      else if (this.#isClosing) return this.#writer.close();
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  /** One frame of the stream whose turn it is; null when none has anything ready. */
  #nextData(): Uint8Array | null {
    const ready = this.#choose();
    if (ready === undefined) return null;
    const { stream, rest, flags } = ready;
    stream.turn = ++this.#turn;
    const piece = rest.subarray(0, MAX_FRAME_SIZE);
    ready.rest = rest.subarray(piece.length);
    if (ready.rest.length > 0) return frame(DATA, 0, stream.id, piece);
    this.drop(stream);
    return frame(DATA, flags, stream.id, piece);
  }

  /** The most urgent. Among equals, those that share take turns; of those that do not, only the oldest takes part. */
  #choose(): Ready | undefined {
    const all = [...this.#ready.values()];
    const urgency = Math.min(...all.map(({ stream }) => stream.priority.urgency));
    const equals = all.filter(({ stream }) => stream.priority.urgency === urgency);
    const oldest = Math.min(
      ...equals.map(({ stream }) => (stream.priority.shares ? Number.POSITIVE_INFINITY : stream.id)),
    );
    return equals
      .filter(({ stream }) => stream.priority.shares || stream.id === oldest)
      .reduce<Ready | undefined>((a, b) => (a !== undefined && a.stream.turn <= b.stream.turn ? a : b), undefined);
  }
}

/** `u` is 3 unless it says otherwise, and a reply is only of use as a whole unless it says `i`. */
export function priorityOf(headers: Headers): Priority {
  const text = headers.get('priority') ?? '';
  const urgency = Number(/u="?([0-7])/.exec(text)?.[1] ?? 3);
  return { urgency, shares: /(?:^|,)[ \t]*i(?:=\?1)?[ \t]*(?:[,;]|$)/.test(text) };
}

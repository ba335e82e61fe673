/** A frame may carry this much until the client says that it takes more. */
const MAX_FRAME_SIZE = 16_384;

/** Where a reply stands among the others (RFC 9218 §4): 0 is the most urgent, and `shares` says that a part of it is of use. */
export type Priority = { readonly urgency: number; readonly shares: boolean };

/** A stream, as far as sending goes. */
export type Sending = {
  readonly id: number;
  readonly priority: Priority;
  turn: number;
};

/** Everything that is written can go through here. Now it leaves in the order in which it comes. */
export class Sender {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #broken: () => void;
  /** Piece after piece. */
  #last: Promise<void> = Promise.resolve();

  constructor(writable: WritableStream<Uint8Array>, broken: () => void) {
    this.#writer = writable.getWriter();
    this.#broken = broken;
  }

  /** Frames that wait for nobody: those of the connection, heads and resets. */
  now(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(this.#broken);
  }

  /** Resolves when the last byte of this piece has left. `flags` are those of its last frame. */
  data({ id }: Sending, piece: Uint8Array, flags: number): Promise<void> {
    this.#last = this.#last
      .then(async () => {
        for (let at = 0; at + MAX_FRAME_SIZE < piece.length; at += MAX_FRAME_SIZE)
          await this.#writer.write(dataFrame(id, 0, piece.subarray(at, at + MAX_FRAME_SIZE)));
        const rest = piece.length === 0 ? 0 : Math.floor((piece.length - 1) / MAX_FRAME_SIZE) * MAX_FRAME_SIZE;
        await this.#writer.write(dataFrame(id, flags, piece.subarray(rest)));
      })
      .catch(this.#broken);
    return this.#last;
  }

  /** Nobody wants what this stream still has. */
  drop(_stream: Sending): void {}

  /** Ends the connection, behind what has been handed over. */
  close(): Promise<void> {
    return this.#writer.close().catch(this.#broken);
  }
}

/** What the field `priority` of a request says. */
export function priorityOf(_headers: Headers): Priority {
  return { urgency: 3, shares: false };
}

function dataFrame(id: number, flags: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const head = new DataView(bytes.buffer);
  // The length, and 0 for the type: DATA.
  head.setUint32(0, payload.length << 8);
  head.setUint8(4, flags);
  head.setUint32(5, id);
  bytes.set(payload, 9);
  return bytes;
}

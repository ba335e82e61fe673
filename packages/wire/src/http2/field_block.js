import { limitFault } from './fault.ts';
/** A field block that spans frames (RFC 9113 §4.3): HEADERS, then CONTINUATION, bounded while it arrives. */
export class FieldBlock {
  streamId = 0;
  endStream = false;
  #parts = [];
  #bytes = 0;
  #frames = 0;
  #limits;
  constructor(limits) {
    this.#limits = limits;
  }
  /** HEADERS without END_HEADERS has come. */
  begin(streamId, endStream, part) {
    this.streamId = streamId;
    this.endStream = endStream;
    this.#parts = [];
    this.#bytes = this.#frames = 0;
    return this.#add(part);
  }
  /** CONTINUATION has come. */
  continue(part, last) {
    const { maxContinuationFrames } = this.#limits;
    this.#frames++;
    if (this.#frames > maxContinuationFrames || (part.length === 0 && !last)) {
      const reason =
        part.length === 0
          ? 'An empty CONTINUATION that ends nothing'
          : `More than ${maxContinuationFrames} CONTINUATION frames`;
      return limitFault('maxContinuationFrames', `${reason} in the field block of stream ${this.streamId}`);
    }
    return this.#add(part);
  }
  /** The whole block, once. */
  take() {
    const block = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      block.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    return block;
  }
  #add(part) {
    const { maxFieldBlockBytes } = this.#limits;
    this.#bytes += part.length;
    if (this.#bytes > maxFieldBlockBytes) {
      return limitFault('maxFieldBlockBytes', `A field block of more than ${maxFieldBlockBytes} octets`);
    }
    // What was received belongs to the caller's buffer, which a few octets must not keep alive.
    if (part.length > 0) this.#parts.push(part.slice());
    return null;
  }
}

/** Content that is joined: an event of its own would cost more than the copy. */
const SMALL = 256;
/** An event grows no further than this. */
const MOST = 16384;
/**
 * Joins small pieces of one stream's content that come in one read, so that a stream of tiny DATA frames costs the
 * application one event a read rather than one a frame. Content that comes in one piece is never copied.
 */
export class DataJoiner {
  /** Streams whose last event may still grow. */
  #open = [];
  /** The stream's content goes out as an event, or into one that is already out. True when it made an event. */
  add(stream, events, data, endStream) {
    const { joined } = stream;
    const size = data.length;
    if (joined !== null && size <= SMALL && joined.length + size <= MOST) {
      this.#append(joined, data);
      joined.event.flowControlledLength += size;
      joined.event.endStream = endStream;
      return false;
    }
    const event = { type: 'data', streamId: stream.id, data, flowControlledLength: size, endStream };
    events.push(event);
    if (size <= SMALL && !endStream) {
      if (joined === null) this.#open.push(stream);
      stream.joined = { event, buffer: null, length: size };
    }
    return true;
  }
  /** The call ends: events show what was joined into them, and nothing received is kept alive by a stream. */
  end() {
    if (this.#open.length === 0) return;
    for (const stream of this.#open) {
      const { joined } = stream;
      stream.joined = null;
      if (joined?.buffer) joined.event.data = joined.buffer.subarray(0, joined.length);
    }
    this.#open = [];
  }
  #append(joined, data) {
    const needed = joined.length + data.length;
    if (joined.buffer === null) {
      joined.buffer = new Uint8Array(Math.max(1024, needed));
      joined.buffer.set(joined.event.data);
    } else if (needed > joined.buffer.length) {
      const grown = new Uint8Array(Math.min(MOST, joined.buffer.length * 4));
      grown.set(joined.buffer.subarray(0, joined.length));
      joined.buffer = grown;
    }
    joined.buffer.set(data, joined.length);
    joined.length = needed;
  }
}

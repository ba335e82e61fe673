/** The few HTTP/2 bytes that a client has to write, made by hand: the load must not be made by what it measures. */

export const FRAME_HEADER = 9;
export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const GOAWAY = 7;
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

/** A whole frame (RFC 9113 §4.1). */
export function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  bytes.set(payload, FRAME_HEADER);
  return bytes;
}

/** Preface, a SETTINGS with the largest stream window, and a WINDOW_UPDATE that opens the connection's as far. */
export function clientPreface(): Buffer {
  const largest = 2 ** 31 - 1;
  const window = Buffer.alloc(6);
  window.writeUInt16BE(0x4, 0);
  window.writeUInt32BE(largest, 2);
  const update = Buffer.alloc(4);
  update.writeUInt32BE(largest - 65_535);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame(SETTINGS, 0, 0, window),
    frame(8, 0, 0, update),
  ]);
}

export const SETTINGS_ACK: Buffer = frame(SETTINGS, ACK, 0, new Uint8Array(0));

/** The fields of a small GET that puts its authority and user agent into the dynamic table (RFC 7541 §6.2.1). */
const FIRST_BLOCK = Buffer.concat([
  Buffer.from([0x82, 0x86, 0x84, 0x41, 9]),
  Buffer.from('localhost', 'latin1'),
  Buffer.from([0x7a, 5]),
  Buffer.from('bench', 'latin1'),
]);

/** The same fields once they are in the table: 63 is the older entry, the authority. */
const LATER_BLOCK = Buffer.from([0x82, 0x86, 0x84, 0x80 | 63, 0x80 | 62]);

/** HEADERS of a small GET, the first or a later one of its connection. */
export function requestFrame(streamId: number, endStream: boolean): Buffer {
  return frame(
    HEADERS,
    END_HEADERS | (endStream ? END_STREAM : 0),
    streamId,
    streamId === 1 ? FIRST_BLOCK : LATER_BLOCK,
  );
}

/** What a frame walk reports. */
export interface Seen {
  frame(type: number, flags: number, streamId: number, length: number): void;
}

/** Walks frame headers through bytes that come in pieces; payloads are skipped, never copied. */
export class FrameWalk {
  readonly #seen: Seen;
  readonly #header: Uint8Array = new Uint8Array(FRAME_HEADER);
  #have = 0;
  #skip = 0;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#have === 0 && bytes.length - at >= FRAME_HEADER) {
        this.#take(bytes, at);
        at += FRAME_HEADER;
      } else {
        this.#header[this.#have++] = bytes[at++] as number;
        if (this.#have === FRAME_HEADER) {
          this.#have = 0;
          this.#take(this.#header, 0);
        }
      }
    }
  }

  #take(bytes: Uint8Array, at: number): void {
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const streamId =
      (((bytes[at + 5] as number) & 0x7f) << 24) |
      ((bytes[at + 6] as number) << 16) |
      ((bytes[at + 7] as number) << 8) |
      (bytes[at + 8] as number);
    this.#skip = length;
    this.#seen.frame(bytes[at + 3] as number, bytes[at + 4] as number, streamId, length);
  }
}

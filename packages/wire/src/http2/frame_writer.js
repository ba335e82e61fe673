import { encodeLatin1 } from '../bytes/latin1.ts';
import { CLIENT_PREFACE, Flag, FRAME_HEADER_SIZE, FrameType } from './frame.ts';
import { SETTING_SIZE } from './settings.ts';
/** Writes frames (RFC 9113 §6) to the end of the output. Small ones share a block; content goes by reference. */
export class FrameWriter {
  #out;
  #encoder;
  #tap;
  constructor(out, encoder, tap) {
    this.#out = out;
    this.#encoder = encoder;
    this.#tap = tap;
  }
  /** The client's preface (RFC 9113 §3.4). */
  preface() {
    this.#out.text(CLIENT_PREFACE);
    this.#tap?.preface('created', CLIENT_PREFACE.length);
  }
  /** DATA with the first `length` octets of what `take` yields; `take` may be called more than once. */
  data(streamId, length, endStream, take) {
    this.#dataHeader(streamId, length, endStream);
    for (let left = length; left > 0; ) {
      const piece = take(left);
      left -= piece.length;
      this.#out.add(piece);
    }
  }
  /** DATA with these octets. */
  wholeData(streamId, content, endStream) {
    this.#dataHeader(streamId, content.length, endStream);
    if (content.length > 0) this.#out.add(content);
  }
  #dataHeader(streamId, length, endStream) {
    const flags = endStream ? Flag.END_STREAM : 0;
    this.#begin(length, FrameType.DATA, flags, streamId, 0);
    this.#commit(0);
    if (this.#tap !== null) this.#tap.created(FrameType.DATA, flags, streamId, length);
  }
  /**
   * HEADERS, and CONTINUATION where the block is larger than a frame may be (RFC 9113 §6.2, §6.10). The pseudo-header fields
   * come first.
   */
  headers(streamId, pseudo, fields, endStream, maxFrameSize) {
    const encoder = this.#encoder;
    const out = this.#out;
    const start = out.reserve(FRAME_HEADER_SIZE + encoder.bound(pseudo) + encoder.bound(fields));
    const block = out.block;
    const from = start + FRAME_HEADER_SIZE;
    let end = encoder.begin(block, from);
    end = encoder.encodeInto(pseudo, block, end);
    end = encoder.encodeInto(fields, block, end);
    const size = end - from;
    const flags = endStream ? Flag.END_STREAM : 0;
    const all = this.#tap === null ? null : [...pseudo, ...fields].map(([name, value]) => [name, value]);
    if (size <= maxFrameSize) {
      writeHeader(block, start, size, FrameType.HEADERS, flags | Flag.END_HEADERS, streamId);
      out.commit(FRAME_HEADER_SIZE + size);
      this.#tap?.created(FrameType.HEADERS, flags | Flag.END_HEADERS, streamId, size, { fields: all });
      return;
    }
    const encoded = block.slice(from, end);
    for (let at = 0; at < size; at += maxFrameSize) {
      const part = encoded.subarray(at, at + maxFrameSize);
      const last = at + part.length === size;
      const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      const partFlags = (at === 0 ? flags : 0) | (last ? Flag.END_HEADERS : 0);
      this.#begin(part.length, type, partFlags, streamId, 0);
      this.#commit(0);
      out.append(part);
      this.#tap?.created(type, partFlags, streamId, part.length, { fields: last ? all : null });
    }
  }
  settings(settings) {
    const length = settings.size * SETTING_SIZE;
    const start = this.#begin(length, FrameType.SETTINGS, 0, 0, length);
    let at = start + FRAME_HEADER_SIZE;
    for (const [id, value] of settings) {
      this.#out.block[at] = id >>> 8;
      this.#out.block[at + 1] = id;
      writeUint32(this.#out.block, at + 2, value);
      at += SETTING_SIZE;
    }
    this.#commit(length);
    this.#tap?.created(FrameType.SETTINGS, 0, 0, length, { settings });
  }
  settingsAck() {
    this.#begin(0, FrameType.SETTINGS, Flag.ACK, 0, 0);
    this.#commit(0);
    this.#tap?.created(FrameType.SETTINGS, Flag.ACK, 0, 0);
  }
  /** PING; `data` holds the eight octets from `at` on. */
  ping(data, at, ack) {
    const flags = ack ? Flag.ACK : 0;
    const start = this.#begin(8, FrameType.PING, flags, 0, 8);
    for (let index = 0; index < 8; index++) this.#out.block[start + FRAME_HEADER_SIZE + index] = data[at + index];
    this.#commit(8);
    this.#tap?.created(FrameType.PING, flags, 0, 8);
  }
  rstStream(streamId, code) {
    this.#number(FrameType.RST_STREAM, streamId, code);
  }
  windowUpdate(streamId, increment) {
    this.#number(FrameType.WINDOW_UPDATE, streamId, increment);
  }
  goaway(lastStreamId, code, debugText) {
    const debug = encodeLatin1(debugText);
    const length = 8 + debug.length;
    const start = this.#begin(length, FrameType.GOAWAY, 0, 0, length);
    const at = start + FRAME_HEADER_SIZE;
    writeUint32(this.#out.block, at, lastStreamId);
    writeUint32(this.#out.block, at + 4, code);
    this.#out.block.set(debug, at + 8);
    this.#commit(length);
    this.#tap?.created(FrameType.GOAWAY, 0, 0, length, { value: code, about: lastStreamId });
  }
  /** PRIORITY_UPDATE (RFC 9218 §7.1). */
  priorityUpdate(streamId, value) {
    const text = encodeLatin1(value);
    const length = 4 + text.length;
    const start = this.#begin(length, FrameType.PRIORITY_UPDATE, 0, 0, length);
    writeUint32(this.#out.block, start + FRAME_HEADER_SIZE, streamId);
    this.#out.block.set(text, start + FRAME_HEADER_SIZE + 4);
    this.#commit(length);
    this.#tap?.created(FrameType.PRIORITY_UPDATE, 0, 0, length, { about: streamId });
  }
  #number(type, streamId, value) {
    const start = this.#begin(4, type, 0, streamId, 4);
    writeUint32(this.#out.block, start + FRAME_HEADER_SIZE, value);
    this.#commit(4);
    this.#tap?.created(type, 0, streamId, 4, { value });
  }
  /** Writes a frame's header with room for `room` octets behind it, and returns where it starts. */
  #begin(length, type, flags, streamId, room) {
    const start = this.#out.reserve(FRAME_HEADER_SIZE + room);
    writeHeader(this.#out.block, start, length, type, flags, streamId);
    return start;
  }
  #commit(room) {
    this.#out.commit(FRAME_HEADER_SIZE + room);
  }
}
function writeHeader(into, at, length, type, flags, streamId) {
  into[at] = length >>> 16;
  into[at + 1] = length >>> 8;
  into[at + 2] = length;
  into[at + 3] = type;
  into[at + 4] = flags;
  writeUint32(into, at + 5, streamId);
}
function writeUint32(into, at, value) {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}

/**
 * What a learner's HTTP/2 server is given as its third argument, and what is taken away step by step: HPACK stays, the rest the
 * learner writes. One `Given` serves one connection, because a field block means something only behind the blocks before it.
 */
import { type Fields, type Hpack, makeHpack } from './hpack.ts';

export type Frame = { type: number; flags: number; streamId: number; payload: Uint8Array };

/** The parts that are taken away. From then on they are still there, and give nothing. */
export type GivenPart = 'hello' | 'chores' | 'fields' | 'head';

export type Given = {
  /** A coder of your own; ask once for each connection. */
  hpack(): Hpack;
  /** What a server says first: a SETTINGS frame. Empty once it is taken away. */
  readonly hello: Uint8Array;
  /** What to write for this frame of the peer's: an acknowledged SETTINGS, an answered PING. Null when nothing is to be written. */
  chores(frame: Frame): Uint8Array | null;
  /** The fields of a HEADERS frame that holds a whole block; padding and priority are taken out. None once it is taken away. */
  fields(frame: Frame): Fields;
  /** A HEADERS frame that begins a reply; END_STREAM is yours to say later. Empty once it is taken away. */
  head(streamId: number, status: number, headers: Headers): Uint8Array;
};

const [HEADERS, SETTINGS, PING, CONTINUATION] = [1, 4, 6, 9];
const [ACK, END_HEADERS, PADDED, PRIORITY] = [0x1, 0x4, 0x8, 0x20];
/** No peer takes a larger frame before it has said so (§4.2). */
const FRAME_SIZE = 16_384;

/** The parts for one connection. `give`: those that still do something. */
export function givenParts(give: readonly GivenPart[]): Given {
  // One memory for both helpers, made when the first is used: blocks of the learner's own coder are none of their business.
  let own: Hpack | null = null;
  const memory = (): Hpack => {
    own ??= makeHpack();
    return own;
  };
  return {
    hpack: makeHpack,
    hello: give.includes('hello') ? frameOf(SETTINGS, 0, 0, new Uint8Array(0)) : new Uint8Array(0),
    chores: (frame) => (give.includes('chores') ? choresFor(frame) : null),
    fields: (frame) => (give.includes('fields') ? memory().decode(blockIn(frame)) : []),
    head: (streamId, status, headers) =>
      give.includes('head')
        ? headOf(streamId, memory().encode([[':status', String(status)], ...headers]))
        : new Uint8Array(0),
  };
}

function choresFor({ type, flags, payload }: Frame): Uint8Array | null {
  if ((flags & ACK) !== 0) return null;
  if (type === SETTINGS) return frameOf(SETTINGS, ACK, 0, new Uint8Array(0));
  return type === PING ? frameOf(PING, ACK, 0, payload) : null;
}

function blockIn({ type, flags, payload }: Frame): Uint8Array {
  if (type !== HEADERS) throw new Error(`given.fields takes a HEADERS frame (type 1); this one has type ${type}`);
  if ((flags & END_HEADERS) === 0)
    throw new Error('given.fields takes a whole block; this one goes on in a CONTINUATION frame');
  const pad = (flags & PADDED) === 0 ? 0 : (payload[0] ?? 0);
  const from = ((flags & PADDED) === 0 ? 0 : 1) + ((flags & PRIORITY) === 0 ? 0 : 5);
  return payload.subarray(from, payload.length - pad);
}

function headOf(streamId: number, block: Uint8Array): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < block.length; at += FRAME_SIZE) {
    const flags = at + FRAME_SIZE >= block.length ? END_HEADERS : 0;
    frames.push(frameOf(at === 0 ? HEADERS : CONTINUATION, flags, streamId, block.subarray(at, at + FRAME_SIZE)));
  }
  const all = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

function frameOf(type: number, flags: number, streamId: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, payload.length >> 8);
  view.setUint8(2, payload.length & 0xff);
  view.setUint8(3, type);
  view.setUint8(4, flags);
  view.setUint32(5, streamId);
  bytes.set(payload, 9);
  return bytes;
}

import type { Connection, Fields, Given, Outgoing } from 'contract';
import { frames } from './frames.ts';

const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const PADDED = 8;
const PRIORITY = 0x20;
const FRAME = 16_384;

type Waiting = { request: Outgoing; resolve(response: Response): void; reject(error: unknown): void };

/** The queue of "Match by position", on frames: the first reply is for whoever has waited longest. */
export async function connect(
  { readable, writable }: Connection,
  given: Pick<Given, 'hpack'>,
): Promise<(request: Outgoing) => Promise<Response>> {
  const hpack = given.hpack();
  const writer = writable.getWriter();
  const queue: Waiting[] = [];
  let nextId = 1;

  function send(type: number, flags: number, streamId: number, payload: Uint8Array = new Uint8Array()): void {
    const bytes = new Uint8Array(9 + payload.length);
    const head = new DataView(bytes.buffer);
    head.setUint32(0, (payload.length << 8) | type);
    head.setUint8(4, flags);
    head.setUint32(5, streamId);
    bytes.set(payload, 9);
    writer.write(bytes).catch(() => {});
  }

  async function read(): Promise<void> {
    let block: Uint8Array<ArrayBufferLike> = new Uint8Array();
    let ends = false;
    let head: Fields = [];
    let parts: Uint8Array[] = [];
    for await (const { type, flags, payload } of frames(readable)) {
      if (type === SETTINGS && (flags & ACK) === 0) send(SETTINGS, ACK, 0);
      if (type === PING && (flags & ACK) === 0) send(PING, ACK, 0, payload);
      if (type === HEADERS) {
        block = unwrapped(flags, payload);
        ends = (flags & END_STREAM) !== 0;
      } else if (type === CONTINUATION) block = join([block, payload]);
      if ((type === HEADERS || type === CONTINUATION) && flags & END_HEADERS) {
        const fields = hpack.decode(block);
        // An interim reply takes no place, and trailers are no head.
        if (!/^1/.test(fields[0]?.[1] ?? '') && head.length === 0) head = fields;
      }
      if (type === DATA) {
        parts.push(unwrapped(flags, payload));
        ends = (flags & END_STREAM) !== 0;
      }
      if (!ends || (type !== DATA && (flags & END_HEADERS) === 0)) continue;
      queue.shift()?.resolve(responseOf(head, parts));
      [head, parts, ends] = [[], [], false];
    }
    for (const { reject } of queue.splice(0)) reject(new Error('The connection ended'));
  }

  writer.write(new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).catch(() => {});
  send(SETTINGS, 0, 0);
  read().catch((error: unknown) => {
    for (const { reject } of queue.splice(0)) reject(error);
  });

  return (request) =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      const { body = new Uint8Array() } = request;
      const streamId = nextId;
      nextId += 2;
      const isWhole = body.length === 0;
      send(HEADERS, END_HEADERS | (isWhole ? END_STREAM : 0), streamId, hpack.encode(fieldsOf(request)));
      for (let at = 0; at < body.length; at += FRAME) {
        const isLast = at + FRAME >= body.length;
        send(DATA, isLast ? END_STREAM : 0, streamId, body.subarray(at, at + FRAME));
      }
    });
}

function fieldsOf({ origin, method, target, headers }: Outgoing): Fields {
  const { protocol, host } = new URL(origin);
  return [[':method', method], [':scheme', protocol.slice(0, -1)], [':authority', host], [':path', target], ...headers];
}

function responseOf(fields: Fields, parts: Uint8Array[]): Response {
  const status = Number(fields.find(([name]) => name === ':status')?.[1]);
  const headers = new Headers(fields.filter(([name]) => !name.startsWith(':')));
  const isEmpty = parts.length === 0;
  return new Response(isEmpty ? null : (join(parts) as Uint8Array<ArrayBuffer>), { status, headers });
}

/** Without padding, and without the five bytes of priority. */
function unwrapped(flags: number, payload: Uint8Array): Uint8Array {
  const [padding = 0] = payload;
  const inner = flags & PADDED ? payload.subarray(1, payload.length - padding) : payload;
  return flags & PRIORITY ? inner.subarray(5) : inner;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

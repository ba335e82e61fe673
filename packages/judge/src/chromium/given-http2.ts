/**
 * An HTTP/2 server that is given, so that a learner who has only `frames` can face a browser. It reads the bytes by itself; the
 * learner's code reads the same ones beside it, and `frames-read.ts` compares.
 */
import type { Fields } from '../given/hpack.ts';
import { givenParts } from '../given/parts.ts';
import { bytesOf, join } from '../raw/bytes.ts';
import { FLAGS, FRAME_SIZE, FRAME_TYPES, PREFACE } from '../raw/http2/names.ts';
import { contentOf, frameAt, has, type WireFrame } from '../raw/http2/parse.ts';
import { frame } from '../raw/http2/write.ts';

type Handler = (request: object) => Promise<Response>;

/** Replies are small, so a browser's first windows hold them all, and no credit has to be counted. */
export class GivenHttp2 {
  readonly #given = givenParts(['hello', 'chores', 'fields', 'head']);
  readonly #handler: Handler;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #requests: Map<number, { readonly fields: Fields; readonly parts: Uint8Array[] }> = new Map();
  #rest: Uint8Array = new Uint8Array(0);
  #isGreeted = false;

  constructor(handler: Handler, write: (bytes: Uint8Array) => void) {
    this.#handler = handler;
    this.#write = write;
    write(this.#given.hello);
  }

  receive(chunk: Uint8Array): void {
    this.#rest = join([this.#rest, chunk]);
    if (!this.#isGreeted) {
      if (this.#rest.length < PREFACE.length) return;
      this.#rest = this.#rest.slice(PREFACE.length);
      this.#isGreeted = true;
    }
    let at = 0;
    for (;;) {
      const next = frameAt(this.#rest, at);
      if ('needs' in next) break;
      at = next.to;
      this.#take(next);
    }
    this.#rest = this.#rest.slice(at);
  }

  #take(it: WireFrame): void {
    const { type, flags, stream: streamId, payload } = it;
    const due = this.#given.chores({ type, flags, streamId, payload });
    if (due !== null) this.#write(due);
    if (type === FRAME_TYPES.HEADERS)
      this.#requests.set(streamId, { fields: this.#given.fields({ type, flags, streamId, payload }), parts: [] });
    const request = this.#requests.get(streamId);
    if (request === undefined || (type !== FRAME_TYPES.HEADERS && type !== FRAME_TYPES.DATA)) return;
    if (type === FRAME_TYPES.DATA) request.parts.push((contentOf(it) ?? payload).slice());
    if (!has(it, 'END_STREAM')) return;
    this.#requests.delete(streamId);
    void this.#answer(streamId, request.fields, join(request.parts));
  }

  async #answer(stream: number, fields: Fields, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const value = (name: string): string => fields.find(([own]) => own === name)?.[1] ?? '';
    const request = {
      method: value(':method'),
      target: value(':path'),
      version: '2',
      headers: new Headers(fields.filter(([name]) => !name.startsWith(':'))),
      body: new Response(body).body,
    };
    const response = await this.#handler(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.#write(this.#given.head(stream, response.status, response.headers));
    for (let at = 0; at < bytes.length; at += FRAME_SIZE) {
      const payload = Array.from(bytes.subarray(at, at + FRAME_SIZE), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
      this.#write(bytesOf(frame({ type: 'DATA', stream, payload: { hex: payload } })));
    }
    this.#write(bytesOf(frame({ type: 'DATA', stream, flags: FLAGS.END_STREAM })));
  }
}

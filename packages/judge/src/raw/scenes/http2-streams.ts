/** Plays the steps about what came on which stream: whole replies, parts of them, their order, how far apart, and uploads within credit. */
import type { Http2Step } from '../../exercise.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import type { WireFrame } from '../http2/parse.ts';
import { contentOf } from '../http2/parse.ts';
import { fieldOf, type Stream } from '../http2/received.ts';
import { data } from '../http2/write.ts';
import type { Http2Parts } from './http2.ts';
import type { Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';
import { StreamFaults } from './http2-stream-failures.ts';

type StreamStep = Extract<
  Http2Step,
  {
    do:
      | 'expectStreamReply'
      | 'expectStreamPart'
      | 'expectEndOrder'
      | 'expectSoon'
      | 'expectApart'
      | 'expectDataSent'
      | 'uploadData';
  }
>;

const FRAME = 16_384;

export class Http2StreamSteps {
  #failures: StreamFaults;
  #parts: Http2Parts;

  constructor(failures: Http2Failures, parts: Http2Parts) {
    this.#failures = new StreamFaults(failures);
    this.#parts = parts;
  }

  async play(step: StreamStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    switch (step.do) {
      case 'expectStreamReply':
        return this.#reply(conn, step);
      case 'expectStreamPart':
        return this.#part(conn, step);
      case 'expectEndOrder': {
        for (const stream of step.streams) await this.#ended(conn, stream, null);
        const ends = step.streams.map((id) => conn.received.streams.get(id)?.ended as WireFrame);
        const wrong = ends.findIndex((end, i) => i > 0 && end.from < (ends[i - 1]?.from ?? 0));
        if (wrong > 0) throw this.#failures.outOfOrder(conn, step, wrong, ends[wrong] as WireFrame);
        return;
      }
      case 'expectSoon': {
        const { mark } = conn;
        const end = await this.#ended(conn, step.stream, null);
        if (end.to - mark > step.within) throw this.#failures.late(conn, step.stream, step.within, mark, end);
        return;
      }
      case 'expectApart': {
        for (const stream of step.streams) await this.#ended(conn, stream, null);
        const gap = widestGap(conn, step.streams);
        if (gap.bytes > step.atMost) throw this.#failures.apart(conn, step.atMost, gap);
        return;
      }
      case 'expectDataSent': {
        const frames = (): WireFrame[] =>
          [...conn.received.streams.values()]
            .filter(({ id }) => step.stream === undefined || id === step.stream)
            .flatMap((stream) => stream.data);
        const sum = (): number => frames().reduce((all, frame) => all + (contentOf(frame)?.length ?? 0), 0);
        await this.#parts.until(conn, () => sum() >= step.bytes || conn.pipe.ended !== null);
        await this.#parts.watch(conn, () => sum() > step.bytes);
        if (sum() !== step.bytes) throw this.#failures.dataSent(conn, step, sum(), frames());
        return;
      }
      case 'uploadData':
        return this.#upload(conn, step);
    }
  }

  /** Waits for END_STREAM; what stands in its way is told. */
  async #ended(conn: Http2Conn, id: number, to: string | null): Promise<WireFrame> {
    const stream = (): Stream | undefined => conn.received.streams.get(id);
    await this.#parts.until(conn, () => stream()?.ended != null || stream()?.reset != null || conn.pipe.ended !== null);
    const end = stream()?.ended;
    if (end == null) throw this.#failures.notEnded(conn, id, to);
    return end;
  }

  async #reply(conn: Http2Conn, step: Extract<StreamStep, { do: 'expectStreamReply' }>): Promise<void> {
    await this.#ended(conn, step.stream, step.to ?? null);
    const stream = conn.received.stream(step.stream);
    const fields = stream.head?.fields;
    if (fields === undefined || stream.head === null) throw this.#failures.notEnded(conn, step.stream, step.to ?? null);
    const status = Number(fieldOf(fields, ':status'));
    const body = conn.received.bodyOf(step.stream);
    const isOther = step.body !== undefined && latin1(body) !== latin1(bytesOf(step.body));
    if (step.status !== undefined && status !== step.status)
      throw this.#failures.wrongStatus(conn, step, stream, status, body);
    for (const [name, value] of step.fields ?? []) {
      const has = fields.some(([own, other]) => own === name.toLowerCase() && other === value);
      if (!has) throw this.#failures.missingField(conn, step, stream, name, value);
    }
    if (isOther) throw this.#failures.wrongBody(conn, step, stream, body);
    const declared = fieldOf(fields, 'content-length');
    // A reply without a body (204, or to HEAD) may say how long it would have been.
    if (declared !== null && body.length > 0 && Number(declared) !== body.length)
      throw this.#failures.wrongLength(conn, step, stream, declared, body.length);
  }

  async #part(conn: Http2Conn, step: Extract<StreamStep, { do: 'expectStreamPart' }>): Promise<void> {
    const want = latin1(bytesOf(step.body));
    const got = (): string => latin1(conn.received.bodyOf(step.stream));
    const stream = (): Stream | undefined => conn.received.streams.get(step.stream);
    const over = (): boolean => stream()?.ended != null || stream()?.reset != null || conn.pipe.ended !== null;
    // Only what is on its way already: the clock may make the next piece.
    await this.#parts.settle(conn);
    if (got().length < want.length && !over())
      await this.#parts.watch(conn, () => got().length >= want.length || over());
    this.#parts.faults(conn);
    if (got() !== want || over()) throw this.#failures.wrongPart(conn, step, stream() ?? null, got());
  }

  async #upload(conn: Http2Conn, step: Extract<StreamStep, { do: 'uploadData' }>): Promise<void> {
    const { stream: id, size, each = FRAME, pad, end = true } = step;
    const { received, sent } = conn;
    const from = conn.pipe.offered;
    const extra = pad === undefined ? 0 : pad + 1;
    const room = (): number =>
      Math.min(received.granted(id) - (sent.streams.get(id)?.data ?? 0), received.granted(0) - sent.data) - extra;
    for (let at = 0; at < size; ) {
      await this.#parts.settle(conn);
      this.#parts.faults(conn);
      if (room() <= 0)
        await this.#parts.until(
          conn,
          () => room() > 0 || received.streams.get(id)?.reset != null || conn.pipe.ended !== null,
        );
      if (room() <= 0 || received.streams.get(id)?.reset != null || conn.pipe.ended !== null)
        throw this.#failures.standsStill(conn, id, at, size);
      const n = Math.min(each, size - at, room());
      at += n;
      // Where nothing of it can be sent, what was sent before is shown.
      conn.sendFrom = from;
      const options = { end: end && at === size, ...(pad === undefined ? {} : { pad }) };
      this.#parts.deliver(conn, bytesOf(data(id, { repeat: 'u', times: n }, options)));
    }
    await this.#parts.settle(conn);
    this.#parts.faults(conn);
  }
}

export type Gap = { readonly stream: number; readonly bytes: number; readonly to: WireFrame | null };

/** The most DATA of the others between two frames of one, while all of them are under way. */
function widestGap(conn: Http2Conn, streams: readonly number[]): Gap {
  const all = streams
    .flatMap((id) => conn.received.streams.get(id)?.data ?? [])
    .filter((frame) => frame.payload.length > 0)
    .sort((a, b) => a.from - b.from);
  // As soon as one has sent its last byte, the others may share what it leaves.
  const lasts = streams.map((id) => all.findLastIndex((frame) => frame.stream === id));
  const until = Math.min(...lasts);
  let widest: Gap = { stream: streams[0] ?? 0, bytes: 0, to: null };
  const since = new Map(streams.map((id) => [id, 0]));
  for (const [i, frame] of all.entries()) {
    if (i > until) break;
    for (const [id, bytes] of since) {
      if (id === frame.stream) {
        if (bytes > widest.bytes) widest = { stream: id, bytes, to: frame };
        since.set(id, 0);
      } else since.set(id, bytes + frame.payload.length);
    }
  }
  // One that has not had its turn when the first is over waited at least that long.
  for (const [id, bytes] of since) if (bytes > widest.bytes) widest = { stream: id, bytes, to: all[until] ?? null };
  return widest;
}

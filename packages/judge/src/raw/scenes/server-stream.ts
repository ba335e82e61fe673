/** Plays the steps about replies that leave piece by piece, break off, or refuse. */
import { bytesOf, latin1 } from '../bytes.ts';
import { type Parsed, parseReply } from '../replies.ts';
import type { World } from '../world.ts';
import type { ServerParts } from './server-body.ts';
import type { Conn } from './server-connection.ts';
import type { StreamFailures } from './server-stream-failures.ts';
import { PIECE_PATIENCE, type StreamStep } from './stream-steps.ts';

export class StreamSteps {
  #world: World;
  #failures: StreamFailures;
  #parts: ServerParts;

  constructor(world: World, failures: StreamFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: StreamStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    switch (step.do) {
      case 'expectPiece': {
        const want = latin1(bytesOf(step.body));
        const far = (): boolean => (bodySoFar(conn) ?? '').length >= want.length;
        await this.#world.until(() => far() || conn.pipe.ended !== null, PIECE_PATIENCE);
        this.#parts.faults(conn);
        // Broken framing says more than the bytes that cannot be found behind it. Where nothing frames, the end may.
        const parsed = read(conn, step.to);
        if (parsed.kind === 'fault' && parsed.cause !== 'no framing')
          throw this.#failures.unreadable(conn, step.to, parsed);
        if (bodySoFar(conn) !== want) throw this.#failures.noPiece(conn, step.to, want, bodySoFar(conn));
        return;
      }
      case 'expectCutReply': {
        await this.#world.until(() => conn.pipe.ended !== null);
        this.#parts.faults(conn);
        const parsed = read(conn, step.to);
        if (parsed.kind === 'fault') throw this.#failures.unreadable(conn, step.to, parsed);
        if (parsed.kind === 'reply' && !tellsOfFailure(parsed, conn))
          throw this.#failures.looksWhole(conn, step.to, parsed.reply);
        // Nothing of the reply had left, so an error could take its place; that one is whole, and the connection may go on.
        if (parsed.kind === 'reply' && parsed.reply.status >= 500) return;
        if (conn.pipe.ended === null) throw this.#failures.stillOpen(conn);
        return;
      }
      case 'expectRefusalOr': {
        await this.#world.until(() => conn.pipe.ended !== null || read(conn, step.to).kind !== 'more');
        this.#parts.faults(conn);
        const parsed = read(conn, step.to);
        const isRefusal =
          parsed.kind === 'reply' && (isClientError(parsed.reply.status) || parsed.reply.status === NOT_IMPLEMENTED);
        const { to, body } = step;
        const on = step.on === undefined ? {} : { on: step.on };
        return this.#parts.play({ do: 'expectReply', to, ...(isRefusal ? {} : { status: 200, body }), ...on });
      }
    }
  }
}

/** What a server says to a transfer coding that it does not know (RFC 9112 §6.1): a refusal, too. */
const NOT_IMPLEMENTED = 501;

function isClientError(status: number): boolean {
  return status >= 400 && status <= 499;
}

function read(conn: Conn, to: string): Parsed {
  const method = to.split(' ')[0] ?? 'GET';
  return parseReply(conn.pipe.received, conn.at, { method, ended: conn.pipe.ended !== null, lenient: true });
}

/** An error instead of the reply says it; so does a reset, where the body goes on until the end. */
function tellsOfFailure({ reply }: Extract<Parsed, { kind: 'reply' }>, { pipe }: Conn): boolean {
  return reply.status >= 500 || (reply.framing === 'until the end' && pipe.ended?.how === 'reset');
}

/** The bytes of the body that are on the wire, one character each; null before the head is whole. */
export function bodySoFar(conn: Conn): string | null {
  const text = latin1(conn.pipe.received);
  let from = conn.at;
  for (;;) {
    while (text.startsWith('\r\n', from)) from += 2;
    const end = text.indexOf('\r\n\r\n', from);
    if (end < 0) return null;
    const head = text.slice(from, end);
    from = end + 4;
    // An interim reply is no answer yet.
    if (/^HTTP\/1\.1 1\d\d/.test(head)) continue;
    return /\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?:\r\n|$)/i.test(head) ? dataIn(text, from) : text.slice(from);
  }
}

/** The data of chunks, the last of which may be there in part. */
function dataIn(text: string, from: number): string {
  let data = '';
  for (let at = from; ; ) {
    const end = text.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(text.slice(at, end), 16);
    if (Number.isNaN(size) || size === 0) return data;
    data += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}

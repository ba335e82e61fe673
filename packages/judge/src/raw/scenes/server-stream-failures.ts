/** Says what went wrong with a reply that leaves piece by piece: kept back, cut without a trace, made whole. Never the fix. */
import { readable } from '../bytes.ts';
import { receivedExcerpt, writeAt } from '../excerpt.ts';
import type { Parsed, ParsedReply } from '../replies.ts';
import { count } from '../steps.ts';
import type { StepFailed } from '../world.ts';
import type { Conn } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class StreamFailures {
  #failures: ServerFailures;

  constructor(failures: ServerFailures) {
    this.#failures = failures;
  }

  /** `got` is null before the head is whole. */
  noPiece(conn: Conn, to: string, want: string, got: string | null): StepFailed {
    const failures = this.#failures;
    const { pipe } = conn;
    const differs = got !== null && !want.startsWith(got);
    const ended = pipe.ended !== null;
    const headline = differs
      ? `The body of the reply to ${to} begins with "${readable(got, 40)}".`
      : ended
        ? `The connection ended when ${count(got?.length ?? 0)} of the body of ${to} had come.`
        : got === null
          ? `The handler has made "${readable(want, 30)}" for ${to}; nothing of it is on the wire.`
          : `The handler has made ${count(want.length)} of the body for ${to}; ${got.length} are on the wire.`;
    const cause = differs ? 'wrong bytes' : ended ? 'closed early' : got === null ? 'silent' : 'incomplete';
    return failures.fail(cause, headline, conn, {
      ...(pipe.written > conn.at
        ? { received: receivedExcerpt(pipe, conn.at, { at: pipe.written, text: 'nothing more came yet' }) }
        : {}),
      expected: `"${readable(want, 30)}" on the wire, before the next piece is made`,
      facts: differs || ended ? [] : ['the handler makes the next piece seconds later'],
      at: [
        failures.place(pipe.ended?.trace, 'ended the connection'),
        pipe.written > conn.at ? failures.place(writeAt(pipe, pipe.written)?.trace, 'wrote these bytes') : null,
      ],
    });
  }

  looksWhole(conn: Conn, to: string, reply: ParsedReply): StepFailed {
    const failures = this.#failures;
    const { pipe } = conn;
    const how =
      reply.framing === 'until the end'
        ? 'the connection ends, as it does after a whole body'
        : reply.framing === 'chunked'
          ? 'the last chunk says that this is all'
          : 'its length says that this is all';
    const last = reply.framing === 'until the end' ? pipe.written : reply.to;
    return failures.fail('wrong length', `The body for ${to} failed half-way, and the reply looks whole.`, conn, {
      received: receivedExcerpt(pipe, reply.from, { at: reply.framing === 'chunked' ? last - 5 : last, text: how }),
      expected: 'a reply that breaks off with the connection',
      facts: ['the client cannot tell it from a body that is whole'],
      at: [failures.place(writeAt(pipe, last - 1)?.trace, 'wrote these bytes')],
    });
  }

  unreadable(conn: Conn, to: string, parsed: Extract<Parsed, { kind: 'fault' }>): StepFailed {
    // Nothing says where it ends and the connection is open: then the end is what is missing.
    if (parsed.cause === 'no framing' && conn.pipe.ended === null) return this.stillOpen(conn);
    return this.#failures.noReply(conn, { do: 'expectReply', to }, parsed);
  }

  stillOpen(conn: Conn): StepFailed {
    return this.#failures.neverEnded(conn);
  }
}

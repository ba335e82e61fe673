/** Says what went wrong with a queue that should have an end: who was begun too soon, what was taken for nobody. Never the fix. */

import { sentExcerpt } from '../excerpt.ts';
import { grouped } from '../numbers.ts';
import { count } from '../steps.ts';
import type { StepFailed } from '../world.ts';
import { type Call, type Conn, isRunning } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class QueueFailures {
  readonly server: ServerFailures;

  constructor(server: ServerFailures) {
    this.server = server;
  }

  tooManyInFlight(conn: Conn, atMost: number, sent: number): StepFailed {
    const { calls, pipe } = conn;
    const running = calls.filter(isRunning).length;
    const ready = calls.length - running - sent;
    const blocked = pipe.peer.takes ? 'wait for one that is not' : 'cannot leave, because the peer reads nothing';
    const facts = [
      ...(running > 0 ? [`${handlers(running)} ${running === 1 ? 'has' : 'have'} not ended`] : []),
      ...(ready > 0 ? [`${replies(ready)} ${ready === 1 ? 'is' : 'are'} ready and ${blocked}`] : []),
    ];
    const over = calls[sent + atMost];
    return this.server.fail('unbounded', `${requests(calls.length - sent)} are begun and unsent.`, conn, {
      sent: this.#sentTo(conn),
      expected: `at most ${requests(atMost)} begun and unsent (maxInFlight)`,
      facts,
      at: [this.server.place(over?.trace, `called the handler for ${over?.request}`)],
    });
  }

  tookAhead(conn: Conn, atMost: number, begun: number): StepFailed {
    const { pipe, calls } = conn;
    const ahead = pipe.taken - begun;
    const headline = `Your code took ${count(pipe.taken)} of requests; ${count(ahead)} of them belong to no request that is begun.`;
    return this.server.fail('unbounded', headline, conn, {
      sent: this.#sentTo(conn),
      expected: `at most ${count(atMost)} taken beyond the requests that are begun`,
      facts: [`${requests(calls.length)} ${calls.length === 1 ? 'is' : 'are'} begun; ${peerSays(conn)}`],
      at: this.server.waiting(conn),
    });
  }

  pulledAhead(
    conn: Conn,
    call: Call,
    first: Call,
    { atMost, first: most }: { atMost: number; first?: number },
  ): StepFailed {
    const pieces = count(call.pulls ?? 0, 'piece');
    const isFirst = call === first;
    const why = isFirst ? 'while the peer reads no more' : `while its reply waits for the one to ${first.request}`;
    const allowed = isFirst ? (most ?? atMost) : atMost;
    return this.server.fail('unbounded', `${pieces} of the body for ${call.request} were asked for, ${why}.`, conn, {
      expected: isFirst
        ? `at most ${count(allowed, 'piece')} asked for before the peer reads on`
        : 'not more than the first piece of a body that waits',
      facts: [`each piece that nobody can send yet is kept in memory; ${peerSays(conn)}`],
      at: [this.server.place(call.trace, 'called the handler')],
    });
  }

  begunForNobody(conn: Conn, call: Call): StepFailed {
    const late = conn.calls.length - conn.callsAtReset;
    const headline = `The peer is gone, and the handler was called for ${call.request}.`;
    return this.server.fail('handler', headline, conn, {
      expected: 'no call of the handler once nobody can get its answer',
      facts: late > 1 ? [`and then for ${requests(late - 1)} more`] : [],
      at: [this.server.place(call.trace, 'called the handler')],
    });
  }

  bodyLeft(conn: Conn, call: Call): StepFailed {
    const left = conn.calls.filter((other) => other.reply === 'open').length;
    const headline = `The peer is gone, and the body for ${call.request} was neither read to its end nor cancelled.`;
    return this.server.fail('never ended', headline, conn, {
      expected: 'each body that a handler gave is read to its end or cancelled',
      facts: [
        `${left === 1 ? 'one body is' : `${left} bodies are`} left; what stands behind such a body, a file or a connection, stays open`,
      ],
      at: [this.server.place(call.trace, 'called the handler')],
    });
  }

  /** The requests around the place up to which they were taken. */
  #sentTo(conn: Conn): ReturnType<typeof sentExcerpt> {
    const { pipe } = conn;
    return sentExcerpt(pipe, conn.sendFrom, { at: pipe.taken, text: 'taken up to here' });
  }
}

function peerSays({ pipe }: Conn): string {
  return pipe.peer.takes ? 'the peer reads all that comes' : 'the peer reads no more';
}

const requests = (n: number): string => count(n, 'request');
const handlers = (n: number): string => count(n, 'handler');
const replies = (n: number): string => (n === 1 ? '1 reply' : `${grouped(n)} replies`);

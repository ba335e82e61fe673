/** Says what went wrong with time: an end too soon, an end that never comes, something that outlives the connection. Never the fix. */
import { receivedExcerpt } from '../excerpt.ts';
import type { StepFailed, World } from '../world.ts';
import { milliseconds } from './idle-steps.ts';
import type { Conn } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class IdleFailures {
  #world: World;
  #failures: ServerFailures;

  constructor(world: World, failures: ServerFailures) {
    this.#world = world;
    this.#failures = failures;
  }

  endedSoon(conn: Conn, after: number, want: number): StepFailed {
    const failures = this.#failures;
    const { pipe } = conn;
    if (pipe.ended === null || pipe.written > conn.at) return failures.bytesAfter(conn);
    return failures.fail('closed early', `The connection ended after ${milliseconds(after)} without a byte.`, conn, {
      ...this.#received(conn, 'ended here'),
      expected: `an open connection for ${milliseconds(want)}`,
      at: [failures.place(pipe.ended.trace, 'ended the connection')],
    });
  }

  stillOpen(conn: Conn, unused: number, aborted: boolean): StepFailed {
    if (aborted) {
      const headline = `The signal came; ${milliseconds(unused)} later the connection is unused and still open.`;
      return this.#open(conn, headline, 'the end of a connection on which nothing is under way', []);
    }
    const headline = `The connection has been unused for ${milliseconds(unused)}, and is still open.`;
    return this.#open(conn, headline, `the end of a connection that is unused for ${milliseconds(unused)}`, []);
  }

  slowHead(conn: Conn, sent: number, every: number, within: number): StepFailed {
    return this.#open(
      conn,
      `The head is not whole ${milliseconds(within)} after its first byte, and the connection is still open.`,
      `the end within ${milliseconds(within)} of the first byte of the head`,
      [`${sent} bytes came, one every ${milliseconds(every)}`],
    );
  }

  /** What outlives the connection; null when nothing does. */
  left(conn: Conn): StepFailed | null {
    const failures = this.#failures;
    const [timer] = this.#world.clock.kept;
    if (timer !== undefined) {
      const due = milliseconds(timer.due - this.#world.clock.now);
      return failures.fail('never settled', `serve is over, and a timer of yours still runs: ${due} are left.`, conn, {
        expected: 'no timer that outlives the connection',
        at: [failures.place(timer.trace, 'set this timer')],
      });
    }
    const read = [...conn.pipe.reading].at(-1);
    if (read !== undefined)
      return failures.fail('never settled', 'serve is over, and a read of the connection still waits.', conn, {
        expected: 'nothing that holds the connection when it is over',
        at: [failures.place(read, 'waits for bytes')],
      });
    return null;
  }

  #open(conn: Conn, headline: string, expected: string, more: readonly string[]): StepFailed {
    const failures = this.#failures;
    const [timer] = this.#world.clock.kept;
    const clock =
      timer === undefined
        ? 'no timer of yours is set'
        : `a timer of yours is due in ${milliseconds(timer.due - this.#world.clock.now)}`;
    return failures.fail('never ended', headline, conn, {
      ...this.#received(conn, 'the end of the connection is missing'),
      expected,
      facts: [[...more, clock].join('; ')],
      at: [failures.place(timer?.trace, 'set this timer'), ...failures.waiting(conn)],
    });
  }

  #received(conn: Conn, text: string): object {
    const { pipe } = conn;
    if (pipe.written === 0) return {};
    return { received: receivedExcerpt(pipe, this.#failures.lastReplyFrom(conn), { at: pipe.written, text }) };
  }
}

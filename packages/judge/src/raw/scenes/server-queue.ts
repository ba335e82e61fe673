/** Plays the steps about what a server keeps in mind: requests begun and unsent, bytes taken ahead, bodies that wait, and a peer that is gone. */
import { bytesOf, latin1 } from '../bytes.ts';
import { type Parsed, parseReply } from '../replies.ts';
import type { World } from '../world.ts';
import { numbered, type QueueStep } from './queue-steps.ts';
import type { ServerParts } from './server-body.ts';
import { type Call, type Conn, isRunning } from './server-connection.ts';
import type { QueueFailures } from './server-queue-failures.ts';

/** How long something that must not happen is watched: a timer may do what the first moment did not. */
const WATCHED = 500;
/** What is offered before the learner's code gets a turn, and what is read of it: so that no turn is long, and a loop is told from work. */
const OFFERED = 16 * 1024;
const READ = 16 * 1024;

/** Where each numbered request ends, and how many replies are whole on the wire, as far as was looked. */
type Count = { readonly ends: number[]; sent: number; at: number };

export class QueueSteps {
  #world: World;
  #failures: QueueFailures;
  #parts: ServerParts;
  #counts: WeakMap<Conn, Count> = new WeakMap();

  constructor(world: World, failures: QueueFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: QueueStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    switch (step.do) {
      case 'stopReading':
        return step.after === undefined ? conn.pipe.peer.stop() : conn.pipe.peer.read(step.after);
      case 'sendNumbered':
        return this.#offer(conn, step.path, step.count);
      case 'expectInFlight': {
        const beyond = (): boolean => conn.calls.length - this.#sent(conn) > step.atMost + (step.queued ?? 0);
        await this.#watch(conn, beyond);
        if (beyond()) throw this.#failures.tooManyInFlight(conn, step.atMost, this.#sent(conn));
        return;
      }
      case 'expectTakenAhead': {
        const ahead = (): number => conn.pipe.taken - this.#begunTo(conn);
        await this.#watch(conn, () => ahead() > step.atMost);
        if (ahead() > step.atMost) throw this.#failures.tookAhead(conn, step.atMost, this.#begunTo(conn));
        return;
      }
      case 'expectNumbered':
        return this.#replies(conn, step);
      case 'expectPulled': {
        const greedy = (): Call | undefined => {
          const first = conn.calls[this.#sent(conn)];
          return conn.calls.find(
            (call) => (call.pulls ?? 0) > (call === first ? (step.first ?? step.atMost) : step.atMost),
          );
        };
        await this.#watch(conn, () => greedy() !== undefined);
        const call = greedy();
        if (call === undefined) return;
        throw this.#failures.pulledAhead(conn, call, conn.calls[this.#sent(conn)] ?? call, step);
      }
      case 'expectNoneBegun': {
        const late = (): Call | undefined => conn.calls[conn.callsAtReset];
        await this.#watch(conn, () => late() !== undefined);
        const call = late();
        if (call !== undefined) throw this.#failures.begunForNobody(conn, call);
        return;
      }
      case 'expectBodiesOver': {
        const open = (): Call | undefined => conn.calls.find((call) => call.reply === 'open');
        await this.#world.until(() => open() === undefined && !conn.calls.some(isRunning));
        this.#parts.faults(conn);
        const call = open();
        if (call !== undefined) throw this.#failures.bodyLeft(conn, call);
      }
    }
  }

  async #watch(conn: Conn, happened: () => boolean): Promise<void> {
    await this.#world.watch(happened, WATCHED);
    this.#parts.faults(conn);
  }

  async #offer(conn: Conn, path: string, count: number): Promise<void> {
    const { pipe } = conn;
    const { ends } = this.#count(conn);
    conn.sendFrom = pipe.offered;
    let end = pipe.offered;
    let text = '';
    for (let n = 1; n <= count; n++) {
      const request = `GET ${numbered(path, n)} HTTP/1.1\r\nHost: workshop\r\n\r\n`;
      text += request;
      end += request.length;
      ends.push(end);
      if (text.length < OFFERED && n < count) continue;
      pipe.offer(bytesOf(text));
      text = '';
      await this.#world.settle();
      this.#parts.faults(conn);
    }
  }

  #count(conn: Conn): Count {
    const known = this.#counts.get(conn);
    if (known !== undefined) return known;
    const count = { ends: [], sent: 0, at: conn.at };
    this.#counts.set(conn, count);
    return count;
  }

  /** Replies that are whole on the wire. What is no reply counts for nothing here; another step reads it. */
  #sent(conn: Conn): number {
    const count = this.#count(conn);
    for (;;) {
      const parsed = this.#parse(conn, count.at);
      if (parsed.kind !== 'reply') return count.sent;
      count.sent += 1;
      count.at = parsed.reply.to;
    }
  }

  /** Where the last request ends whose handler was called. */
  #begunTo(conn: Conn): number {
    const { ends } = this.#count(conn);
    return conn.calls.length === 0 ? 0 : (ends[Math.min(conn.calls.length, ends.length) - 1] ?? 0);
  }

  #parse(conn: Conn, from: number): Parsed {
    const { pipe } = conn;
    return parseReply(pipe.received, from, { method: 'GET', ended: pipe.ended !== null, lenient: true });
  }

  async #replies(conn: Conn, { path, count, body }: Extract<QueueStep, { do: 'expectNumbered' }>): Promise<void> {
    const { pipe } = conn;
    for (let n = 1; n <= count; ) {
      const parsed = this.#parse(conn, conn.at);
      const step = {
        do: 'expectReply',
        to: `GET ${numbered(path, n)}`,
        status: 200,
        body: numbered(body, n),
      } as const;
      if (parsed.kind === 'reply') {
        const { reply } = parsed;
        if (reply.status !== 200) throw this.#failures.server.wrongStatus(conn, step, reply);
        if (latin1(reply.body) !== step.body) throw this.#failures.server.wrongBody(conn, step, reply);
        conn.at = reply.to;
        conn.replies.push({ to: step.to, reply });
        n += 1;
        continue;
      }
      const before = pipe.written;
      pipe.peer.read(READ);
      await this.#world.until(() => pipe.written > before || pipe.ended !== null);
      this.#parts.faults(conn);
      if (pipe.written === before)
        throw this.#failures.server.noReply(conn, step, parsed as Exclude<Parsed, { kind: 'reply' }>);
    }
  }
}

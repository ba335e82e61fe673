/** Plays the steps about many connections at once: bytes that interleave, peers that break off, connections that stay silent. */
import { bytesOf, latin1 } from '../bytes.ts';
import { requestsIn } from '../exchanges.ts';
import { seeded } from '../random.ts';
import { parseReply } from '../replies.ts';
import { StepFailed, type World } from '../world.ts';
import type { CrowdStep } from './crowd-steps.ts';
import type { ServerParts } from './server-body.ts';
import type { Conn } from './server-connection.ts';
import type { CrowdFailures } from './server-crowd-failures.ts';

type OwnAnswer = Extract<CrowdStep, { do: 'expectOwn' }>['answers'][number];

export class CrowdSteps {
  #world: World;
  #failures: CrowdFailures;
  #parts: ServerParts;
  /** What each connection was sent last: when it goes wrong among others, the same is tried alone. */
  #sent: Map<string, Uint8Array> = new Map();

  constructor(world: World, failures: CrowdFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: CrowdStep, all: () => readonly Conn[]): Promise<void> {
    switch (step.do) {
      case 'sendTogether':
        return this.#send(step);
      case 'openSilent': {
        const conns = step.on.map((id) => this.#parts.conn(id));
        await this.#world.settle();
        for (const conn of conns) this.#parts.faults(conn);
        return;
      }
      case 'expectOwn': {
        for (const answer of step.answers) {
          try {
            await this.#parts.play({ do: 'expectReply', ...answer });
          } catch (error) {
            // A call for what another connection sent explains more than the reply that is missing or strange.
            this.#mustBeOwn(all());
            const crowd = all().length;
            if (!(error instanceof StepFailed) || !(await this.#isRightAlone(answer))) throw error;
            throw this.#failures.onlyTogether(answer.on, crowd, error.failure);
          }
        }
        return this.#mustBeOwn(all());
      }
      case 'expectResolved':
        for (const id of step.on) {
          const conn = this.#parts.conn(id);
          await this.#world.until(() => conn.settled !== null);
          this.#parts.faults(conn);
          if (conn.settled?.how !== 'resolved') throw this.#failures.notResolved(conn, all().length);
        }
    }
  }

  async #send({ parts, most, seed }: Extract<CrowdStep, { do: 'sendTogether' }>): Promise<void> {
    const random = seeded(seed);
    // All of them are open before the first byte comes.
    let rest = parts.map(({ on, bytes, ends }) => ({ conn: this.#parts.conn(on), bytes: bytesOf(bytes), ends }));
    for (const { conn, bytes } of rest) {
      conn.sendFrom = conn.pipe.offered;
      this.#sent.set(conn.pipe.id, bytes);
    }
    while (rest.length > 0) {
      for (const part of shuffled(rest, random)) {
        const size = 1 + Math.floor(random() * most);
        this.#world.deliver(part.conn.pipe, part.bytes.subarray(0, size));
        part.bytes = part.bytes.subarray(size);
        if (part.bytes.length === 0) this.#over(part.conn, part.ends);
      }
      await this.#world.settle();
      for (const { conn } of rest) this.#parts.faults(conn);
      rest = rest.filter((part) => part.bytes.length > 0);
    }
  }

  /** The same bytes on one more connection, and nothing beside it: answered as they should be? */
  async #isRightAlone({ on, to, status, body }: OwnAnswer): Promise<boolean> {
    const bytes = this.#sent.get(on);
    if (bytes === undefined || this.#world.fault !== null) return false;
    const { pipe } = this.#parts.conn('alone');
    this.#world.deliver(pipe, bytes);
    const how = (): { method: string; ended: boolean; lenient: boolean } => ({
      method: to.split(' ')[0] ?? 'GET',
      ended: pipe.ended !== null,
      lenient: true,
    });
    const parse = (): ReturnType<typeof parseReply> => parseReply(pipe.received, 0, how());
    await this.#world.until(() => parse().kind !== 'more' || pipe.ended !== null);
    const parsed = parse();
    if (parsed.kind !== 'reply') return false;
    const { reply } = parsed;
    return (
      (status === undefined || reply.status === status) &&
      (body === undefined || latin1(reply.body) === latin1(bytesOf(body)))
    );
  }

  #over({ pipe }: Conn, ends: 'end' | 'reset' | undefined): void {
    if (ends === undefined) return;
    this.#world.record({ connection: pipe.id, by: 'judge', what: ends === 'end' ? 'ended' : 'reset' });
    if (ends === 'end') pipe.endInput();
    else pipe.reset();
  }

  #mustBeOwn(conns: readonly Conn[]): void {
    for (const conn of conns) {
      const own = new Set(sentOn(conn));
      const call = conn.calls.find(({ request }) => !own.has(request));
      const from = call && conns.find((other) => other !== conn && sentOn(other).includes(call.request));
      if (call !== undefined && from !== undefined) throw this.#failures.crossed(conn, call, from);
    }
  }
}

function sentOn(conn: Conn): string[] {
  return requestsIn(latin1(conn.pipe.sent)).map(({ request }) => request);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

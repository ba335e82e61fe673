/** Plays the steps about bodies that nobody reads: uploads, appetite, errors, and what may follow on the connection. */
import type { BodyStep, Step } from '../../exercise.ts';
import { bytesOf } from '../bytes.ts';
import type { World } from '../world.ts';
import type { BodyFailures } from './server-body-failures.ts';
import { type Call, type Conn, readBytes } from './server-connection.ts';

/** What the scene lends to its parts. */
export type ServerParts = {
  conn(id?: string): Conn;
  faults(conn: Conn): void;
  play(step: Step): Promise<void>;
  /** What in the last reply announces the end, or null. */
  endsBy(conn: Conn): string | null;
};

/** How long an appetite is watched: a timer may take what the first moment did not. */
const WATCHED = 500;

export class BodySteps {
  #world: World;
  #failures: BodyFailures;
  #parts: ServerParts;

  constructor(world: World, failures: BodyFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: BodyStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    const { pipe } = conn;
    const callOf = (request: string): Call | undefined => conn.calls.find((call) => call.request === request);
    switch (step.do) {
      case 'upload':
        conn.sendFrom = pipe.offered;
        this.#world.deliver(pipe, bytesOf(step.head));
        pipe.upload(step.size);
        await this.#world.settle();
        return this.#parts.faults(conn);
      case 'expectBegun':
        await this.#world.until(() => callOf(step.request) !== undefined || pipe.ended !== null);
        this.#parts.faults(conn);
        if (callOf(step.request) === undefined) throw this.#failures.notBegun(conn, step.request);
        return;
      case 'expectAppetite': {
        const beyond = (): number => pipe.uploaded - readBytes(conn);
        await this.#world.watch(() => beyond() > step.beyond, step.for ?? WATCHED);
        this.#parts.faults(conn);
        if (beyond() > step.beyond) throw this.#failures.tookTooMuch(conn, step.beyond, pipe.uploaded, readBytes(conn));
        return;
      }
      case 'expectBodyError': {
        const told = (): boolean => callOf(step.request)?.bodyFailed === true;
        await this.#world.until(() => told() || callOf(step.request)?.bodyDone === true);
        this.#parts.faults(conn);
        if (!told()) throw this.#failures.noBodyError(conn, step.request, callOf(step.request));
        return;
      }
      case 'expectNextOrEnd': {
        const on = step.on === undefined ? {} : { on: step.on };
        if (this.#parts.endsBy(conn) !== null) return this.#parts.play({ do: 'expectEnd', ...on });
        if (step.bytes !== undefined) {
          if (pipe.ended !== null) throw this.#failures.endedUnannounced(conn, step.to);
          await this.#parts.play({ do: 'send', what: step.to, bytes: step.bytes, ...on });
        }
        return this.#parts.play({ do: 'expectReply', to: step.to, status: 200, body: step.body, ...on });
      }
    }
  }
}

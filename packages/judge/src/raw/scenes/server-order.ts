/** Plays the steps about order: which handlers run beside each other, when they may end, and whose bytes come first. */
import { bytesOf, latin1 } from '../bytes.ts';
import type { World } from '../world.ts';
import type { OrderStep } from './order-steps.ts';
import type { ServerParts } from './server-body.ts';
import { type Conn, isRunning } from './server-connection.ts';
import type { OrderFailures } from './server-order-failures.ts';

/** How long something that must not happen is watched: a timer may do what the first moment did not. */
const WATCHED = 500;

/** Names that handlers wait for. A name that was released stays so: a handler that is called later does not wait. */
export class Releases {
  #gates: Map<string, { readonly promise: Promise<void>; readonly open: () => void }> = new Map();

  open(name: string): void {
    this.#gate(name).open();
  }

  wait(name: string): Promise<void> {
    return this.#gate(name).promise;
  }

  #gate(name: string): { readonly promise: Promise<void>; readonly open: () => void } {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    let open = (): void => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    const gate = { promise, open };
    this.#gates.set(name, gate);
    return gate;
  }
}

export class OrderSteps {
  #world: World;
  #failures: OrderFailures;
  #parts: ServerParts;
  #releases: Releases = new Releases();

  constructor(world: World, failures: OrderFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  /** Another delivery begins: nothing is released yet. */
  fresh(): void {
    this.#releases = new Releases();
  }

  wait(name: string): Promise<void> {
    return this.#releases.wait(name);
  }

  async play(step: OrderStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    const { pipe } = conn;
    switch (step.do) {
      case 'release':
        this.#releases.open(step.name);
        this.#world.touch();
        await this.#world.settle();
        return this.#parts.faults(conn);
      case 'expectTogether': {
        const missing = (): string[] => step.requests.filter((request) => !runs(conn, request));
        await this.#world.until(() => missing().length === 0 || pipe.ended !== null);
        this.#parts.faults(conn);
        if (missing().length > 0) throw this.#failures.notTogether(conn, step.requests, missing());
        return;
      }
      case 'expectAlone': {
        await this.#world.until(() => runs(conn, step.request) || pipe.ended !== null);
        this.#parts.faults(conn);
        const others = (): string[] =>
          conn.calls.filter((call) => isRunning(call) && call.request !== step.request).map((call) => call.request);
        // One that has just been released may still be on its way to its end.
        await this.#world.until(() => others().length === 0, WATCHED);
        await this.#world.watch(() => others().length > 0, WATCHED);
        this.#parts.faults(conn);
        if (!runs(conn, step.request)) throw this.#failures.notRunning(conn, step.request);
        if (others().length > 0) throw this.#failures.notAlone(conn, step.request, others());
        return;
      }
      case 'expectHeld': {
        const wanted = latin1(bytesOf(step.bytes));
        const found = (): number => latin1(pipe.received.subarray(conn.at)).indexOf(wanted);
        await this.#world.watch(() => found() >= 0, WATCHED);
        this.#parts.faults(conn);
        if (found() >= 0) throw this.#failures.outOfTurn(conn, step.reply, step.before, conn.at + found());
      }
    }
  }
}

function runs(conn: Conn, request: string): boolean {
  return conn.calls.some((call) => call.request === request && isRunning(call));
}

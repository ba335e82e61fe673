import { type HeldRange, Hold, type HoldRule } from '@interleave/transport/node';
import type { Listener } from './listeners.ts';

/** A range of bytes of one TCP connection that the lab holds back. The bytes leave late; none is lost. */
export interface HoldState {
  readonly v: 1;
  readonly listener: string;
  /** True while it waits for a connection that sends so much. */
  readonly armed: boolean;
  readonly rule: HoldRule | null;
  readonly held: HeldRange | null;
}

/** Longer than this, and a browser might give up. */
const LONGEST = 5_000;
const FARTHEST = 100_000_000;

/** The rule from JSON, such as `{"after": 30000, "ms": 500}`; `{}` takes the hold away.
 *
 * @throws {RangeError} naming the member and what it may be.
 */
export function holdRule(body: unknown): HoldRule | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RangeError('Say {"after": bytes, "ms": milliseconds}, or {} to end it, as application/json.');
  }
  const given = body as Record<string, unknown>;
  const unknown = Object.keys(given).find((key) => key !== 'after' && key !== 'ms');
  if (unknown !== undefined) throw new RangeError(`There is no member ${unknown.slice(0, 40)}: it takes after and ms.`);
  if (Object.keys(given).length === 0) return null;
  const { after = 0, ms = 500 } = given;
  if (!isWhole(after, FARTHEST)) throw new RangeError(`after is a whole number of bytes, at most ${FARTHEST}.`);
  if (!isWhole(ms, LONGEST)) throw new RangeError(`ms is a whole number of milliseconds, at most ${LONGEST}.`);
  return { after, ms };
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** The holds of one listener, one at a time. */
export class Holds {
  #hold: Hold | null = null;
  #held: HeldRange | null = null;

  /** Arms a rule, or takes away what is armed; the result is what the listener's servers are to have. */
  set(rule: HoldRule | null): Hold | null {
    this.#hold?.cancel();
    this.#held = null;
    const hold = rule === null ? null : new Hold(rule);
    this.#hold = hold;
    void hold?.taken.then((range) => {
      if (this.#hold === hold) this.#held = range;
    });
    return hold;
  }

  state(listener: Listener): HoldState {
    const { plan } = listener;
    const hold = this.#hold;
    return { v: 1, listener: plan.id, armed: hold?.armed ?? false, rule: hold?.rule ?? null, held: this.#held };
  }
}

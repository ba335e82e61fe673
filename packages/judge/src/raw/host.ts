/** What the raw judge needs from the place it runs in. Each host gives one of these; the judge itself is the same everywhere. */
import type { Host } from '../result.ts';

export type RawHost = {
  readonly name: Host;
  /** Loads the learner's file anew for this check: no state is shared with another check. Rejects when it does not load. */
  load(checkId: string, file: string): Promise<Record<string, unknown>>;
  /** One turn of the real event loop. */
  turn(): Promise<void>;
  /** Resolves when nothing at all can run any more. Hosts that cannot know leave it out; then some idle turns stand in. */
  idle?(): Promise<void>;
  /** A short real rest, for work that runs outside the event loop. Only hosts without `idle` need it. */
  rest(ms: number): Promise<void>;
  /** Collects at once what nobody can reach any more. Hosts that cannot be asked for it leave it out. */
  collect?(): void;
  /** Real milliseconds, monotonic; read before the judge's clock takes the names away. */
  realNow(): number;
};

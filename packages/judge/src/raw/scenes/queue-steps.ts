/** Steps for a server that must remember what it has begun: what they are, and each in words. */
import { grouped } from '../numbers.ts';

type On = { readonly on?: string };

export type QueueStep =
  /** The judge takes nothing more of what the learner writes, or so many bytes more: then writes wait, as on a full socket. */
  | (On & { readonly do: 'stopReading'; readonly after?: number })
  /**
   * Offers GETs for this path, its star replaced by the numbers from 1 to `count`. They come as somebody reads them, a few
   * kilobytes at a time.
   */
  | (On & { readonly do: 'sendNumbered'; readonly path: string; readonly count: number })
  /**
   * At most so many handlers have been called whose reply is not whole on the wire, whenever nothing moves. `queued`: replies
   * beside them that were handed over and wait in the stream's own queue, for a peer that reads nothing.
   */
  | (On & { readonly do: 'expectInFlight'; readonly atMost: number; readonly queued?: number })
  /** At most so many bytes have been taken beyond the requests whose handler was called, however long one waits. */
  | (On & { readonly do: 'expectTakenAhead'; readonly atMost: number })
  /**
   * Whole replies to the numbered GETs up to `count` come next, in order, with status 200 and this body, its star replaced by
   * the number. The judge reads them a part at a time, as a busy client does.
   */
  | (On & { readonly do: 'expectNumbered'; readonly path: string; readonly count: number; readonly body: string })
  /**
   * Of each body that a handler gave, at most so many pieces were asked for, however long one waits; of the body of the first
   * reply that is not whole on the wire, `first`.
   */
  | (On & { readonly do: 'expectPulled'; readonly atMost: number; readonly first?: number })
  /** No handler was called since the judge broke the connection off, however long one waits. */
  | (On & { readonly do: 'expectNoneBegun' })
  /** Each body that a handler gave was read to its end, or given up. */
  | (On & { readonly do: 'expectBodiesOver' });

/** One line, present tense. */
export function describeQueueStep(step: QueueStep): string {
  const on = step.on === undefined ? '' : ` on ${step.on}`;
  const many = (n: number, what: string): string => `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;
  switch (step.do) {
    case 'stopReading':
      return step.after === undefined
        ? `Read nothing more${on}.`
        : `Read ${many(step.after, 'byte')} more${on}, and then nothing.`;
    case 'sendNumbered':
      return `Offer GET ${numbered(step.path, 1)} to GET ${numbered(step.path, step.count)}${on}, a few kilobytes at a time.`;
    case 'expectInFlight':
      return `Expect at most ${many(step.atMost, 'request')} begun and unsent${on}.`;
    case 'expectTakenAhead':
      return `Expect at most ${many(step.atMost, 'byte')} of requests taken${on} beyond those begun.`;
    case 'expectNumbered':
      return `Read on${on}, and expect ${many(step.count, 'whole reply').replace('replys', 'replies')} in order.`;
    case 'expectPulled':
      return `Expect at most ${many(step.atMost, 'piece')} asked for of each body${on} that waits.`;
    case 'expectNoneBegun':
      return `Expect that no handler was called${on} since the peer is gone.`;
    case 'expectBodiesOver':
      return `Expect that each body${on} was read to its end, or cancelled.`;
  }
}

/** The path with its number. */
export function numbered(path: string, n: number): string {
  return path.replace('*', String(n));
}

/** What is asked over a link, and what the handler answers: from a seed, or the few requests of a run that breaks. */
import type { HandlerRule } from '../../exercise.ts';
import type { LinkShape } from '../link.ts';
import { seeded } from '../random.ts';

export type Planned = {
  /** `GET /7`; no two alike. */
  readonly request: string;
  readonly body: string | null;
  /** It says `Connection: close`: the last one before a pause. */
  readonly isLast: boolean;
  readonly answer: string;
  readonly rule: HandlerRule;
};

/** In bursts: each begins when all answers of the one before are there, and nothing moves any more. */
export type Plan = { readonly bursts: readonly (readonly Planned[])[]; readonly shape: LinkShape };

/** A run of many requests. Everything in it comes from the seed. */
export function roughPlan(count: number, seed: number): Plan {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const bursts: Planned[][] = [];
  let n = 0;
  let afterClose = false;
  while (n < count) {
    const size = Math.min(count - n, 10 + upTo(50));
    const burst: Planned[] = [];
    for (let i = 0; i < size; i++) {
      n += 1;
      // What is asked first after an end is the one that must not be lost on a connection that is over.
      const isPost = i === 0 ? afterClose : upTo(10) === 0;
      const isLast = i === size - 1 && upTo(2) === 0;
      const length = upTo(120);
      const pieces = upTo(4);
      const after = upTo(8) === 0 ? 1 + upTo(9) : 0;
      const between = upTo(8) === 0 ? 1 + upTo(4) : 0;
      burst.push(planned(n, { isPost, isLast, length, pieces, after, between }));
    }
    afterClose = burst.at(-1)?.isLast === true;
    bursts.push(burst);
  }
  // Now whole messages, now a few bytes; and now and then nothing at all for a while.
  const piece = (): number => (upTo(3) === 0 ? 1 + upTo(7) : 1 + upTo(400));
  const wait = (): number => (upTo(24) === 0 ? 1 + upTo(5) : 0);
  return { bursts, shape: { room: 2048, window: 2048, piece, wait } };
}

/** One request of each kind: answered whole, not to be done twice, answered in pieces. */
export function shortPlan(): Plan {
  const burst = [
    planned(1, { length: 0, pieces: 0 }),
    planned(2, { isPost: true, length: 0, pieces: 0 }),
    planned(3, { length: 0, pieces: 2 }),
  ];
  return { bursts: [burst], shape: { room: 2048, window: 2048, piece: () => 1024, wait: () => 0 } };
}

/** Requests without waits, over a link that hardly holds anything. */
export function narrowPlan(count: number, room: number): Plan {
  const burst = Array.from({ length: count }, (_, i) => planned(i + 1, { length: 30, pieces: i % 3 }));
  return { bursts: [burst], shape: { room, window: 1, piece: () => 1, wait: () => 0 } };
}

type Like = {
  readonly isPost?: boolean;
  readonly isLast?: boolean;
  readonly length: number;
  /** 0: the body is there at once. */
  readonly pieces: number;
  /** How long the handler takes, and how long each further piece does, in milliseconds. */
  readonly after?: number;
  readonly between?: number;
};

function planned(n: number, { isPost = false, isLast = false, length, pieces, after = 0, between = 0 }: Like): Planned {
  const request = `${isPost ? 'POST' : 'GET'} /${n}`;
  const body = isPost ? `ticket ${n}` : null;
  const answer = isPost ? `ticket ${n}` : `answer ${n}${'.'.repeat(length)}`;
  const cut = Math.ceil(answer.length / Math.max(1, pieces));
  const parts = Array.from({ length: pieces }, (_, i) => ({
    bytes: answer.slice(i * cut, (i + 1) * cut),
    ...(between === 0 || i === 0 ? {} : { after: between }),
  }));
  return {
    request,
    body,
    isLast,
    answer,
    rule: {
      on: request,
      ...(after === 0 ? {} : { after }),
      reply: { body: isPost ? { echo: true } : pieces === 0 ? answer : { pieces: parts } },
    },
  };
}

/** Steps for two programs of the learner's that talk to each other: their client, their server, and the judge's link between them. */

import type { Break } from '../link.ts';
import { grouped } from '../numbers.ts';

export type { Break };

/** The learner's `pipeline` and `serve`; the judge asks, dials, carries the bytes, and is the handler. */
export type LinkScene = {
  readonly kind: 'link';
  /** The client. */
  readonly file: string;
  readonly export: string;
  readonly server: { readonly file: string; readonly export: string; readonly maxInFlight?: number };
};

export type LinkStep =
  /**
   * So many requests, in bursts. Seed, sizes, cuts and waits are one number: the same run each time. Each is answered with its own
   * answer, and each POST is handled once.
   */
  | { readonly do: 'expectEachOwn'; readonly requests: number; readonly seed: number }
  /**
   * A few requests, while one connection after another breaks as planned (the last ones hold). What has no byte of a reply is
   * answered all the same; what broke off in the middle says so, and is answered when it is asked again; no POST is handled twice.
   */
  | { readonly do: 'expectRecovery'; readonly breaks: readonly Break[] }
  /** So many requests at once, over a link that takes one byte at a time and holds `room` of them each way. */
  | { readonly do: 'expectThrough'; readonly requests: number; readonly room: number };

/** One line, present tense. */
export function describeLinkStep(step: LinkStep): string {
  switch (step.do) {
    case 'expectEachOwn':
      return `Ask for ${step.requests} things over a link that cuts, joins and delays (seed ${step.seed}); expect the right answer to each.`;
    case 'expectRecovery':
      return `Ask for a few things while ${breaksText(step.breaks)}; expect that nothing is lost, and nothing done twice.`;
    case 'expectThrough':
      return `Ask for ${step.requests} things over a link that takes one byte at a time; expect an answer to each.`;
  }
}

/** `the link breaks off after 12 bytes of requests, the next after 40 bytes of replies`. */
export function breaksText(breaks: readonly Break[]): string {
  return breaks
    .map(({ toward, at, how, behindReply }, i) => {
      const which = i === 0 ? `the link ${how === 'end' ? 'ends' : 'breaks off'}` : 'the next';
      const bytes = `${grouped(at)} byte${at === 1 ? '' : 's'}`;
      if (behindReply === true) return `${which} ${bytes} behind its first reply`;
      return `${which} after ${bytes} of ${toward === 'server' ? 'requests' : 'replies'}`;
    })
    .join(', ');
}

/** Steps for a learner who exports `inOrder(segments, limit)`: what they are, and each in words. */
import { grouped } from '../numbers.ts';
import { rangeText } from '../ranges.ts';

/**
 * The learner exports `inOrder(segments, limit)`; the judge hands over segments and reads what is passed on, as it comes.
 * `total` bytes of a text that tells its own offsets are on the way.
 */
export type SegmentsScene = {
  readonly kind: 'segments';
  readonly file: string;
  readonly export: string;
  readonly total: number;
  /** How many bytes may be kept beyond a hole. */
  readonly limit: number;
};

export type SegmentStep =
  | ArriveStep
  /** Exactly so many bytes have been passed on, however long one waits; and they are the right ones. */
  | { readonly do: 'expectPassedOn'; readonly to: number }
  /** At most so many bytes have been passed on: what was not kept is missing. */
  | { readonly do: 'expectPassedOnAtMost'; readonly to: number }
  /** What is missing comes again in order, in segments of this size; each byte is passed on when it is there. */
  | { readonly do: 'comeAgain'; readonly size: number }
  /** Everything was passed on, and then the stream ended. */
  | { readonly do: 'expectOver' }
  /** The stream has not ended. */
  | { readonly do: 'expectNotOver' }
  | ArriveShuffledStep;

/** A segment arrives: the bytes from `from` to `to`. `last`: nothing follows the byte before `to`. */
export type ArriveStep = {
  readonly do: 'arrive';
  readonly from: number;
  readonly to: number;
  readonly last?: boolean;
};

/** Everything arrives, cut, repeated, overlapping and out of order as this seed says; after each segment, what is whole was passed on. */
export type ArriveShuffledStep = { readonly do: 'arriveShuffled'; readonly seed: number };

/** One line, present tense. */
export function describeSegmentStep(step: SegmentStep): string {
  switch (step.do) {
    case 'arrive':
      return `Let ${rangeText(step)} arrive${step.last === true ? ', the last ones' : ''}.`;
    case 'expectPassedOn':
      return step.to === 0
        ? 'Expect that nothing was passed on.'
        : `Expect that ${rangeText({ from: 0, to: step.to })} were passed on, and nothing more.`;
    case 'expectPassedOnAtMost':
      return `Expect that at most ${grouped(step.to)} bytes were passed on.`;
    case 'comeAgain':
      return `Let what is missing come again in order, ${grouped(step.size)} bytes at a time; expect each at once.`;
    case 'expectOver':
      return 'Expect that everything was passed on, and then the end.';
    case 'expectNotOver':
      return 'Expect that the stream has not ended.';
    case 'arriveShuffled':
      return `Let everything arrive in another order, cut, repeated and overlapping, seed ${step.seed}; look after each segment.`;
  }
}

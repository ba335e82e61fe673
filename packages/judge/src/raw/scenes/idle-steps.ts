/** Steps for a server that ends what nobody uses: what they are, and each in words. All of them live on the judge's clock. */
import type { Bytes } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';

type On = { readonly on?: string };

export type IdleStep =
  /** For so many milliseconds nothing comes, and the connection stays open. The first use of a connection opens it. */
  | (On & { readonly do: 'expectOpen'; readonly for: number })
  /** The end comes within so many milliseconds; before it nothing, or one 408. */
  | (On & { readonly do: 'expectIdleEnd'; readonly within: number })
  /** Sends one byte of a head every so many milliseconds. Within so many of the first one the end comes; before it nothing, or one 408. */
  | (On & {
      readonly do: 'expectSlowHeadEnds';
      readonly bytes: Bytes;
      readonly every: number;
      readonly within: number;
    })
  /** Aborts the signal that `serve` was given. */
  | { readonly do: 'abort' }
  /** `serve` has settled, no timer of the learner's is set, and no read of the connection waits. */
  | (On & { readonly do: 'expectNothingLeft' });

/** One line, present tense. */
export function describeIdleStep(step: IdleStep): string {
  const on = 'on' in step && step.on !== undefined ? ` on ${step.on}` : '';
  switch (step.do) {
    case 'expectOpen':
      return `Expect nothing${on} for ${milliseconds(step.for)}, and the connection still open.`;
    case 'expectIdleEnd':
      return `Expect the end of the connection${on} within ${milliseconds(step.within)}.`;
    case 'expectSlowHeadEnds':
      return `Send one byte of "${readable(latin1(bytesOf(step.bytes)), 24)}"${on} every ${milliseconds(step.every)}; expect the end within ${milliseconds(step.within)}.`;
    case 'abort':
      return 'Abort the signal.';
    case 'expectNothingLeft':
      return `Expect that serve has settled${on}, and that nothing of it is left.`;
  }
}

/** `4,999 ms`, `10 s`. */
export function milliseconds(ms: number): string {
  return ms > 0 && ms % 1000 === 0 ? `${ms / 1000} s` : `${ms.toLocaleString('en')} ms`;
}

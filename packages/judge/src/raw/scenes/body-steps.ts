/** Steps for a server whose handler does not read all of a request's body: what they are, and each in words. */

import type { Bytes } from '../../exercise.ts';
import { grouped } from '../numbers.ts';

type On = { readonly on?: string };

export type BodyStep =
  /**
   * Sends a head, and then a body of `size` bytes that is made only as it is taken: 100 MB cost nothing until somebody reads
   * them. Each read is given at most 16 KiB, as from a socket.
   */
  | (On & { readonly do: 'upload'; readonly what: string; readonly head: Bytes; readonly size: number })
  /** The handler has been called for this request; how much of its body it has read does not matter. */
  | (On & { readonly do: 'expectBegun'; readonly request: string })
  /** Of the upload, at most this many bytes have been taken beyond what the handler has read, however long one waits. */
  | (On & { readonly do: 'expectAppetite'; readonly beyond: number; readonly for?: number })
  /** The handler's reader was told that the body of this request will not come to its end. */
  | (On & { readonly do: 'expectBodyError'; readonly request: string })
  /** Where the last reply announced the end, the end comes; else this request is sent, and answered. */
  | (On & { readonly do: 'expectNextOrEnd'; readonly to: string; readonly bytes?: Bytes; readonly body: Bytes });

/** One line, present tense. */
export function describeBodyStep(step: BodyStep): string {
  const on = step.on === undefined ? '' : ` on ${step.on}`;
  const bytes = (n: number): string => `${grouped(n)} ${n === 1 ? 'byte' : 'bytes'}`;
  switch (step.do) {
    case 'upload':
      return `Offer ${step.what}${on}: a head and ${bytes(step.size)} of body, made as they are taken.`;
    case 'expectBegun':
      return `Expect that the handler was called${on} for ${step.request}.`;
    case 'expectAppetite':
      return `Expect at most ${bytes(step.beyond)} taken${on} beyond what the handler has read.`;
    case 'expectBodyError':
      return `Expect that reading the body of ${step.request}${on} fails.`;
    case 'expectNextOrEnd':
      return step.bytes === undefined
        ? `Expect the announced end${on}, or the reply to ${step.to}.`
        : `Expect the announced end${on}, or send ${step.to} and expect its reply.`;
  }
}

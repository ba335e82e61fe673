/** Steps for a learner's HTTP/2 server in front of Chromium, beside those of every browser check: what they are, and each in words. */
import type { Bytes } from '../../exercise.ts';
import { grouped } from '../numbers.ts';

export type Http2BrowserStep =
  /** Aborts the signal of each connection that is open, and waits until they have ended; one that is opened later has its own. */
  | { readonly do: 'signal' }
  /**
   * The page fetches all of these at once and reads the first bytes of each. It gives up `abort`; when the handler knows that, the
   * others may go on (`release`), and each must bring `body`.
   */
  | {
      readonly do: 'fetchAndAbort';
      readonly paths: readonly string[];
      readonly abort: string;
      readonly release: string;
      readonly body: Bytes;
    }
  /**
   * The page shows so many images (`/image/1` and on), whose bodies pause, and then asks for a stylesheet. When the handler has that
   * request too, all may go on at once (`release`): on the wire the stylesheet ends before so many images do.
   */
  | {
      readonly do: 'expectUrgentFirst';
      readonly images: number;
      readonly stylesheet: string;
      readonly release: string;
      readonly before: number;
    };

/** One line, present tense; null for a step of another kind. */
export function describeHttp2BrowserStep(step: Http2BrowserStep): string {
  switch (step.do) {
    case 'signal':
      return 'The signal of the open connections is aborted.';
    case 'fetchAndAbort':
      return `The page fetches ${grouped(step.paths.length)} paths at the same time, gives up ${step.abort}, and reads the others to their ends.`;
    case 'expectUrgentFirst':
      return `The page shows ${step.images} images and then asks for ${step.stylesheet}: expect its end on the wire before the ends of ${step.before} images.`;
  }
}

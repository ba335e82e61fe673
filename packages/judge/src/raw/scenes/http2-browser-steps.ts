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
    }
  /**
   * The page at `path` and the page at `leaves`, in a browser context of its own and so on a connection of its own, load at the same
   * time; their images (`…/image/1` and on, so many each) pause half-way. Then the second one’s connection is broken off and it is closed: the connection must be over
   * for the learner, and its replies cancelled. The others may go on (`release`), and the first page must be whole.
   */
  | {
      readonly do: 'tabs';
      readonly path: string;
      readonly leaves: string;
      readonly images: number;
      readonly release: string;
    }
  /** What is open came by HTTP/2, every part of it; and in a Chromium without HTTP/2 the same page comes by HTTP/1.1, on the same port. */
  | { readonly do: 'expectBothProtocols'; readonly path: string; readonly images: number };

/** One line, present tense; null for a step of another kind. */
export function describeHttp2BrowserStep(step: Http2BrowserStep): string {
  switch (step.do) {
    case 'signal':
      return 'The signal of the open connections is aborted.';
    case 'fetchAndAbort':
      return `The page fetches ${grouped(step.paths.length)} paths at the same time, gives up ${step.abort}, and reads the others to their ends.`;
    case 'tabs':
      return `Two tabs open ${step.path} and ${step.leaves}, with ${step.images} images each; the second loses its connection half-way, and the first is shown.`;
    case 'expectBothProtocols':
      return `Expect that ${step.path} came by HTTP/2, and comes by HTTP/1.1 where Chromium knows no other.`;
    case 'expectUrgentFirst':
      return `The page shows ${step.images} images and then asks for ${step.stylesheet}: expect its end on the wire before the ends of ${step.before} images.`;
  }
}

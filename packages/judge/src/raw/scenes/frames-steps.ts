/** Steps for a learner who exports `frames(readable, maxFrameSize?)`, an async generator: what they are, and each in words. */
import type { Bytes, HandlerRule } from '../../exercise.ts';
import { bytesOf } from '../bytes.ts';
import { framesIn } from '../http2/parse.ts';
import { frameText } from '../http2/words.ts';
import { grouped } from '../numbers.ts';

/** The judge owns the stream and asks for frame after frame. `send`, `endInput` and `reset` work here too. */
export type FramesScene = {
  readonly kind: 'frames';
  readonly file: string;
  readonly export: string;
  /** The second argument; absent: it is left out. */
  readonly maxFrameSize?: number;
  /** Only browser checks have one: what the given server answers, whose frames go through the learner's `frames`. */
  readonly handler?: readonly HandlerRule[];
};

export type FramesStep =
  /** The generator gives the frames that stand in these bytes, one for each call, without another byte. */
  | { readonly do: 'expectFrames'; readonly bytes: Bytes }
  /** Asks for a frame and waits for nothing; the next step that asks takes this call over. */
  | { readonly do: 'askFrame' }
  /** The call that is open, or a new one, has come to nothing yet, however long one waits. */
  | { readonly do: 'expectFrameWaiting' }
  /** The generator is done: no frame, no error. */
  | { readonly do: 'expectFramesEnd' }
  /** The next call rejects; `name` stands in the error's name, message or code. */
  | { readonly do: 'expectFramesReject'; readonly name?: string };

/** One line, present tense. */
export function describeFramesStep(step: FramesStep): string {
  switch (step.do) {
    case 'expectFrames': {
      const { frames } = framesIn(bytesOf(step.bytes));
      const names = frames.slice(0, 4).map((frame) => frameText(frame));
      const more = frames.length > names.length ? `, and ${grouped(frames.length - names.length)} more` : '';
      return `Ask for ${frames.length === 1 ? 'a frame' : `${grouped(frames.length)} frames`}, and expect ${names.join('; ')}${more}.`;
    }
    case 'askFrame':
      return 'Ask for a frame.';
    case 'expectFrameWaiting':
      return 'Expect that the call for a frame still waits.';
    case 'expectFramesEnd':
      return 'Ask for a frame, and expect that there are no more.';
    case 'expectFramesReject':
      return `Ask for a frame, and expect ${step.name === undefined ? 'an error' : `an error that names ${step.name}`}.`;
  }
}

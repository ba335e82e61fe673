/** The given parts as a scene hands them over: it hears who asks a part that gives nothing any more, and which block is none. */
import type { Given, GivenPart } from '../../given/parts.ts';

/** `unread`: told of a block that the learner's coder could not decode, and why. */
export function watchedGiven(
  given: Given,
  give: readonly GivenPart[],
  missed: (part: GivenPart) => void,
  unread: (block: Uint8Array, error: unknown) => void,
): Given {
  const miss = (part: GivenPart): void => {
    if (!give.includes(part)) missed(part);
  };
  return {
    hpack() {
      const { decode, encode } = given.hpack();
      return {
        encode,
        decode(block) {
          try {
            return decode(block);
          } catch (error) {
            if (block instanceof Uint8Array) unread(block.slice(), error);
            throw error;
          }
        },
      };
    },
    get hello() {
      miss('hello');
      return given.hello;
    },
    chores(frame) {
      miss('chores');
      return given.chores(frame);
    },
    fields(frame) {
      miss('fields');
      return given.fields(frame);
    },
    head(streamId, status, headers) {
      miss('head');
      return given.head(streamId, status, headers);
    },
  };
}

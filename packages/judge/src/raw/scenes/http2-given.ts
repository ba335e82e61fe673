/** The given parts as a scene hands them over: it hears who still asks a part that gives nothing any more. */
import type { Given, GivenPart } from '../../given/parts.ts';

export function watchedGiven(given: Given, give: readonly GivenPart[], missed: (part: GivenPart) => void): Given {
  const miss = (part: GivenPart): void => {
    if (!give.includes(part)) missed(part);
  };
  return {
    hpack: given.hpack,
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

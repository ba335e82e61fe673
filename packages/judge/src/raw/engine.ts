/** The verdicts that every exercise shares: what went wrong before, beside or in place of a wrong byte. */
import type { Spec } from '../exercise.ts';
import type { Cause, CodePlace, Failure } from '../result.ts';
import { placeIn, type Sources } from './place.ts';

/** Hidden in learner files, because at least one of the four hosts does not have them (curriculum §2). */
export const HIDDEN_NAMES: readonly string[] = [
  'Buffer',
  'process',
  'global',
  'require',
  '__dirname',
  '__filename',
  'setImmediate',
  'clearImmediate',
  'Deno',
  'Bun',
  'window',
  'document',
  'WebSocketStream',
  'WebSocketPair',
];

/** Statics that some hosts lack; taken away in all of them. */
export const HIDDEN_STATICS: readonly (readonly [object: string, name: string])[] = [
  ['ReadableStream', 'from'],
  // A page may not wait like this, and nobody else gets a turn meanwhile.
  ['Atomics', 'wait'],
];

const CONTRACT: Spec = { text: 'contract', url: '' };

const IDEAS: Partial<Record<Cause, string>> = {
  'does not load': 'Nothing of a file runs, and nothing can be judged, before all of it has loaded.',
  'missing export': 'The judge calls your code by this name; nothing else of it is looked at.',
  hung: 'While a loop runs without ever waiting, no byte can come in, and no other connection gets a turn.',
  'ended the process': 'One connection is one of many. Whatever happens on it, the others go on.',
  flooded: 'A message has an end. Bytes that nobody asked for keep the peer busy for nothing.',
  'out of memory': 'What is kept must have a bound, or one peer can use up the memory of all.',
  'not everywhere': 'The same file runs in Node, Deno, a Worker and a page. It uses only what all four have.',
  'unhandled rejection':
    'A promise that fails with nobody waiting for it ends a Node process, and every connection with it.',
  crashed: 'An error that nobody catches ends all that was under way, whatever was still owed.',
  contract: 'Both sides of a contract count on its types; at run time nothing else checks them.',
};

/** A verdict of the engine. `spec` is the check's where a wire rule was at stake; most are the contract's. */
export function engineFailure(
  cause: Cause,
  headline: string,
  at: readonly (CodePlace | null)[],
  more: Partial<Failure> = {},
): Failure {
  return {
    cause,
    headline,
    spec: CONTRACT,
    idea: IDEAS[cause] ?? 'The judge stopped here.',
    at: at.filter((place) => place !== null),
    ...more,
  };
}

/** What an error thrown by learner code means. `how` begins the headline of a plain crash: `serve rejected`. */
export function failureOfError(
  error: unknown,
  how: string,
  cause: 'crashed' | 'unhandled rejection' | 'does not load',
  sources: Sources,
): Failure {
  const stack = error instanceof Error ? error.stack : undefined;
  const place = placeIn(stack, sources, cause === 'unhandled rejection' ? 'rejected' : 'threw');
  const text = messageOf(error);
  const name = nameNotEverywhere(error, place);
  if (name === 'process' && place !== null && /process\s*\.\s*(exit|abort|kill|reallyExit)/.test(place.text)) {
    return engineFailure('ended the process', 'Your code tries to end the process it runs in.', [
      { ...place, did: 'ends the process' },
    ]);
  }
  if (name !== null) {
    return engineFailure('not everywhere', `Your code uses ${name}, which is not there in every host.`, [
      place && { ...place, did: `uses ${name}` },
    ]);
  }
  if (error instanceof RangeError && /allocation failed|Invalid (array|string) (buffer )?length/i.test(text)) {
    return engineFailure('out of memory', `Your code asked for more memory than there is: ${text}`, [place]);
  }
  return engineFailure(cause, `${how}: ${text}`, [place]);
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)} (not an Error)`;
  return error.message === '' ? error.name : `${error.name}: ${error.message}`;
}

/** The name behind "x is not defined" or "cannot read properties of undefined", when it is one that we hide. */
function nameNotEverywhere(error: unknown, place: CodePlace | null): string | null {
  if (!(error instanceof TypeError || error instanceof ReferenceError)) return null;
  const missing = /^([\w$]+) is not defined/.exec(error.message)?.[1];
  if (missing !== undefined) return HIDDEN_NAMES.includes(missing) ? missing : null;
  for (const [object, name] of HIDDEN_STATICS) {
    const full = `${object}.${name}`;
    if (
      error.message.startsWith(`${full} is not a function`) ||
      (place?.text.includes(`${full}(`) && /is not a function/.test(error.message))
    )
      return full;
  }
  if (place === null || !/undefined|is not a (function|constructor)|instanceof/.test(error.message)) return null;
  const code = place.text.replace(/\/\/.*$/, '');
  return (
    HIDDEN_NAMES.find((name) =>
      new RegExp(`(?<![\\w$.])${name}\\s*[.(\\[?]|new\\s+${name}\\b|instanceof\\s+${name}\\b`).test(code),
    ) ?? null
  );
}

/** Steps for a server with many connections at the same time: what they are, and each in words. */
import type { Bytes } from '../../exercise.ts';

/** What one connection of a crowd carries. `ends`: the peer ends its direction (FIN) or breaks off (RST) right behind its bytes. */
export type CrowdPart = { readonly on: string; readonly bytes: Bytes; readonly ends?: 'end' | 'reset' };

export type CrowdStep =
  /**
   * Bytes for many connections at the same time, in rounds: in each, every connection gets some of its bytes, between 1 and
   * `most`, in an order that `seed` gives; what the server does at once it does between the rounds.
   */
  | {
      readonly do: 'sendTogether';
      readonly parts: readonly CrowdPart[];
      readonly most: number;
      readonly seed: number;
      /** What they are, in words: `two requests each`. */
      readonly what: string;
    }
  /** Connections that are open and carry nothing. */
  | { readonly do: 'openSilent'; readonly on: readonly string[] }
  /** Each of these connections carries these whole replies next, and no handler was called for what came on another connection. */
  | {
      readonly do: 'expectOwn';
      readonly answers: readonly {
        readonly on: string;
        readonly to: string;
        readonly status?: number;
        readonly body?: Bytes;
      }[];
    }
  /** `serve` has resolved on each of these: their end, in whatever way it came, is nobody's error. */
  | { readonly do: 'expectResolved'; readonly on: readonly string[] };

/** One line, present tense. */
export function describeCrowdStep(step: CrowdStep): string {
  switch (step.do) {
    case 'sendTogether': {
      const broken = step.parts.filter((part) => part.ends !== undefined).length;
      const more = broken === 0 ? '' : `; break ${broken} of them off behind it`;
      return `Send ${step.what} on ${few(step.parts.map((part) => part.on))} at the same time, ${step.most} bytes at most at a time${more}.`;
    }
    case 'openSilent':
      return `Open ${few(step.on)}, and send nothing.`;
    case 'expectOwn':
      return `Expect ${step.answers.length} whole replies on ${few([...new Set(step.answers.map((a) => a.on))])}, each on its own connection.`;
    case 'expectResolved':
      return `Expect that serve has resolved on ${few(step.on)}.`;
  }
}

/** `c1`, `c1 and c2`, `c1 to c50 (50)`: a long row is named by its ends. */
export function few(names: readonly string[]): string {
  if (names.length > 4) return `${names[0]} to ${names.at(-1)} (${names.length})`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

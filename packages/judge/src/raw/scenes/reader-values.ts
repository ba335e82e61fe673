/** How the bytes that a reader gave differ from those it should have given: one of a few shapes, each with its own sentence. */
import type { Cause } from '../../result.ts';
import { latin1, readable } from '../bytes.ts';
import { count } from '../steps.ts';

export type Difference = {
  readonly cause: Cause;
  /** Goes on behind the call: `gave only the first 3 of 8 bytes: "fir"`. */
  readonly headline: string;
  readonly fact: string | null;
  /** Where in the stream it shows. */
  readonly at: { readonly at: number; readonly text: string };
};

/** UTF-8 of U+FFFD: what a text decoder puts where bytes are no text. */
const REPLACED = '\xef\xbf\xbd';

export function differenceOf(it: {
  readonly value: Uint8Array;
  readonly want: Uint8Array;
  /** What `until` was asked for; empty for the other calls. */
  readonly mark: Uint8Array;
  readonly sent: Uint8Array;
  /** Where the call begins in what was sent. */
  readonly from: number;
}): Difference {
  const [got, want, mark, sent] = [latin1(it.value), latin1(it.want), latin1(it.mark), latin1(it.sent)];
  const { from } = it;
  const end = { at: from + want.length, text: 'it should end here' };
  if (mark !== '' && got === want + mark)
    return wrong('extra bytes', `gave the mark too: ${valueText(it.value)}`, null, end);
  if (got.includes(REPLACED) && !want.includes(REPLACED)) {
    const same = commonStart(want, got);
    return wrong('wrong bytes', `gave ${valueText(it.value)}`, 'EF BF BD is what stands for bytes that are no text', {
      at: from + same,
      text: 'these bytes came back changed',
    });
  }
  if (got.startsWith(want) && want.length < got.length) {
    const extra = readable(got.slice(want.length), 24);
    return wrong('extra bytes', `gave ${count(got.length - want.length)} too many: "${extra}"`, null, end);
  }
  if (want.startsWith(got)) {
    const stop = { at: from + got.length, text: got === '' ? 'this call begins here' : 'it stops here' };
    const what = got === '' ? 'gave no bytes' : `gave only the first ${got.length} of ${count(want.length)}`;
    return wrong('incomplete', what, null, stop);
  }
  // The first few bytes tell where the learner's code was in the stream.
  const place = got === '' ? -1 : sent.indexOf(got.slice(0, Math.max(4, Math.min(got.length, 16))));
  if (place > from)
    return wrong('wrong bytes', `gave ${valueText(it.value)}`, `${count(place - from)} before it are lost`, {
      at: from,
      text: `lost from here to byte ${place}`,
    });
  if (place >= 0 && place < from)
    return wrong('wrong bytes', `gave ${valueText(it.value)}`, `that begins ${count(from - place)} too early`, {
      at: from,
      text: 'this call begins here',
    });
  return wrong('wrong bytes', `gave ${valueText(it.value)}`, null, {
    at: from + commonStart(want, got),
    text: 'differs from here',
  });
}

function wrong(cause: Cause, headline: string, fact: string | null, at: Difference['at']): Difference {
  return { cause, headline, fact, at };
}

/** A value as a person would write it: `"GET /a" (6 bytes)`. */
export function valueText(value: unknown): string {
  if (value === null) return 'null';
  if (!(value instanceof Uint8Array)) return String(value);
  return value.length === 0 ? 'no bytes' : `"${readable(latin1(value), 36)}" (${count(value.length)})`;
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

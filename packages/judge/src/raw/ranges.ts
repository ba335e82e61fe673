/** Half-open ranges of byte offsets, and how they are said and drawn: what has come, what was passed on, where the hole is. */
import type { PictureLine } from '../result.ts';
import { grouped } from './numbers.ts';

/** `from` is in it, `to` is not. */
export type Range = { readonly from: number; readonly to: number };

/** Ranges that may come in any order and lie over each other. */
export class Ranges {
  #ranges: Range[] = [];

  /** In order, apart from each other. */
  get all(): readonly Range[] {
    return this.#ranges;
  }

  add({ from, to }: Range): void {
    if (to <= from) return;
    const apart = this.#ranges.filter((range) => range.to < from || range.from > to);
    const touching = this.#ranges.filter((range) => range.to >= from && range.from <= to);
    const whole = {
      from: Math.min(from, ...touching.map((range) => range.from)),
      to: Math.max(to, ...touching.map((range) => range.to)),
    };
    this.#ranges = [...apart, whole].sort((a, b) => a.from - b.from);
  }

  /** How far everything from 0 on is there. */
  get whole(): number {
    const [first] = this.#ranges;
    return first !== undefined && first.from === 0 ? first.to : 0;
  }

  /** The first stretch that is missing in front of something that is there; null where there is none. */
  get hole(): Range | null {
    const from = this.whole;
    const next = this.#ranges.find((range) => range.from > from);
    return next === undefined ? null : { from, to: next.from };
  }
}

/** `bytes 10–19`, `byte 7`, `no bytes`. */
export function rangeText({ from, to }: Range): string {
  if (to <= from) return 'no bytes';
  return to - from === 1 ? `byte ${grouped(from)}` : `bytes ${grouped(from)}–${grouped(to - 1)}`;
}

/** One row of a picture: which bytes it has. */
export type Row = { readonly label: string; readonly ranges: readonly Range[] };

/** As wide as a failure has room for. */
const PLACES = 60;

/**
 * `total` bytes from left to right, a row each: `█` where all bytes of a place are there, `▒` where some are, `·` where none is.
 * The caret stands under its byte. `whose` is printed before the ruler.
 */
export function offsetsPicture(
  total: number,
  rows: readonly Row[],
  caret: { readonly at: number; readonly text: string } | null,
  whose: string = 'offset',
): PictureLine[] {
  const each = Math.max(1, Math.ceil(total / PLACES));
  const places = Math.ceil(total / each);
  const lines = rows.map(({ label, ranges }) => {
    const marks = Array.from({ length: places }, (_, i) => {
      const place = { from: i * each, to: Math.min(total, (i + 1) * each) };
      const there = ranges.reduce((sum, range) => sum + overlap(range, place), 0);
      return there === 0 ? '·' : there >= place.to - place.from ? '█' : '▒';
    });
    return { label, text: marks.join('') };
  });
  const ruler = { label: whose, text: rulerText(total, each, places) };
  if (caret === null) return [ruler, ...lines];
  const column = Math.min(places, Math.floor(caret.at / each));
  const after = `${' '.repeat(column)}▲ ${caret.text}`;
  const before = `${caret.text} ▲`.padStart(column + 1);
  return [ruler, ...lines, { label: '', text: after.length <= PLACES + 7 ? after : before }];
}

function overlap(a: Range, b: Range): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

/** `0         10        20`, and how many bytes a mark stands for where it is more than one. */
function rulerText(total: number, each: number, places: number): string {
  const marks = Math.max(10, 5 * Math.ceil((String(total).length + 2) / 5));
  const scale = each === 1 ? '' : `  one mark is ${grouped(each)} bytes`;
  let text = '';
  for (let place = 0; place < places; place += marks) {
    const label = grouped(place * each);
    // The scale stands at the end of the ruler; what would meet it is left out.
    if (text.length + label.length + scale.length <= PLACES + 7) text += label.padEnd(marks);
  }
  return text.trimEnd() + scale;
}

/**
 * The failure text: the same in the terminal, in the page and in `result.json`. Facts first (sent, received, expected), then
 * the idea, then where to look; never the fix. Plain text, so colour is only ever added on top (`paint.ts`).
 */
import { bytesLine, clip, visibleText } from '@interleave/trace/look';
import type { CodePlace, Excerpt, Failure } from '../result.ts';

/** Where the run can be seen again. Without it (no run was kept) the last two lines are left out. */
export type Where = {
  readonly run: number;
  /** Of the workshop's pages, such as `http://localhost:4100`; null when no page is served. */
  readonly origin: string | null;
};

/** What failed: a check (`KA2-2`) or the whole exercise (`KA2`), and its title. */
export type Heading = { readonly id: string; readonly title: string };

export const COLUMNS = 80;
export const MAX_LINES = 18;

/** Column at which everything but labels begins. */
const MARGIN = 13;
const ROOM: number = COLUMNS - MARGIN;

/** A line, and when it may go: 1 goes first when the text is too long, null never goes. */
type Line = { readonly text: string; readonly drop: number | null };

/** The whole text of a failure: at most 18 lines of 80 columns, without a line break at the end. */
export function renderFailure(failure: Failure, heading: Heading, where?: Where): string {
  const lines: Line[] = [
    ...keep(wrap(`✗ ${heading.id} · ${visibleText(heading.title)}`, COLUMNS, 4)),
    ...keep(wrap(visibleText(failure.headline), COLUMNS - 2, 0).map((text) => `  ${text}`)),
    ...(hasFacts(failure) ? [blank(3)] : []),
    ...excerpt('sent', '→', failure.sent, 5),
    ...(failure.delivery === undefined ? [] : keep(row('delivered', wrap(failure.delivery, ROOM, 0).slice(0, 1)))),
    ...excerpt('received', '←', failure.received, null),
    ...keep((failure.picture ?? []).flatMap(({ label, text }) => row(label, [text]))),
    ...facts(failure),
    ...expected(failure),
    blank(4),
    ...keep(wrap(failure.idea, COLUMNS - 2, 0).map((text) => `  ${text}`)),
    ...code(failure.at[0]),
    ...(where === undefined ? [] : seeAgain(heading, where)),
  ];
  return fit(lines)
    .map((line) => line.text)
    .join('\n');
}

function hasFacts(failure: Failure): boolean {
  const { sent, received, picture, delivery, expected } = failure;
  return (
    [sent, received, picture, delivery, expected].some((part) => part !== undefined) || (failure.facts ?? []).length > 0
  );
}

function keep(texts: readonly string[]): Line[] {
  return texts.map((text) => ({ text, drop: null }));
}

function blank(drop: number): Line {
  return { text: '', drop };
}

/** `label` before the first line, blanks before the others. */
function row(label: string, texts: readonly string[]): string[] {
  return texts.map((text, i) => `  ${(i === 0 ? label : '').padEnd(MARGIN - 2)}${text}`.trimEnd());
}

/** Two facts at most, since the first is the one that decides. */
function facts(failure: Failure): Line[] {
  const then = (failure.facts ?? []).flatMap((text, i) =>
    wrap(visibleText(text), ROOM, 0).map((t) => ({ text: t, i })),
  );
  return row(
    failure.received === undefined && failure.picture === undefined ? 'received' : '',
    then.map((t) => t.text),
  ).map((text, n) => ({
    text,
    drop: n === 0 ? null : n === 1 ? 2 : 1,
  }));
}

function expected(failure: Failure): Line[] {
  if (failure.expected === undefined) return [];
  const spec = failure.spec.text;
  const texts = wrap(visibleText(failure.expected), ROOM, 0);
  const last = texts.length - 1;
  const end = texts[last] ?? '';
  // The rule stands at the right edge of the last line, or below where there is no room.
  if (end.length + 2 + spec.length <= ROOM) texts[last] = end + spec.padStart(ROOM - end.length);
  else texts.push(spec.padStart(ROOM));
  return keep(row('expected', texts));
}

function code(place: CodePlace | undefined): Line[] {
  if (place === undefined) return [];
  const head = clip(`work/${visibleText(place.file)}:${place.line} ${visibleText(place.did)}`, ROOM);
  const [first = '', second = ''] = row('your code', [head, `  ${clip(visibleText(place.text.trim()), ROOM - 2)}`]);
  return [{ text: first, drop: null }, ...(place.text.trim() === '' ? [] : [{ text: second, drop: 6 }])];
}

function seeAgain(heading: Heading, where: Where): Line[] {
  const see = where.origin === null ? [] : row('see it', [`${where.origin}/workshop/run/${where.run}#${heading.id}`]);
  return keep([...see, ...row('again', [`npm run check -- --replay ${where.run}`])]);
}

/** One line of bytes, and the caret under it. `drop` is when the caret's line may go. */
function excerpt(label: string, arrow: string, shown: Excerpt | undefined, drop: number | null): Line[] {
  if (shown === undefined) return [];
  const head = `${shown.connection} ${arrow} `;
  const room = ROOM - head.length;
  if (shown.words !== undefined) return framed(label, head, shown, shown.words, drop);
  if (shown.bytes === '' && shown.caret === undefined) return keep(row(label, [`${head}nothing`]));
  const at = shown.caret === undefined ? undefined : shown.caret.at - shown.from;
  const bytes = Uint8Array.from(shown.bytes, (c) => c.charCodeAt(0));
  const hasBefore = shown.from > 0;
  const hasAfter = shown.from + bytes.length < shown.total;
  const line = bytesLine(bytes, {
    max: room - (hasBefore ? 1 : 0) - (hasAfter ? 1 : 0),
    ...(at !== undefined && { caret: { at } }),
  });
  const before = hasBefore && !line.text.startsWith('…') ? '…' : '';
  const after = hasAfter && !line.text.endsWith('…') ? '…' : '';
  const text = `${before}${line.text}${after}`;
  if (shown.caret === undefined || line.caret === null) {
    const size = `  (${shown.total.toLocaleString('en')} ${shown.total === 1 ? 'byte' : 'bytes'})`;
    return keep(row(label, [`${head}${text}${text.length + size.length <= room ? size : ''}`]));
  }
  const column = head.length + before.length + line.caret.length - 1;
  const note = visibleText(shown.caret.text);
  const [first = '', second = ''] = row(label, [
    `${head}${text}`,
    caretLine(column, [`${note} (byte ${shown.caret.at})`, note]),
  ]);
  return [
    { text: first, drop: null },
    { text: second, drop },
  ];
}

/** Frames in words; where a byte matters, the bytes around it as hex, and the caret. */
function framed(label: string, head: string, shown: Excerpt, words: readonly string[], drop: number | null): Line[] {
  const all = words.length === 0 ? 'nothing that is a whole frame' : words.join('; ');
  const lines = keep(row(label, [`${head}${clip(visibleText(all), ROOM - head.length)}`]));
  if (shown.caret === undefined) return lines;
  const at = shown.caret.at - shown.from;
  const most = Math.floor((ROOM - head.length - 4) / 3);
  // The nine bytes of the frame's head stay in view where the caret is near them.
  const from = at < most - 1 ? 0 : at - Math.floor(most / 2);
  const bytes = Uint8Array.from(shown.bytes.slice(from, from + most), (c) => c.charCodeAt(0));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const before = shown.from + from > 0 ? '… ' : '';
  const after = from + bytes.length < shown.bytes.length || shown.from + shown.bytes.length < shown.total ? ' …' : '';
  const column = head.length + before.length + 3 * (at - from);
  const note = visibleText(shown.caret.text);
  const [hexLine = '', caret = ''] = row('', [
    `${' '.repeat(head.length)}${before}${hex}${after}`,
    caretLine(column, [`${note} (byte ${shown.caret.at})`, note]),
  ]);
  return [...lines, { text: hexLine, drop }, { text: caret, drop }];
}

/** The first of `notes` that fits, at the side of the caret that has room for it; the last one is cut where none does. */
function caretLine(column: number, notes: readonly string[]): string {
  const right = ROOM - column - 2;
  for (const note of notes) {
    if (note.length <= right) return `${' '.repeat(column)}▲ ${note}`;
    if (note.length + 1 <= column) return `${`${note} `.padStart(column)}▲`;
  }
  const note = notes.at(-1) ?? '';
  return right >= column - 1 ? `${' '.repeat(column)}▲ ${clip(note, right)}` : `${clip(note, column - 1)} ▲`;
}

/** Takes lines away, the least needed first, until the text has 18. */
function fit(lines: readonly Line[]): Line[] {
  let kept = [...lines];
  const order = [...new Set(lines.map((line) => line.drop).filter((drop) => drop !== null))].sort((a, b) => a - b);
  for (const drop of order) {
    for (let i = kept.length - 1; i >= 0 && kept.length > MAX_LINES; i--) if (kept[i]?.drop === drop) kept.splice(i, 1);
  }
  if (kept.length > MAX_LINES) kept = [...kept.slice(0, MAX_LINES - 1), { text: '  …', drop: null }];
  return kept;
}

/** Breaks between words; a word that is longer than a line is cut. Lines after the first are indented. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const start = lines.length === 0 ? '' : ' '.repeat(indent);
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    const from = lines.length === 0 ? start : ' '.repeat(indent);
    line = line === '' ? clip(from + word, width) : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}

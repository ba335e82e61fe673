import { count } from './text.ts';

/** Bytes to be shown, with what is known about them. Positions count from the first byte given. */
export interface BytesView {
  readonly bytes: Uint8Array;
  /** Position of the first byte in its stream; only changes the numbers at the left. */
  readonly base?: number;
  /** Parts with a meaning, in order, not overlapping. */
  readonly fields?: readonly BytesField[];
  /** The byte that matters, which may be one past the end. */
  readonly caret?: BytesCaret;
  /** Bytes in a row. Default 16. */
  readonly columns?: number;
}

export interface BytesField {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly label: string;
}

export interface BytesCaret {
  readonly at: number;
  readonly note?: string;
}

export interface BytesRow {
  /** Position of its first byte in the stream. */
  readonly offset: number;
  readonly cells: readonly BytesCell[];
  /** The caret's column, when it stands in this row. */
  readonly caret: number | null;
}

export interface BytesCell {
  readonly hex: string;
  /** One character wide: the character itself, the picture of a control character, or `·`. */
  readonly char: string;
  readonly kind: 'text' | 'control' | 'other';
  /** Index into `fields`, or null. */
  readonly field: number | null;
  /** True when a field starts or ends before this byte. */
  readonly boundary: boolean;
}

/** Splits bytes into rows of cells; the painters for HTML and terminal draw what it says. */
export function bytesRows(view: BytesView): BytesRow[] {
  const columns = view.columns ?? 16;
  const fields = view.fields ?? [];
  const caret = view.caret?.at ?? null;
  const fieldAt = (i: number): number | null => {
    const index = fields.findIndex((f) => i >= f.from && i < f.to);
    return index === -1 ? null : index;
  };
  const rows: BytesRow[] = [];
  // One row more when the caret stands behind a full last row.
  const places = Math.max(view.bytes.length, caret === null ? 0 : caret + 1, 1);
  for (let start = 0; start < places; start += columns) {
    const cells = [...view.bytes.subarray(start, start + columns)].map((byte, column) => {
      const i = start + column;
      const field = fieldAt(i);
      return { ...byteLook(byte), field, boundary: i > 0 && field !== fieldAt(i - 1) };
    });
    const isHere = caret !== null && caret >= start && caret < start + columns;
    rows.push({ offset: (view.base ?? 0) + start, cells, caret: isHere ? caret - start : null });
  }
  return rows;
}

function byteLook(byte: number): Pick<BytesCell, 'hex' | 'char' | 'kind'> {
  const hex = byte.toString(16).padStart(2, '0');
  if (byte < 0x20) return { hex, char: String.fromCharCode(0x2400 + byte), kind: 'control' };
  if (byte === 0x7f) return { hex, char: '␡', kind: 'control' };
  if (byte > 0x7f) return { hex, char: '·', kind: 'other' };
  return { hex, char: String.fromCharCode(byte), kind: 'text' };
}

/** `48 bytes; at byte 28: the second request starts` for those who do not see the rows. */
export function bytesWords(view: BytesView): string {
  const size = count(view.bytes.length, 'byte');
  if (!view.caret) return size;
  const at = (view.base ?? 0) + view.caret.at;
  return `${size}; ${view.caret.note ? `at byte ${at}: ${view.caret.note}` : `the byte that matters is byte ${at}`}`;
}

/** One line of bytes as text, and the line with the caret that goes under it. */
export interface BytesLine {
  readonly text: string;
  /** Blanks and `▲ note`; null without a caret. */
  readonly caret: string | null;
}

/**
 * Bytes on one line: text as it is, `␍␊` for control characters, `\xff` for bytes beyond ASCII. When it would be longer
 * than `max` characters, the part around the caret (or the start) is shown between ellipses.
 */
export function bytesLine(bytes: Uint8Array, options: { caret?: BytesCaret; max?: number } = {}): BytesLine {
  const max = Math.max(8, options.max ?? 64);
  const at = options.caret ? Math.min(Math.max(0, options.caret.at), bytes.length) : 0;
  // Only a window is turned into text: the bytes may be many megabytes.
  const first = Math.max(0, at - max);
  const pieces = [...bytes.subarray(first, at + max)].map(lineLook);
  const widths = pieces.map((p) => p.length);
  const total = widths.reduce((a, b) => a + b, 0);
  let [from, to] = [0, pieces.length];
  let width = total;
  const target = at - first;
  const room = max - 2;
  // Cut from the side that is farther from the caret, so that it stays in view with its neighbours.
  while (width > room && to - from > 1) {
    if (target - from > to - target) width -= widths[from++] ?? 0;
    else width -= widths[--to] ?? 0;
  }
  const before = from > 0 || first > 0 ? '…' : '';
  const after = first + to < bytes.length ? '…' : '';
  const text = before + pieces.slice(from, to).join('') + after;
  if (!options.caret) return { text, caret: null };
  const column = before.length + widths.slice(from, target).reduce((a, b) => a + b, 0);
  return { text, caret: `${' '.repeat(column)}▲${options.caret.note ? ` ${options.caret.note}` : ''}` };
}

function lineLook(byte: number): string {
  const look = byteLook(byte);
  return look.kind === 'other' ? `\\x${look.hex}` : look.char;
}

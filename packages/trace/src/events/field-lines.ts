/**
 * Where the lines of a compressed field section lie in its bytes, and how each is written (RFC 7541 §6, RFC 9204 §4.5). Names and
 * values are not decoded here: whoever read the connection has done that, and its lines stand in the same order.
 */

/** How one line is written. */
export type LineForm =
  /** The whole line by its number in a table. */
  | 'indexed'
  /** Spelled out, and put into the dynamic table (HPACK only; QPACK does that on its encoder stream). */
  | 'literal, added'
  | 'literal'
  /** Spelled out, and no table may ever hold it. */
  | 'literal, never added'
  /** No line: the capacity of the dynamic table from here on (HPACK only). */
  | 'table size';

/** One representation in a block. Positions count from the block's first byte. */
export interface FieldLineBytes {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly form: LineForm;
  /** The number that it names in a table: as written; the new size for `table size`. Null when it spells out its name. */
  readonly index: number | null;
  /** Which table the number is of; HPACK has one numbering for both. */
  readonly table: 'static' | 'dynamic' | null;
  /** Where the value stands, as far as it is spelled out. */
  readonly value: { readonly from: number; readonly to: number } | null;
}

/** A scanned block; `whole` is false when bytes were missing, and the lines end there. */
export interface ScannedBlock {
  readonly lines: readonly FieldLineBytes[];
  readonly whole: boolean;
  /** QPACK: bytes of the section's prefix (RFC 9204 §4.5.1). 0 in HPACK. */
  readonly prefix: number;
}

const STATIC_LINES = 61;

/** Reads integers and skips strings; `at` becomes -1 where bytes are missing or no number holds what is written. */
export class PrefixCursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** True once something could not be read. */
  get broken(): boolean {
    return this.at < 0;
  }

  get first(): number {
    return this.bytes[this.at] ?? 0;
  }

  /** The integer in the low `bits` bits of this byte and those after it (RFC 7541 §5.1). */
  integer(bits: number): number {
    if (this.at < 0 || this.at >= this.bytes.length) return this.#break();
    const mask = (1 << bits) - 1;
    let value = (this.bytes[this.at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return this.#break();
  }

  /** Goes behind a string whose length has a prefix of `bits` bits; says where its characters stand and whether they are coded. */
  string(bits: number): { readonly from: number; readonly to: number; readonly coded: boolean } {
    const coded = ((this.bytes[this.at] ?? 0) & (1 << bits)) !== 0;
    const length = this.integer(bits);
    const from = this.at;
    if (from < 0 || from + length > this.bytes.length) {
      this.#break();
      return { from: 0, to: 0, coded };
    }
    this.at = from + length;
    return { from, to: this.at, coded };
  }

  #break(): number {
    this.at = -1;
    return 0;
  }
}

/** Scans a field block of HTTP/2. */
export function scanHpack(block: Uint8Array): ScannedBlock {
  return scan(block, new PrefixCursor(block), 0, hpackLine);
}

function hpackLine(cursor: PrefixCursor): Omit<FieldLineBytes, 'from' | 'to'> {
  const { first } = cursor;
  if (first >= 0x80) return numbered('indexed', cursor.integer(7), null);
  if (first >= 0x20 && first < 0x40) return { form: 'table size', index: cursor.integer(5), table: null, value: null };
  const form = first >= 0x40 ? 'literal, added' : first >= 0x10 ? 'literal, never added' : 'literal';
  const index = cursor.integer(first >= 0x40 ? 6 : 4);
  if (index === 0) cursor.string(7);
  const { from, to } = cursor.string(7);
  return numbered(form, index === 0 ? null : index, { from, to });
}

function numbered(
  form: LineForm,
  index: number | null,
  value: FieldLineBytes['value'],
): Omit<FieldLineBytes, 'from' | 'to'> {
  const table = index === null ? null : index <= STATIC_LINES ? 'static' : 'dynamic';
  return { form, index, table, value };
}

/** Scans an encoded field section of HTTP/3. */
export function scanQpack(section: Uint8Array): ScannedBlock {
  const cursor = new PrefixCursor(section);
  cursor.integer(8);
  cursor.integer(7);
  return scan(section, cursor, Math.max(0, cursor.at), qpackLine);
}

function qpackLine(cursor: PrefixCursor): Omit<FieldLineBytes, 'from' | 'to'> {
  const { first } = cursor;
  const of = (isStatic: boolean): 'static' | 'dynamic' => (isStatic ? 'static' : 'dynamic');
  if (first >= 0x80) return { form: 'indexed', index: cursor.integer(6), table: of((first & 0x40) !== 0), value: null };
  if (first >= 0x10 && first < 0x20)
    return { form: 'indexed', index: cursor.integer(4), table: 'dynamic', value: null };
  let index: number | null = null;
  let table: FieldLineBytes['table'] = null;
  let never: boolean;
  if (first >= 0x40) {
    never = (first & 0x20) !== 0;
    table = of((first & 0x10) !== 0);
    index = cursor.integer(4);
  } else if (first >= 0x20) {
    never = (first & 0x10) !== 0;
    cursor.string(3);
  } else {
    never = (first & 0x08) !== 0;
    table = 'dynamic';
    index = cursor.integer(3);
  }
  const { from, to } = cursor.string(7);
  return { form: never ? 'literal, never added' : 'literal', index, table, value: { from, to } };
}

function scan(
  block: Uint8Array,
  cursor: PrefixCursor,
  prefix: number,
  line: (cursor: PrefixCursor) => Omit<FieldLineBytes, 'from' | 'to'>,
): ScannedBlock {
  const lines: FieldLineBytes[] = [];
  while (!cursor.broken && cursor.at < block.length) {
    const from = cursor.at;
    const read = line(cursor);
    if (!cursor.broken) lines.push({ from, to: cursor.at, ...read });
  }
  return { lines, whole: !cursor.broken, prefix };
}

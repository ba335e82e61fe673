import type { FieldLine } from '@interleave/wire';
import { huffmanDecode } from '@interleave/wire/hpack';
import { STATIC_TABLE } from '@interleave/wire/qpack';
import { PrefixCursor } from './field-lines.ts';
import type { ByteRange } from './masking.ts';
import type { SeenTable } from './seen-table.ts';
import { shownValue, type ValuePolicy } from './values.ts';

/** One instruction of a QPACK stream (RFC 9204 §4.3, §4.4), with its place in the bytes. */
export interface Instruction {
  readonly from: number;
  readonly to: number;
  readonly instruction:
    | 'set_dynamic_table_capacity'
    | 'insert_with_name_reference'
    | 'insert_with_literal_name'
    | 'duplicate'
    | 'section_acknowledgment'
    | 'stream_cancellation'
    | 'insert_count_increment';
  /** Capacity, index, stream or increment. */
  readonly number?: number;
  readonly name?: string;
  readonly value?: string;
}

/** What some bytes of a QPACK stream say; `rest` is the beginning of an instruction that is not whole. */
export interface Instructions {
  readonly list: readonly Instruction[];
  readonly masked: readonly ByteRange[];
  readonly evicted: number;
  readonly inserted: readonly FieldLine[];
  readonly rest: Uint8Array;
}

/** Follows the encoder stream: what it inserts goes into `table`. */
export function readEncoderStream(bytes: Uint8Array, table: SeenTable, policy: ValuePolicy): Instructions {
  const list: Instruction[] = [];
  const masked: ByteRange[] = [];
  const inserted: FieldLine[] = [];
  let evicted = 0;
  let at = 0;
  while (at < bytes.length) {
    const cursor = new PrefixCursor(bytes, at);
    const { first } = cursor;
    if (first >= 0x20 && first < 0x40) {
      const number = cursor.integer(5);
      if (cursor.broken) break;
      evicted += table.resize(number);
      list.push({ from: at, to: cursor.at, instruction: 'set_dynamic_table_capacity', number });
    } else {
      const read = insertion(cursor, table);
      if (read === null) break;
      const { line, valueAt, ...rest } = read;
      if (line === null) table.certain = false;
      else {
        evicted += table.insert(line);
        inserted.push(line);
      }
      const shown = line === null ? null : shownValue(line[0], line[1], policy);
      if (valueAt !== null && shown?.whole !== true) masked.push(valueAt);
      list.push({
        from: at,
        to: cursor.at,
        ...rest,
        ...(line === null ? {} : { name: line[0] }),
        ...(shown?.value == null ? {} : { value: shown.value }),
      });
    }
    at = cursor.at;
  }
  return { list, masked, evicted, inserted, rest: bytes.slice(at) };
}

interface Insertion {
  readonly instruction: Instruction['instruction'];
  readonly number?: number;
  /** Null when it cannot be known. */
  readonly line: FieldLine | null;
  readonly valueAt: ByteRange | null;
}

function insertion(cursor: PrefixCursor, table: SeenTable): Insertion | null {
  const { first, bytes } = cursor;
  const text = ({ from, to, coded }: ReturnType<PrefixCursor['string']>): string | null =>
    coded ? huffmanDecode(bytes, from, to) : String.fromCharCode(...bytes.subarray(from, to));
  if (first < 0x20) {
    const number = cursor.integer(5);
    if (cursor.broken) return null;
    return { instruction: 'duplicate', number, line: table.recent(number) ?? null, valueAt: null };
  }
  const isReference = first >= 0x80;
  const number = isReference ? cursor.integer(6) : null;
  const name = isReference ? null : cursor.string(5);
  const value = cursor.string(7);
  if (cursor.broken) return null;
  const named =
    name !== null
      ? text(name)
      : (((first & 0x40) !== 0 ? STATIC_TABLE[number ?? -1] : table.recent(number ?? -1))?.[0] ?? null);
  const valued = text(value);
  return {
    instruction: isReference ? 'insert_with_name_reference' : 'insert_with_literal_name',
    ...(number === null ? {} : { number }),
    line: named === null || valued === null ? null : [named, valued],
    valueAt: { from: value.from, to: value.to },
  };
}

/** Reads the decoder stream. */
export function readDecoderStream(bytes: Uint8Array): Pick<Instructions, 'list' | 'rest'> {
  const list: Instruction[] = [];
  let at = 0;
  while (at < bytes.length) {
    const cursor = new PrefixCursor(bytes, at);
    const { first } = cursor;
    const number = cursor.integer(first >= 0x80 ? 7 : 6);
    if (cursor.broken) break;
    const instruction =
      first >= 0x80 ? 'section_acknowledgment' : first >= 0x40 ? 'stream_cancellation' : 'insert_count_increment';
    list.push({ from: at, to: cursor.at, instruction, number });
    at = cursor.at;
  }
  return { list, rest: bytes.slice(at) };
}

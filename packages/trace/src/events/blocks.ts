import type { FieldSection } from '@interleave/wire';
import { type FieldLineBytes, type ScannedBlock, scanHpack } from './field-lines.ts';
import type { Told } from './from-wire.ts';
import { hexOf, maskedInBlock } from './masking.ts';
import type { SeenTable } from './seen-table.ts';
import { shownValue, type ValuePolicy } from './values.ts';

/** A field line with its bytes and, where it may be shown, its value. */
export type ShownLine = Omit<FieldLineBytes, 'value'> & { readonly name: string | null; readonly value?: string };

/** A scanned block as an event shows it: each line with its place, its form, its name and value. */
export function shownLines(scanned: ScannedBlock, fields: FieldSection, policy: ValuePolicy): ShownLine[] {
  let at = 0;
  return scanned.lines.map(({ value: _, ...line }) => {
    if (line.form === 'table size') return { ...line, name: null };
    const field = fields[at++];
    if (field === undefined) return { ...line, name: null };
    const shown = shownValue(field[0], field[1], policy).value;
    return shown === null ? { ...line, name: field[0] } : { ...line, name: field[0], value: shown };
  });
}

/** A line of a table as it may be shown. */
export function shownEntry([name, value]: readonly [string, string], policy: ValuePolicy): object {
  const shown = shownValue(name, value, policy).value;
  return shown === null ? { name } : { name, value: shown };
}

/** Bytes and lines of a block, for the event of the frame that completes it. */
export function blockData(
  block: Uint8Array,
  fields: FieldSection,
  policy: ValuePolicy,
  scanned: ScannedBlock = scanHpack(block),
): Record<string, unknown> {
  const masked = maskedInBlock(scanned, fields, policy);
  return {
    length: block.length,
    prefix: scanned.prefix,
    data: hexOf(block, masked),
    lines: shownLines(scanned, fields, policy),
    ...(masked.length > 0 ? { masked } : {}),
    ...(scanned.whole ? {} : { cut: true }),
  };
}

/** What a block does to the table of its direction (RFC 7541 §3.2). Null when it changes nothing, or nobody is to be told. */
export function applyHpack(
  scanned: ScannedBlock,
  fields: FieldSection,
  table: SeenTable,
  policy: ValuePolicy | null,
): Record<string, unknown> | null {
  const inserted: object[] = [];
  let evicted = 0;
  let resized = false;
  let at = 0;
  for (const line of scanned.lines) {
    if (line.form === 'table size') {
      evicted += table.resize(line.index ?? 0);
      resized = true;
      continue;
    }
    const field = fields[at++];
    if (line.form !== 'literal, added') continue;
    if (field === undefined) table.certain = false;
    else {
      const already = table.inserted;
      evicted += table.insert(field);
      // One that is larger than the table empties it, and is not in it (RFC 7541 §4.4).
      if (policy !== null && table.inserted > already) inserted.push(shownEntry(field, policy));
    }
  }
  if (!scanned.whole) table.certain = false;
  if (policy === null || (inserted.length === 0 && evicted === 0 && !resized)) return null;
  return { inserted, evicted, ...tableData(table) };
}

export function tableData({ size, capacity, certain }: SeenTable): Record<string, unknown> {
  return { size, capacity, ...(certain ? {} : { uncertain: true }) };
}

/** A whole table, newest first, for those who come later. */
export function tableState(
  schema: 'http2' | 'http3',
  direction: 'received' | 'created',
  table: SeenTable,
  policy: ValuePolicy,
): Told {
  const entries = table.lines().map((line) => shownEntry(line, policy));
  const data = { direction, entries, inserted_so_far: table.inserted, ...tableData(table) };
  return { name: `${schema}:dynamic_table_updated`, data };
}

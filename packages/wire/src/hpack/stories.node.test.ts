import { describe, expect, it } from 'vitest';
import type { FieldLine } from '../fields/field.ts';
import { checkFieldLine } from '../fields/validate.ts';
import { fromHex } from '../testing/hex.ts';
import { readJson, vectorFiles, vectorFolder } from '../testing/vectors.ts';
import { HpackDecoder } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';

/** A story of http2jp/hpack-test-case: blocks of one connection in their order. */
interface Story {
  readonly cases: readonly {
    readonly wire: string;
    readonly header_table_size?: number;
    readonly headers: readonly Record<string, string>[];
  }[];
}

const folder = vectorFolder('hpack');
const files =
  folder === null
    ? []
    : ['nghttp2', 'nghttp2-change-table-size'].flatMap((set) => vectorFiles(`${folder}/${set}`, '.json'));

const stories = files.map((file) => {
  const { cases } = readJson<Story>(file);
  const blocks = cases.map((one) => ({
    bytes: fromHex(one.wire),
    tableSize: one.header_table_size,
    fields: one.headers.map((line) => Object.entries(line)[0] as FieldLine),
  }));
  return { name: file.split('/').slice(-2).join('/'), blocks };
});

describe.runIf(folder !== null)('HPACK stories of nghttp2', () => {
  it.each(stories)('$name decodes, every line checked', ({ blocks }) => {
    const decoder = new HpackDecoder();
    for (const { bytes, tableSize, fields } of blocks) {
      if (tableSize !== undefined && tableSize !== decoder.table.capacity) decoder.setMaxTableSize(tableSize);
      // Recorded from HTTP/1.1: a few values have spaces at their end, which HTTP/2 does not allow.
      const fault = fields.map(([name, value]) => checkFieldLine(name, value)).find((found) => found !== null) ?? null;
      expect(decoder.decode(bytes)).toMatchObject({ fields, exceeded: null, fault });
    }
  });

  it.each(stories)('$name encodes and decodes again', ({ blocks }) => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    for (const { fields } of blocks) expect(decoder.decode(encoder.encode(fields))).toMatchObject({ fields });
  });

  it('are encoded no larger than nghttp2 does', () => {
    let ours = 0;
    let theirs = 0;
    for (const { name, blocks } of stories) {
      if (!name.startsWith('nghttp2/')) continue;
      const encoder = new HpackEncoder();
      for (const { bytes, fields } of blocks) {
        ours += encoder.encode(fields).length;
        theirs += bytes.length;
      }
    }
    expect(theirs).toBeGreaterThan(0);
    expect(ours).toBeLessThanOrEqual(theirs);
  });
});

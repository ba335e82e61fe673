import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { withLimits } from '../limits.ts';
import { vectorFiles, vectorFolder } from '../testing/vectors.ts';
import { QpackDecoder } from './decoder.ts';
import { QpackEncoder } from './encoder.ts';

const folder = vectorFolder('qpack');
const limits = withLimits({
  maxFields: 10_000,
  maxFieldSectionBytes: 1e7,
  maxFieldSectionHardBytes: 1e8,
  maxOutstandingSections: 1e6,
  maxEncoderTableBytes: 1e6,
});

/**
 * Where nghttp3's encoding is still smaller than ours: by up to 2 % for requests with a large table and nobody allowed to wait, by
 * a thousandth for requests without acknowledgements. No other file may be larger.
 */
const LARGER: readonly [RegExp, number][] = [
  [/^fb-req(-hq)?\.out\.4096\.0\.1$/, 1.021],
  [/^fb-req(-hq)?\.out\.\d+\.100\.0$/, 1.002],
];

/** The header lists of a QIF file. */
function readQif(path: string): FieldSection[] {
  const sections: FieldSection[] = [];
  let current: FieldLine[] = [];
  for (const line of `${readFileSync(path, 'latin1')}\n`.split('\n')) {
    if (line.startsWith('#')) continue;
    const tab = line.indexOf('\t');
    if (line !== '') current.push([line.slice(0, tab), line.slice(tab + 1)]);
    else if (current.length > 0) {
      sections.push(current);
      current = [];
    }
  }
  return sections;
}

/** The records of an encoded file: stream id, bytes. */
function* records(bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const id = Number(view.getBigUint64(at));
    const length = view.getUint32(at + 8);
    yield [id, bytes.subarray(at + 12, at + 12 + length)];
    at += 12 + length;
  }
}

describe.skipIf(folder === null)('QPACK vectors of nghttp3', () => {
  const files = folder === null ? [] : vectorFiles(join(folder, 'nghttp3'), '');

  it('are all there', () => expect(files.length).toBeGreaterThanOrEqual(96));

  it.each(files.map((path) => [basename(path), path] as const))('decodes %s, and encodes it again', (name, path) => {
    const [, list, ...numbers] = /^(.*)\.out\.(\d+)\.(\d+)\.(\d+)$/.exec(name) as RegExpExecArray;
    const [table, blocked, ack] = numbers.map(Number) as [number, number, number];
    const want = readQif(join(folder as string, `${list}.qif`));
    const options = { maxTableCapacity: table, maxBlockedStreams: blocked, initialCapacity: table, limits };

    const decoder = new QpackDecoder(options);
    const got = new Map<number, FieldSection>();
    let theirs = 0;
    for (const [id, bytes] of records(new Uint8Array(readFileSync(path)))) {
      theirs += bytes.length;
      if (id === 0) {
        expect(decoder.receiveEncoderStream(bytes)).toBeNull();
        for (const section of decoder.takeUnblocked()) got.set(section.streamId, section.fields);
        continue;
      }
      const section = decoder.decode(id, bytes);
      if (section === 'blocked') continue;
      if ('code' in section) throw new Error(section.reason);
      got.set(id, section.fields);
    }
    expect([...got].sort(([a], [b]) => a - b).map(([, fields]) => fields)).toEqual(want);

    const encoder = new QpackEncoder({ limits, initialCapacity: table });
    encoder.configure(table, blocked);
    const second = new QpackDecoder(options);
    let ours = 0;
    for (const [index, fields] of want.entries()) {
      const block = encoder.encode(index + 1, fields);
      const instructions = encoder.takeOutput();
      ours += block.length + instructions.length;
      expect(second.receiveEncoderStream(instructions)).toBeNull();
      expect(second.decode(index + 1, block)).toMatchObject({ fields });
      if (ack === 1) expect(encoder.receiveDecoderStream(second.takeOutput())).toBeNull();
    }
    const most = LARGER.find(([files]) => files.test(name))?.[1] ?? 1;
    expect(ours).toBeLessThanOrEqual(theirs * most);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLatin1 } from '../bytes/latin1.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { withLimits } from '../limits.ts';
import { runs } from '../testing/fuzz.ts';
import { toHex } from '../testing/hex.ts';
import { HpackDecoder } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';

const generous = withLimits({ maxFields: 10_000, maxFieldSectionBytes: 1e7, maxFieldSectionHardBytes: 1e8 });

function roundTrip(encoder: HpackEncoder, decoder: HpackDecoder, fields: FieldSection): Uint8Array {
  const block = encoder.encode(fields);
  expect(block.length).toBeLessThanOrEqual(encoder.bound(fields));
  const result = decoder.decode(block);
  if ('code' in result) throw new Error(result.reason);
  expect(result.fields).toEqual(fields);
  expect(decoder.table.size).toBe(encoder.table.size);
  expect(decoder.table.count).toBe(encoder.table.count);
  return block;
}

describe('HpackEncoder', () => {
  it('encodes the requests of RFC 7541 Appendix C.4 as they stand there', () => {
    const encoder = new HpackEncoder();
    const start: FieldLine[] = [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ];
    expect(toHex(encoder.encode(start))).toBe('828684418cf1e3c2e5f23a6ba0ab90f4ff');
    expect(toHex(encoder.encode([...start, ['cache-control', 'no-cache']]))).toBe('828684be5886a8eb10649cbf');
    expect(
      toHex(
        encoder.encode([
          [':method', 'GET'],
          [':scheme', 'https'],
          [':path', '/index.html'],
          [':authority', 'www.example.com'],
          ['custom-key', 'custom-value'],
        ]),
      ),
    ).toBe('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf');
  });

  it('never lets credentials into a table, and says so to everybody further on', () => {
    const encoder = new HpackEncoder();
    const secrets: FieldLine[] = [
      ['authorization', 'Basic dTpw'],
      ['proxy-authorization', 'Basic dTpw'],
      ['cookie', 'a=1'],
      ['cookie', ''],
    ];
    const result = new HpackDecoder().decode(encoder.encode(secrets));
    expect(result).toMatchObject({ fields: secrets, neverIndexed: secrets });
    expect(encoder.table.count).toBe(0);
  });

  it('asks isSensitive, where it is given', () => {
    const encoder = new HpackEncoder({ isSensitive: (name) => name === 'x-token' });
    const result = new HpackDecoder().decode(
      encoder.encode([
        ['x-token', 'secret'],
        ['cookie', 'a=1'],
      ]),
    );
    expect(result).toMatchObject({ neverIndexed: [['x-token', 'secret']] });
  });

  it('leaves out of the table what is different each time', () => {
    const encoder = new HpackEncoder();
    encoder.encode([
      [':path', '/a'],
      ['etag', '"1"'],
      ['content-length', '5'],
      ['set-cookie', 'a=b'],
    ]);
    expect(encoder.table.count).toBe(0);
    encoder.encode([['x', 'y'.repeat(4000)]]);
    expect(encoder.table.count).toBe(0);
  });

  it('announces a smaller table, and the smallest before the last', () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    roundTrip(encoder, decoder, [['a', 'b']]);
    encoder.setPeerTableSize(100);
    expect(toHex(roundTrip(encoder, decoder, [['a', 'b']]))).toBe('3f45be');
    encoder.setPeerTableSize(0);
    encoder.setPeerTableSize(4096);
    expect(toHex(roundTrip(encoder, decoder, [[':method', 'GET']]))).toBe('203fe11f82');
    expect(toHex(roundTrip(encoder, decoder, [[':method', 'GET']]))).toBe('82');
  });

  it('uses no more than maxEncoderTableBytes, whatever the peer offers', () => {
    const encoder = new HpackEncoder({ limits: withLimits({ maxEncoderTableBytes: 1000 }) });
    expect(toHex(encoder.encode([[':method', 'GET']]))).toBe('3fc90782');
    encoder.setPeerTableSize(2 ** 32 - 1);
    expect(toHex(encoder.encode([[':method', 'GET']]))).toBe('82');
    expect(encoder.table.capacity).toBe(1000);
    expect(toHex(new HpackEncoder().encode([[':method', 'GET']]))).toBe('82');
  });

  it('finds lines again after many evictions', () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    for (let round = 0; round < 1000; round++) {
      roundTrip(encoder, decoder, [
        [`name-${round % 7}`, `value-${round % 100}`],
        ['server', `s${round % 150}`],
      ]);
    }
  });

  it('decode undoes encode, and both tables stay equal, under any change of the table size', () => {
    const name = fc.stringMatching(/^:?[a-z][a-z0-9-]{0,12}$/);
    const value = fc.oneof(
      fc.constantFrom('', 'GET', '/', 'gzip, deflate', 'abc'),
      fc
        .uint8Array({ maxLength: 60 })
        .map((bytes) => decodeLatin1(bytes.map((byte) => (byte % 0x7f < 0x21 ? 0x61 : byte)))),
    );
    const section = fc.array(
      fc.tuple(fc.oneof(fc.constantFrom(':method', ':path', 'cookie', 'accept', 'x'), name), value),
      { maxLength: 12 },
    );
    const step = fc.tuple(fc.option(fc.nat(5000)), section);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const encoder = new HpackEncoder({ limits: generous });
        const decoder = new HpackDecoder({ limits: generous });
        for (const [size, fields] of steps) {
          if (size !== null) encoder.setPeerTableSize(Math.min(size, 4096));
          roundTrip(encoder, decoder, fields);
        }
      }),
      runs(400),
    );
  });
});

describe('HpackDecoder, any bytes', () => {
  it('never throws, and after a fault has said which rule', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 }), (blocks) => {
        const decoder = new HpackDecoder();
        for (const block of blocks) {
          const result = decoder.decode(block);
          if (!('code' in result)) continue;
          expect(result.reason).toMatch(/^Cannot decode field block: .*RFC 7541 §/);
          break;
        }
      }),
      runs(2000),
    );
  });
});

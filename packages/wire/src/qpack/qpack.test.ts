import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldSection } from '../fields/field.ts';
import { withLimits } from '../limits.ts';
import { runs } from '../testing/fuzz.ts';
import { fromHex, toHex } from '../testing/hex.ts';
import { splits } from '../testing/splits.ts';
import { QpackDecoder } from './decoder.ts';
import { QpackEncoder } from './encoder.ts';
import { QPACK_DECODER_STREAM_ERROR, QPACK_DECOMPRESSION_FAILED, QPACK_ENCODER_STREAM_ERROR } from './fault.ts';

const PAIR = { maxTableCapacity: 220, maxBlockedStreams: 2 };

describe('the examples of RFC 9204 Appendix B', () => {
  it('decode in order, however the encoder stream is cut', () => {
    const B2 = fromHex('3fbd01 c00f 7777772e6578616d706c652e636f6d c10c 2f73616d706c652f70617468');
    for (const { chunks } of splits(B2)) {
      const decoder = new QpackDecoder(PAIR);
      expect(decoder.decode(0, fromHex('0000 510b 2f696e6465782e68746d6c'))).toMatchObject({
        fields: [[':path', '/index.html']],
      });
      expect(decoder.decode(4, fromHex('0381 10 11'))).toBe('blocked');
      for (const chunk of chunks) expect(decoder.receiveEncoderStream(chunk)).toBeNull();
      expect(decoder.takeUnblocked()).toMatchObject([
        {
          streamId: 4,
          fields: [
            [':authority', 'www.example.com'],
            [':path', '/sample/path'],
          ],
        },
      ]);
      expect(toHex(decoder.takeOutput())).toBe('84');
      expect(decoder.receiveEncoderStream(fromHex('4a 637573746f6d2d6b6579 0c 637573746f6d2d76616c7565'))).toBeNull();
      expect(toHex(decoder.takeOutput())).toBe('01');
      expect(decoder.receiveEncoderStream(fromHex('02'))).toBeNull();
      expect(decoder.decode(8, fromHex('0500 80 c1 81'))).toMatchObject({
        fields: [
          [':authority', 'www.example.com'],
          [':path', '/'],
          ['custom-key', 'custom-value'],
        ],
      });
      expect(decoder.receiveEncoderStream(fromHex('810d 637573746f6d2d76616c756532'))).toBeNull();
      expect([decoder.table.size, decoder.table.oldest, decoder.insertCount]).toEqual([215, 1, 5]);
    }
  });
});

describe('QpackDecoder refuses', () => {
  it('one blocked stream more than it allows', () => {
    const decoder = new QpackDecoder({ maxTableCapacity: 220, maxBlockedStreams: 1 });
    expect(decoder.decode(0, fromHex('0200 80'))).toBe('blocked');
    expect(decoder.decode(4, fromHex('0200 80'))).toMatchObject({ code: QPACK_DECOMPRESSION_FAILED });
  });

  it.each(['ff', '0e00 80', '0080 c0', '0000 ff24', '0000 5f', '0000 27', '0200 10'])('the section %s', (hex) => {
    const decoder = new QpackDecoder({ maxTableCapacity: 220, maxBlockedStreams: 0 });
    expect(decoder.decode(0, fromHex(hex))).toMatchObject({ code: QPACK_DECOMPRESSION_FAILED });
  });

  it.each(['3fbe01', '80 00', '00', 'c0 00', '3fbd01 ff25 00', '3fbd01 c0 7fff ff7f', '3fffffffffffffffffff7f'])(
    'the encoder instructions %s',
    (hex) => {
      const decoder = new QpackDecoder(PAIR);
      expect(decoder.receiveEncoderStream(fromHex(hex))).toMatchObject({ code: QPACK_ENCODER_STREAM_ERROR });
    },
  );

  it('nothing by throwing, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.uint8Array({ maxLength: 40 }))), (inputs) => {
        const decoder = new QpackDecoder(PAIR);
        decoder.receiveEncoderStream(fromHex('3fbd01c00f7777772e6578616d706c652e636f6d'));
        const encoder = new QpackEncoder();
        for (const [kind, bytes] of inputs) {
          if (kind === 0) decoder.receiveEncoderStream(bytes);
          else if (kind === 1) decoder.decode(0, bytes);
          else encoder.receiveDecoderStream(bytes);
        }
      }),
      runs(500),
    );
  });
});

describe('QpackEncoder', () => {
  it.each(['00', '01', '84', '7fffffffffffffffffff7f'])('refuses the decoder instruction %s', (hex) => {
    expect(new QpackEncoder().receiveDecoderStream(fromHex(hex))).toMatchObject({ code: QPACK_DECODER_STREAM_ERROR });
  });

  it('names no entries for a peer that never acknowledges, from a bound on', () => {
    const encoder = new QpackEncoder({ limits: withLimits({ maxOutstandingSections: 3 }) });
    encoder.configure(4096, 100);
    for (let id = 0; id < 40; id += 4) encoder.encode(id, [['user-agent', 'the same']]);
    expect(encoder.unacknowledgedSections).toBe(3);
  });

  it('puts no secret into the table', () => {
    const encoder = new QpackEncoder();
    encoder.configure(4096, 100);
    for (let id = 0; id < 40; id += 4)
      encoder.encode(id, [
        ['authorization', 'x'],
        ['cookie', 'short'],
      ]);
    expect(encoder.table.insertCount).toBe(0);
  });

  it('is undone by the decoder, whatever order streams come in, whatever is cancelled', () => {
    const line = fc.tuple(
      fc.constantFrom(':path', 'user-agent', 'x-a', 'x-b', 'cookie', 'authorization'),
      fc.oneof(
        fc.constantFrom('one', 'two', 'a value that is rather long, so that few fit'),
        fc.string({ maxLength: 8, unit: 'binary-ascii' }),
      ),
    );
    const step = fc.record({
      fields: fc.array(line, { maxLength: 6 }) as fc.Arbitrary<FieldSection>,
      deliver: fc.nat(3),
      acknowledge: fc.boolean(),
      cancel: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 64, 220, 4096),
        fc.nat(3),
        fc.array(step, { maxLength: 60 }),
        (table, blocked, steps) => {
          const encoder = new QpackEncoder();
          const decoder = new QpackDecoder({ maxTableCapacity: table, maxBlockedStreams: blocked });
          encoder.configure(table, blocked);
          const sent = new Map<number, FieldSection>();
          const check = (streamId: number, fields: FieldSection): void => {
            expect(fields).toEqual(sent.get(streamId));
            sent.delete(streamId);
          };
          let instructions: Uint8Array[] = [];
          const deliver = (): void => {
            for (const chunk of instructions) expect(decoder.receiveEncoderStream(chunk)).toBeNull();
            instructions = [];
            for (const section of decoder.takeUnblocked()) check(section.streamId, section.fields);
          };
          for (const [at, { fields, deliver: when, acknowledge, cancel }] of steps.entries()) {
            const block = encoder.encode(at * 4, fields);
            instructions.push(encoder.takeOutput());
            sent.set(at * 4, fields);
            if (when === 0) deliver();
            const result = decoder.decode(at * 4, block);
            if (result !== 'blocked') {
              if ('code' in result) throw new Error(result.reason);
              check(at * 4, result.fields);
            } else if (cancel === 0) {
              decoder.cancel(at * 4);
              sent.delete(at * 4);
            }
            if (when === 1) deliver();
            if (acknowledge) expect(encoder.receiveDecoderStream(decoder.takeOutput())).toBeNull();
            expect(encoder.table.size).toBeLessThanOrEqual(table);
          }
          deliver();
          expect(sent.size).toBe(0);
          expect(encoder.receiveDecoderStream(decoder.takeOutput())).toBeNull();
          expect(encoder.unacknowledgedSections).toBe(0);
        },
      ),
      runs(300),
    );
  });
});

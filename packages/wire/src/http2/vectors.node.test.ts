import { describe, expect, it } from 'vitest';
import { decodeLatin1 } from '../bytes/latin1.ts';
import { fromHex } from '../testing/hex.ts';
import { concat } from '../testing/http2.ts';
import { randomNumbers, randomSplit } from '../testing/splits.ts';
import { readJson, vectorFiles, vectorFolder } from '../testing/vectors.ts';
import { Flag, FrameType } from './frame.ts';
import { BROKEN, DATA_PIECE, FRAME, FrameReader, NEED_MORE, readUint32 } from './frame_reader.ts';

/** A frame of http2jp/http2-frame-test-case. */
interface Vector {
  readonly error: unknown;
  readonly wire: string;
  readonly description: string;
  readonly frame: {
    readonly length: number;
    readonly flags: number;
    readonly stream_identifier: number;
    readonly type: number;
    readonly frame_payload: Record<string, unknown>;
  };
}

const folder = vectorFolder('http2-frames');
const files =
  folder === null
    ? []
    : ['data', 'headers', 'rst_stream', 'settings', 'window_update'].flatMap((kind) =>
        vectorFiles(`${folder}/${kind}`, '.json'),
      );
const vectors = files.map((file) => ({ name: file.split('/').slice(-2).join('/'), ...readJson<Vector>(file) }));

/** Reads one frame out of chunks. */
function read(chunks: readonly Uint8Array[]): { reader: FrameReader; payload: Uint8Array } {
  const reader = new FrameReader(16_384);
  const pieces: Uint8Array[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let found = reader.next(); found !== NEED_MORE; found = reader.next()) {
      if (found === BROKEN) throw new Error(reader.fault?.reason);
      pieces.push(reader.bytes.slice(reader.start, reader.end));
      if (found === FRAME || (found === DATA_PIECE && reader.last)) return { reader, payload: concat(...pieces) };
    }
  }
  throw new Error('no frame');
}

describe.runIf(folder !== null)('frames of http2-frame-test-case', () => {
  it.each(vectors)('$name: $description', ({ wire, frame, error }) => {
    expect(error).toBeNull();
    const bytes = fromHex(wire);
    const splits = [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte)), randomSplit(bytes, randomNumbers(7))];
    for (const chunks of splits) {
      const { reader, payload } = read(chunks);
      expect([reader.type, reader.flags, reader.streamId, reader.length]).toEqual([
        frame.type,
        frame.flags,
        frame.stream_identifier,
        frame.length,
      ]);
      const expected = frame.frame_payload;
      switch (reader.type) {
        case FrameType.DATA:
          expect(decodeLatin1(payload)).toBe(expected.data);
          expect(reader.padding).toBe(expected.padding_length === null ? 0 : Number(expected.padding_length) + 1);
          break;
        case FrameType.HEADERS: {
          const padded = (reader.flags & Flag.PADDED) !== 0;
          let at = padded ? 1 : 0;
          const end = payload.length - (padded ? (payload[0] as number) : 0);
          if ((reader.flags & Flag.PRIORITY) !== 0) {
            expect(readUint32(payload, at) & 0x7fff_ffff).toBe(expected.stream_dependency);
            expect(readUint32(payload, at) >= 0x8000_0000).toBe(expected.exclusive);
            expect((payload[at + 4] as number) + 1).toBe(expected.weight);
            at += 5;
          }
          expect(decodeLatin1(payload, at, end)).toBe(expected.header_block_fragment);
          break;
        }
        case FrameType.RST_STREAM:
          expect(readUint32(payload, 0)).toBe(expected.error_code);
          break;
        case FrameType.SETTINGS:
          expect(
            Array.from({ length: payload.length / 6 }, (_, index) => [
              ((payload[index * 6] as number) << 8) | (payload[index * 6 + 1] as number),
              readUint32(payload, index * 6 + 2),
            ]),
          ).toEqual(expected.settings);
          break;
        default:
          expect(readUint32(payload, 0) & 0x7fff_ffff).toBe(expected.window_size_increment);
      }
    }
  });

  it('are there', () => {
    expect(vectors.length).toBeGreaterThan(4);
  });
});

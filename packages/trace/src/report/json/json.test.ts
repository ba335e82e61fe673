import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from './bytes.ts';
import { parseLenient } from './lenient.ts';
import { JsonSplitter, type Piece, type Plan, type SplitEnd } from './split.ts';

function split(text: string, plan: Plan, cut = 1 << 20, options = {}): { pieces: Piece[]; end: SplitEnd } {
  const pieces: Piece[] = [];
  const splitter = new JsonSplitter(plan, (piece) => pieces.push(piece), options);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += cut) splitter.push(bytes.slice(at, at + cut));
  return { pieces, end: splitter.end() };
}

const PLAN: Plan = { log: { version: 'take', entries: 'each' } };

describe('the splitter', () => {
  it('gives the elements that JSON.parse would give, wherever the text is cut', () => {
    const value = fc.record({ version: fc.string(), other: fc.json(), entries: fc.array(fc.jsonValue()) });
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 40 }), fc.boolean(), (log, cut, pretty) => {
        const text = JSON.stringify({ before: [1, { a: '}]' }], log, after: 'x' }, null, pretty ? 2 : undefined);
        const { pieces, end } = split(text, PLAN, cut);
        expect(end).toEqual({ complete: true, broken: null });
        const entries = pieces.filter(({ path }) => path === 'log.entries');
        expect(entries.map(({ text: each }) => JSON.parse(each))).toEqual(JSON.parse(JSON.stringify(log.entries)));
        expect(entries.map(({ index }) => index)).toEqual(log.entries.map((_, index) => index));
        expect(pieces.find(({ path }) => path === 'log.version')?.text).toBe(JSON.stringify(log.version));
      }),
    );
  });

  it('never throws, whatever the bytes are, and ends the same wherever they are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.integer({ min: 1, max: 9 }), (text, cut) => {
        expect(split(text, PLAN, cut)).toEqual(split(text, PLAN));
      }),
    );
    const almost = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 1a', '"log"', '"entries"'), maxLength: 60 });
    fc.assert(
      fc.property(almost, fc.integer({ min: 1, max: 9 }), (text, cut) => {
        expect(split(text, PLAN, cut)).toEqual(split(text, PLAN));
      }),
    );
  });

  it('keeps no string over the limit, wherever it is cut, and loses nothing beside it', () => {
    const text = JSON.stringify({ log: { entries: [{ a: 1, text: 'x'.repeat(500), b: '"' }, { c: 2 }] } });
    for (let cut = 1; cut < 60; cut++) {
      const { pieces } = split(text, PLAN, cut, { longestString: 20 });
      expect(pieces.map((piece) => JSON.parse(piece.text))).toEqual([{ a: 1, text: '', b: '"' }, { c: 2 }]);
    }
  });

  it('gives what came before the text was cut off or broken, and says where', () => {
    expect(split('{"log":{"entries":[{"a":1},{"a":', PLAN)).toMatchObject({
      pieces: [{ text: '{"a":1}', offset: 19 }],
      end: { complete: false, broken: null },
    });
    expect(split('{"log":{"entries":[{"a":1} oops]}}', PLAN).end).toMatchObject({
      complete: false,
      broken: { offset: 27 },
    });
    expect(split('no JSON', PLAN).end).toEqual({ complete: true, broken: null });
  });
});

describe('the lenient parser', () => {
  it('is JSON.parse for what is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseLenient(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('mends what writers do', () => {
    expect(parseLenient('{"a":NaN,"b":[1,2,],"c":"two\nlines and NaN","d":-Infinity,}')).toEqual({
      a: null,
      b: [1, 2],
      c: 'two\nlines and NaN',
      d: null,
    });
    expect(parseLenient('{"a"')).toBeNull();
  });
});

describe('the bytes of a source', () => {
  const text = '{"a":"é"}';
  const read = async (source: Parameters<typeof utf8Bytes>[0]): Promise<string> => {
    let all = '';
    const decoder = new TextDecoder();
    for await (const chunk of utf8Bytes(source)) all += decoder.decode(chunk, { stream: true });
    return all;
  };

  it('are the same, marked or not, in UTF-16, packed, or in small pieces', async () => {
    const utf8 = new TextEncoder().encode(text);
    const utf16 = Uint8Array.of(0xff, 0xfe, ...[...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));
    const unmarked = utf16.subarray(2);
    const bigEndian = unmarked.map((_, at) => unmarked[at ^ 1] as number);
    const packed = await new Response(new Blob([utf8]).stream().pipeThrough(new CompressionStream('gzip'))).bytes();
    for (const source of [
      text,
      utf8,
      Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8),
      utf16,
      unmarked,
      bigEndian,
      packed,
      new Blob([utf8]).stream(),
    ]) {
      expect(await read(source)).toBe(text);
    }
    async function* bytewise(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    for (const source of [utf8, utf16, packed]) expect(await read(bytewise(source))).toBe(text);
    expect(await read('')).toBe('');
  });

  it('of an archive are refused with what to do', async () => {
    await expect(read(Uint8Array.of(0x50, 0x4b, 3, 4, 0))).rejects.toThrow('unpack it');
  });
});

import { describe, expect, it } from 'vitest';
import type { FieldLine } from '../fields/field.ts';
import { withLimits } from '../limits.ts';
import { fromHex } from '../testing/hex.ts';
import { type DecodedBlock, HpackDecoder } from './decoder.ts';

const COMPRESSION_ERROR = 9;

function decode(decoder: HpackDecoder, hex: string): DecodedBlock {
  const result = decoder.decode(fromHex(hex));
  if ('code' in result) throw new Error(result.reason);
  return result;
}

function fault(decoder: HpackDecoder, hex: string): { code: number; reason: string; limit: string | null } {
  const result = decoder.decode(fromHex(hex));
  if (!('code' in result)) throw new Error(`decoded to ${JSON.stringify(result.fields)}`);
  return result;
}

/** The examples of RFC 7541 Appendix C: blocks in the order they come, and the table after each. */
const EXAMPLES: [
  name: string,
  tableSize: number,
  steps: [hex: string, fields: FieldLine[], table: FieldLine[], size: number][],
][] = [
  [
    'C.2.1 literal with indexing',
    4096,
    [
      [
        '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
        [['custom-key', 'custom-header']],
        [['custom-key', 'custom-header']],
        55,
      ],
    ],
  ],
  ['C.2.2 literal without indexing', 4096, [['040c2f73616d706c652f70617468', [[':path', '/sample/path']], [], 0]]],
  ['C.2.3 literal never indexed', 4096, [['100870617373776f726406736563726574', [['password', 'secret']], [], 0]]],
  ['C.2.4 indexed', 4096, [['82', [[':method', 'GET']], [], 0]]],
  [
    'C.3 requests without Huffman code',
    4096,
    requests(
      '828684410f7777772e6578616d706c652e636f6d',
      '828684be58086e6f2d6361636865',
      '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    ),
  ],
  [
    'C.4 requests with Huffman code',
    4096,
    requests(
      '828684418cf1e3c2e5f23a6ba0ab90f4ff',
      '828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ),
  ],
  [
    'C.5 responses without Huffman code',
    256,
    responses(
      '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
      '4803333037c1c0bf',
      '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
    ),
  ],
  [
    'C.6 responses with Huffman code',
    256,
    responses(
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ),
  ],
];

function requests(first: string, second: string, third: string): [string, FieldLine[], FieldLine[], number][] {
  const authority: FieldLine = [':authority', 'www.example.com'];
  const noCache: FieldLine = ['cache-control', 'no-cache'];
  const custom: FieldLine = ['custom-key', 'custom-value'];
  return [
    [first, [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], authority], [authority], 57],
    [second, [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], authority, noCache], [noCache, authority], 110],
    [
      third,
      [[':method', 'GET'], [':scheme', 'https'], [':path', '/index.html'], authority, custom],
      [custom, noCache, authority],
      164,
    ],
  ];
}

function responses(first: string, second: string, third: string): [string, FieldLine[], FieldLine[], number][] {
  const cache: FieldLine = ['cache-control', 'private'];
  const date: FieldLine = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'];
  const later: FieldLine = ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'];
  const location: FieldLine = ['location', 'https://www.example.com'];
  const gzip: FieldLine = ['content-encoding', 'gzip'];
  const cookie: FieldLine = ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'];
  return [
    [first, [[':status', '302'], cache, date, location], [location, date, cache, [':status', '302']], 222],
    [second, [[':status', '307'], cache, date, location], [[':status', '307'], location, date, cache], 222],
    [third, [[':status', '200'], cache, later, location, gzip, cookie], [cookie, gzip, later], 215],
  ];
}

describe('HpackDecoder, the examples of RFC 7541 Appendix C', () => {
  it.each(EXAMPLES)('%s', (_, tableSize, steps) => {
    const decoder = new HpackDecoder();
    decoder.table.resize(tableSize);
    for (const [hex, fields, table, size] of steps) {
      expect(decode(decoder, hex).fields).toEqual(fields);
      expect(decoder.table.lines()).toEqual(table);
      expect(decoder.table.size).toBe(size);
    }
  });
});

describe('HpackDecoder', () => {
  it('hands out lines of the tables as they stand there', () => {
    const decoder = new HpackDecoder();
    const [first] = decode(decoder, '400a637573746f6d2d6b65790d637573746f6d2d686561646572').fields;
    expect(decode(decoder, 'be').fields[0]).toBe(first);
  });

  it('says which lines may never be indexed', () => {
    const { fields, neverIndexed } = decode(new HpackDecoder(), '82100870617373776f726406736563726574');
    expect(neverIndexed).toEqual([['password', 'secret']]);
    expect(neverIndexed?.[0]).toBe(fields[1]);
    expect(decode(new HpackDecoder(), '82').neverIndexed).toBeNull();
  });

  it('counts names, values and 32 bytes a line', () => {
    expect(decode(new HpackDecoder(), '8284').size).toBe(7 + 3 + 32 + 5 + 1 + 32);
  });

  it('decodes an empty block', () => {
    expect(decode(new HpackDecoder(), '').fields).toEqual([]);
  });

  it('reads only the bytes between start and end', () => {
    const bytes = fromHex('ffff8284ffff');
    expect(new HpackDecoder().decode(bytes, 2, 4)).toMatchObject({
      fields: [
        [':method', 'GET'],
        [':path', '/'],
      ],
    });
  });

  it('keeps bytes above 0x7f as they are', () => {
    expect(decode(new HpackDecoder(), '000161 03 e28092').fields).toEqual([['a', '\u00e2\u0080\u0092']]);
  });

  it('takes a table size update, and two, at the start of a block', () => {
    const decoder = new HpackDecoder();
    decode(decoder, '400161 0162');
    expect(decode(decoder, '3f e11f be').fields).toEqual([['a', 'b']]);
    decode(decoder, '20 3fe11f 82');
    expect(decoder.table.count).toBe(0);
    expect(decoder.table.capacity).toBe(4096);
  });

  it('empties the table for a line that is larger than it, without error (RFC 7541 §4.4)', () => {
    const decoder = new HpackDecoder();
    decode(decoder, '400161 0162');
    decode(decoder, `3f 11 40 01 61 20 ${'62'.repeat(32)}`);
    expect(decoder.table.count).toBe(0);
  });
});

describe('HpackDecoder refuses', () => {
  it.each([
    ['index 0', '80'],
    ['an index past the static table when the dynamic table is empty', 'be'],
    ['an index far past the end', 'ffffffff07'],
    ['a literal whose name has an index past the end', '7f00'],
    ['an integer that is cut off', 'ff'],
    ['an integer that does not end', 'ff8080808080808000'],
    ['an integer above 2^31-1', 'ffffffffff0f'],
    ['a string that is longer than the block', '0005616263'],
    ['a literal without a value', '000161'],
    ['a literal without a name', '00'],
    ['Huffman padding of eight bits', '00 0161 82 1fff'],
    ['Huffman padding of zeros', '00 0161 81 18'],
    ['EOS in Huffman code', '00 0161 84 ffffffff'],
    ['a table size above what SETTINGS allow', '3fe21f'],
    ['a table size update after a field line', '82 20'],
    ['a table size update at the very end of a block', '8284 3fe11f'],
    ['a table size update that is cut off', '3f'],
  ])('%s, with COMPRESSION_ERROR', (_, hex) => {
    expect(fault(new HpackDecoder(), hex)).toMatchObject({ code: COMPRESSION_ERROR, limit: null });
  });

  it('a block without a size update after SETTINGS lowered the maximum', () => {
    const decoder = new HpackDecoder();
    decoder.setMaxTableSize(100);
    expect(fault(decoder, '82').reason).toMatch(/no table size update/);
    const obedient = new HpackDecoder();
    obedient.setMaxTableSize(100);
    expect(decode(obedient, '3f45 82').fields).toEqual([[':method', 'GET']]);
    expect(decode(obedient, '82').fields).toEqual([[':method', 'GET']]);
    expect(fault(obedient, '3f46 82').code).toBe(COMPRESSION_ERROR);
  });

  it('lines beyond maxFields, and goes on decoding for the table', () => {
    const decoder = new HpackDecoder({ limits: withLimits({ maxFields: 2 }) });
    const result = decode(decoder, '82 84 86 400161 0162');
    expect(result).toMatchObject({
      exceeded: 'maxFields',
      fields: [
        [':method', 'GET'],
        [':path', '/'],
      ],
    });
    expect(decode(decoder, 'be')).toMatchObject({ exceeded: null, fields: [['a', 'b']] });
  });

  it('lines beyond maxFieldSectionBytes', () => {
    const decoder = new HpackDecoder({ limits: withLimits({ maxFieldSectionBytes: 80 }) });
    expect(decode(decoder, '82 84')).toMatchObject({ exceeded: null, size: 80 });
    expect(decode(decoder, '82 84 86')).toMatchObject({
      exceeded: 'maxFieldSectionBytes',
      fields: [
        [':method', 'GET'],
        [':path', '/'],
      ],
    });
  });

  it('an HPACK bomb: one indexed byte for 4 KB stops at maxFieldSectionHardBytes', () => {
    const decoder = new HpackDecoder();
    const value = '61'.repeat(3000);
    decode(decoder, `400161 7fb916 ${value}`);
    const result = fault(decoder, 'be'.repeat(16_000));
    expect(result).toMatchObject({ code: 0xb, limit: 'maxFieldSectionHardBytes' });
  });
});

describe('HpackDecoder reports malformed lines (RFC 9113 §8.2.1)', () => {
  it.each([
    ['a capital in the name', '00 0141 0162', 'name'],
    ['an empty name', '00 00 0162', 'name'],
    ['a space in the name', '00 026120 0162', 'name'],
    ['a control character in the name, Huffman-coded', '00 83 1ffe3f 0162', 'name'],
    ['a line feed in the value', '00 0161 03620a62', 'value'],
    ['NUL in the value of a known name', '04 022f00', 'value'],
    ['NUL in a Huffman-coded value', '04 83 63ff1f', 'value'],
    ['a space before the value', '00 0161 022062', 'value'],
    ['a space after a Huffman-coded value', '04 82 8d4f', 'value'],
  ])('%s', (_, hex, token) => {
    expect(decode(new HpackDecoder(), hex).fault).toMatchObject({ token });
  });

  it('each time that an index refers to one, and until it is evicted', () => {
    const decoder = new HpackDecoder();
    expect(decode(decoder, '400141 0162').fault).not.toBeNull();
    expect(decode(decoder, '82').fault).toBeNull();
    expect(decode(decoder, 'be').fault).toMatchObject({ token: 'name' });
    expect(decode(decoder, '7e 0163').fault, 'its name in another line').toMatchObject({ token: 'name' });
    expect(decode(decoder, '20 3fe11f 82').fault).toBeNull();
    expect(decode(decoder, '400161 0162').fault).toBeNull();
    expect(decode(decoder, 'be').fault).toBeNull();
  });
});

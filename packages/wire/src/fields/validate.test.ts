import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import type { FieldLine, FieldSection } from './field.ts';
import { checkFieldLine, FieldFault, validateRequest, validateResponse, validateTrailers } from './validate.ts';

const GET: FieldSection = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/'],
  [':authority', 'a'],
];
const CONNECT: FieldSection = [
  [':method', 'CONNECT'],
  [':authority', 'a:443'],
];
const EXTENDED: FieldSection = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'https'],
  [':path', '/chat'],
  [':authority', 'a'],
];

/** The section with some lines replaced (by name), left out (undefined) or added. */
function change(lines: FieldSection, changes: Record<string, string | undefined>, ...more: FieldLine[]): FieldSection {
  const kept = lines.filter(([name]) => !(name in changes) || changes[name] !== undefined);
  const replaced = kept.map(([name, value]): FieldLine => [name, changes[name] ?? value]);
  const added = Object.entries(changes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !lines.some(([name]) => name === entry[0]),
  );
  return [...replaced, ...added, ...more];
}

function token(result: unknown): string | null {
  return result instanceof FieldFault ? result.token : null;
}

describe('a request in HTTP/2 (RFC 9113 §8.3.1)', () => {
  it('becomes a head without its pseudo-header fields', () => {
    expect(validateRequest([...GET, ['accept', '*/*'], ['content-length', '5']], '2')).toEqual({
      head: {
        version: '2',
        method: 'GET',
        target: '/',
        scheme: 'https',
        authority: 'a',
        protocol: null,
        fields: [
          ['accept', '*/*'],
          ['content-length', '5'],
        ],
      },
      contentLength: 5,
    });
  });

  it.each([
    ['OPTIONS *', change(GET, { ':method': 'OPTIONS', ':path': '*' })],
    ['pseudo-header fields in any order', [...GET].reverse()],
    ['an extension method', change(GET, { ':method': 'x-own' })],
    ['Host instead of :authority', change(GET, { ':authority': undefined }, ['host', 'a'])],
    ['Host equal to :authority', [...GET, ['host', 'A']]],
    ['te: trailers', [...GET, ['te', 'trailers']]],
    ['CONNECT', CONNECT],
    ['crumbs of a cookie', [...GET, ['cookie', 'a'], ['cookie', 'b']]],
    ['a scheme of its own, with an odd path', change(GET, { ':scheme': 'coap', ':path': 'x', ':authority': '' })],
    ['bytes above 0x7f in a value', [...GET, ['x', '\x80\xff']]],
  ] as [string, FieldSection][])('may have %s', (_, lines) => {
    expect(token(validateRequest(lines, '2'))).toBeNull();
  });

  it.each([
    ['pseudo-missing', 'no :method', change(GET, { ':method': undefined })],
    ['pseudo-missing', 'no :scheme', change(GET, { ':scheme': undefined })],
    ['pseudo-missing', 'no :path', change(GET, { ':path': undefined })],
    ['path', 'an empty :path', change(GET, { ':path': '' })],
    ['path', 'a :path that is no path', change(GET, { ':path': 'a' })],
    ['path', '* for GET', change(GET, { ':path': '*' })],
    ['path', 'a blank in :path', change(GET, { ':path': '/a b' })],
    ['path', 'a fragment in :path', change(GET, { ':path': '/a#b' })],
    ['path', 'a :path that is not ASCII', change(GET, { ':path': '/\xe9' })],
    ['method', 'a :method that is no token', change(GET, { ':method': 'G T' })],
    ['method', 'an empty :method', change(GET, { ':method': '' })],
    ['scheme', 'a :scheme that is none', change(GET, { ':scheme': '1' })],
    ['authority', 'userinfo', change(GET, { ':authority': 'u@a' })],
    ['authority', 'an empty :authority for https', change(GET, { ':authority': '' })],
    ['host', 'another Host', [...GET, ['host', 'b']]],
    ['host', 'two Hosts', [...GET, ['host', 'a'], ['host', 'a']]],
    ['pseudo-twice', ':path twice', [...GET, [':path', '/']]],
    ['pseudo-unknown', 'an unknown pseudo-header field', [...GET, [':x', 'y']]],
    ['pseudo-unknown', ':status', [...GET, [':status', '200']]],
    [
      'pseudo-after-regular',
      'a pseudo-header field behind a regular one',
      [...GET.slice(0, 3), ['a', 'b'], [':authority', 'a']],
    ],
    ['protocol', ':protocol without leave', EXTENDED],
    ['connect', 'CONNECT with :path', [...CONNECT, [':path', '/']]],
    ['connect', 'CONNECT with :scheme', [...CONNECT, [':scheme', 'https']]],
    ['pseudo-missing', 'CONNECT without :authority', [[':method', 'CONNECT']]],
    ['authority', 'CONNECT without a port', change(CONNECT, { ':authority': 'a' })],
    ['name', 'a capital in a name', [...GET, ['Accept', 'x']]],
    ['name', 'an empty name', [...GET, ['', 'x']]],
    ['name', 'a name of a colon', [...GET, [':', 'x']]],
    ['name', 'a colon in a name', [...GET, ['a:b', 'x']]],
    ['name', 'a blank in a name', [...GET, ['a b', 'x']]],
    ['name', 'a line break in a name', [...GET, ['a\r\nb', 'x']]],
    ['name', 'a name that is not ASCII', [...GET, ['\xe9', 'x']]],
    ['value', 'CR in a value', [...GET, ['a', 'x\ry']]],
    ['value', 'LF in a value', [...GET, ['a', 'x\ny']]],
    ['value', 'NUL in a value', [...GET, ['a', '\0']]],
    ['value', 'a blank before a value', [...GET, ['a', ' x']]],
    ['value', 'a tab behind a value', [...GET, ['a', 'x\t']]],
    ['value', 'a line break in :path', change(GET, { ':path': '/\r\nx' })],
    ['connection-specific', 'connection', [...GET, ['connection', 'close']]],
    ['connection-specific', 'keep-alive', [...GET, ['keep-alive', '1']]],
    ['connection-specific', 'proxy-connection', [...GET, ['proxy-connection', 'close']]],
    ['connection-specific', 'transfer-encoding', [...GET, ['transfer-encoding', 'chunked']]],
    ['connection-specific', 'upgrade', [...GET, ['upgrade', 'x']]],
    ['te', 'te with more than trailers', [...GET, ['te', 'trailers, gzip']]],
    ['content-length', 'a length that is none', [...GET, ['content-length', '+5']]],
    ['content-length', 'two lengths', [...GET, ['content-length', '5'], ['content-length', '5']]],
    ['content-length', 'a length of 16 digits', [...GET, ['content-length', '1'.repeat(16)]]],
  ] as [string, string, FieldSection][])('is refused (%s) with %s', (expected, _, lines) => {
    expect(token(validateRequest(lines, '2'))).toBe(expected);
  });

  it('may be an extended CONNECT where it was offered (RFC 8441 §4)', () => {
    const options = { connectProtocol: true };
    const valid = validateRequest(EXTENDED, '2', options);
    expect(valid instanceof FieldFault || valid.head).toMatchObject({
      method: 'CONNECT',
      protocol: 'websocket',
      target: '/chat',
    });
    expect(token(validateRequest(change(EXTENDED, { ':method': 'GET' }), '2', options))).toBe('protocol');
    expect(token(validateRequest(change(EXTENDED, { ':protocol': 'a b' }), '2', options))).toBe('protocol');
    expect(token(validateRequest(change(EXTENDED, { ':authority': undefined }), '2', options))).toBe('pseudo-missing');
    expect(token(validateRequest(change(EXTENDED, { ':path': undefined }), '2', options))).toBe('pseudo-missing');
  });

  it('needs :authority or Host in HTTP/3 (RFC 9114 §4.3.1)', () => {
    const lines = change(GET, { ':authority': undefined });
    expect(token(validateRequest(lines, '2'))).toBeNull();
    expect(token(validateRequest(lines, '3'))).toBe('pseudo-missing');
    expect(token(validateRequest([...lines, ['host', 'a']], '3'))).toBeNull();
  });

  it('whose lines were checked one by one is not checked again', () => {
    const lines: FieldSection = [...GET, ['A', 'b']];
    expect(token(validateRequest(lines, '2', { linesChecked: true }))).toBeNull();
    expect(token(checkFieldLine('A', 'b'))).toBe('name');
    expect(checkFieldLine(':path', '/')).toBeNull();
  });
});

describe('a response in HTTP/2 (RFC 9113 §8.3.2)', () => {
  it('becomes a head', () => {
    expect(
      validateResponse(
        [
          [':status', '204'],
          ['a', 'b'],
        ],
        '3',
      ),
    ).toEqual({
      head: { version: '3', status: 204, fields: [['a', 'b']] },
      contentLength: -1,
    });
  });

  it.each([
    ['pseudo-missing', [['a', 'b']]],
    ['status', [[':status', '20']]],
    ['status', [[':status', '2000']]],
    ['status', [[':status', '099']]],
    ['status', [[':status', '+20']]],
    ['status-101', [[':status', '101']]],
    [
      'pseudo-twice',
      [
        [':status', '200'],
        [':status', '200'],
      ],
    ],
    [
      'pseudo-unknown',
      [
        [':status', '200'],
        [':path', '/'],
      ],
    ],
    [
      'pseudo-after-regular',
      [
        ['a', 'b'],
        [':status', '200'],
      ],
    ],
    [
      'connection-specific',
      [
        [':status', '200'],
        ['connection', 'close'],
      ],
    ],
    [
      'content-length',
      [
        [':status', '200'],
        ['content-length', '1, 1'],
      ],
    ],
  ] as [string, FieldSection][])('is refused (%s): %j', (expected, lines) => {
    expect(token(validateResponse(lines, '2'))).toBe(expected);
  });
});

describe('trailers (RFC 9110 §6.5.1)', () => {
  it('may hold what does not frame or route', () => {
    expect(
      validateTrailers(
        [
          ['grpc-status', '0'],
          ['content-type', 'x'],
        ],
        '2',
      ),
    ).toBeNull();
    expect(validateTrailers([['X-Sum', '0']], '1.1')).toBeNull();
  });

  it.each([
    'content-length',
    'transfer-encoding',
    'host',
    'connection',
    'te',
    'trailer',
    'upgrade',
    'expect',
    'max-forwards',
  ])('may not hold %s, in any case', (name) => {
    expect(token(validateTrailers([[name, '1']], '2'))).toBe('trailer-name');
    expect(token(validateTrailers([[name.toUpperCase(), '1']], '1.1'))).toBe('trailer-name');
  });

  it('may not hold pseudo-header fields or broken lines', () => {
    expect(token(validateTrailers([[':status', '200']], '2'))).toBe('pseudo-in-trailers');
    expect(token(validateTrailers([['A', 'b']], '2'))).toBe('name');
    expect(token(validateTrailers([['a', 'b\n']], '3'))).toBe('value');
  });
});

it('any lines are judged without an exception, and the reason shows nothing that acts', () => {
  const name = fc.oneof(
    fc.constantFrom(...GET.map(([key]) => key), ':status', 'host', 'content-length', 'te'),
    fc.string(),
  );
  const line = fc.tuple(name, fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      for (const result of [validateRequest(lines, '2'), validateResponse(lines, '3'), validateTrailers(lines, '2')]) {
        if (result instanceof FieldFault) expect(result.reason).toMatch(/^[\x20-\x7e§…]*$/);
      }
    }),
    runs(500),
  );
});

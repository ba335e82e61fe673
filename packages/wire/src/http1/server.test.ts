import { describe, expect, it } from 'vitest';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import { withLimits } from '../limits.ts';
import { splits } from '../testing/splits.ts';
import { summarise } from '../testing/summary.ts';
import { unwire, wire } from '../testing/text.ts';
import { Http1Connection, type Http1Options } from './connection.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function server(options: Omit<Http1Options, 'role'> = {}): Http1Connection {
  return new Http1Connection({ role: 'server', ...options });
}

function receive(connection: Http1Connection, text: string, now = 0): Event[] {
  return connection.receive(wire(text), now);
}

function output(connection: Http1Connection): string {
  return unwire(connection.takeOutput());
}

function types(events: readonly Event[]): string[] {
  return events.map((event) => event.type);
}

describe('a request', () => {
  it('is told with its head, and its fields in the case and order they came', () => {
    const [event] = receive(
      server(),
      'POST /a?b HTTP/1.1\r\nhOsT: example:81\r\nX-A:1\r\nx-a: \t2 \t\r\nContent-Length: 0\r\n\r\n',
    );
    expect(event).toEqual({
      type: 'request',
      streamId: 1,
      endStream: true,
      head: {
        version: '1.1',
        method: 'POST',
        target: '/a?b',
        scheme: null,
        authority: 'example:81',
        protocol: null,
        fields: [
          ['hOsT', 'example:81'],
          ['X-A', '1'],
          ['x-a', '2'],
          ['Content-Length', '0'],
        ],
      },
    });
  });

  it.each([
    ['no content', GET, []],
    ['content by length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', ['hello']],
    [
      'chunked content',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x="a;b\\"";y=1\r\nllo\r\n0\r\n\r\n',
      ['hello'],
    ],
    [
      'a chunk size with leading zeros',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0005 ; a = b\r\nhello\r\n00\r\n\r\n',
      ['hello'],
    ],
    ['no chunk but the last', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ['']],
    ['values that are not ASCII', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x80\x92\xff\r\n\r\n', []],
    ['empty lines before it', `\r\n\r\n${GET}`, []],
  ])('with %s is read whatever the cuts', (_, text, content) => {
    let first: unknown[] | undefined;
    for (const { name, chunks } of splits(wire(text))) {
      const connection = server();
      const summary = summarise(chunks.flatMap((chunk) => connection.receive(chunk, 0)));
      first ??= summary;
      expect(summary, name).toEqual(first);
      const data = summary.filter((event) => (event as Event).type === 'data') as {
        text: string;
        endStream: boolean;
      }[];
      expect(
        data.map(({ text: shown }) => shown),
        name,
      ).toEqual(content);
      expect(
        data.every(({ endStream }) => endStream),
        name,
      ).toBe(true);
    }
  });

  it('hands content out as views into what came in, even behind a head that came in pieces', () => {
    const connection = server();
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Le');
    const rest = wire('ngth: 5\r\n\r\nhello');
    const data = connection.receive(rest, 0).find((event) => event.type === 'data');
    expect(data?.data.buffer).toBe(rest.buffer);
  });

  it('keeps bytes above 0x7f as one character each', () => {
    const [event] = receive(server(), 'GET / HTTP/1.1\r\nHost: a\r\nX: \x80\x92\u00e9\r\n\r\n');
    expect(event?.type === 'request' && event.head.fields[1]?.[1]).toBe('\x80\x92\u00e9');
  });

  it('behind content that is not ASCII is read at its place', () => {
    const connection = server();
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n\xc3\xa9\xe2\x82\xac\xff';
    const events = receive(connection, `${GET}${post}GET /third HTTP/1.1\r\nHost: third\r\n\r\n${GET}`);
    const last = events.at(-2);
    expect(last?.type === 'request' && [last.head.target, last.head.fields]).toEqual(['/third', [['Host', 'third']]]);
  });

  it('may have as many lines as maxFields allows', () => {
    const lines = Array.from({ length: 127 }, (_, index) => `N${index}: v${index}\r\n`).join('');
    const [event] = receive(server(), `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
    const fields = event?.type === 'request' ? event.head.fields : [];
    expect(fields).toHaveLength(128);
    expect(fields.slice(1).every(([name, value], index) => name === `N${index}` && value === `v${index}`)).toBe(true);
  });

  it('ends with trailers, which come as one event', () => {
    const events = receive(
      server(),
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\nY:2\r\n\r\n',
    );
    expect(events.at(-1)).toEqual({
      type: 'trailers',
      streamId: 1,
      fields: [
        ['X-T', '1'],
        ['Y', '2'],
      ],
    });
    expect(events.filter((event) => event.type === 'data' && event.endStream)).toEqual([]);
  });

  it.each([
    ['http://b:8/x?y', 'b:8'],
    ['HTTPS://[::1]/', '[::1]'],
    ['ftp://b/x', 'b'],
    ['urn:x', 'a'],
    ['/', 'a'],
  ])('for %s goes to %s: an absolute target overrides Host', (target, authority) => {
    const [event] = receive(server(), `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(event?.type === 'request' && [event.head.target, event.head.authority]).toEqual([target, authority]);
  });
});

describe('what cannot be read', () => {
  it.each([
    [400, 'a fragment in the target', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'a target that is not ASCII', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'a target that is neither path nor URI', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'a URI without a host', 'GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'userinfo in a URI', 'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, '* for a method other than OPTIONS', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'CONNECT to a path', 'CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'CONNECT without a port', 'CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    [400, 'Host with userinfo', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
    [400, 'Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    [400, 'Host with two names', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
    [400, 'equal Content-Lengths', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
    [400, 'a chunked coding with a parameter', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n'],
    [400, 'an empty coding', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n'],
    [400, 'a comma behind chunked', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n'],
    [501, 'an unknown coding', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n'],
    [417, 'an unknown expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n'],
    [505, 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [505, 'HTTP/0.9 by number', 'GET / HTTP/0.9\r\n\r\n'],
    [400, 'HTTP/0.9', 'GET /\r\n'],
    [400, 'a version in lower case', 'GET / http/1.1\r\nHost: a\r\n\r\n'],
    [400, 'a tab in the request line', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'a line with nothing but a blank', 'GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n'],
    [400, 'CR alone as the end of a line', 'GET / HTTP/1.1\rHost: a\r\n\r\n'],
    [400, 'a TLS greeting behind empty lines', '\r\n\r\n\x16\x03\x01\x02\x00'],
    [400, 'CR alone before the request line', '\r\n\rGET'],
    [400, 'a TLS greeting, before any line ends', '\x16\x03\x01\x02\x00'],
    [414, 'a target over maxTargetBytes', `GET /${'a'.repeat(8_192)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [414, 'a target that never ends', `GET /${'a'.repeat(20_000)}`],
    [400, 'a method that never ends', 'A'.repeat(20_000)],
    [431, 'fields that never end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}`],
    [431, 'more lines than maxFields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(128)}\r\n`],
    [400, 'more empty lines than maxLeadingEmptyLines', `${'\r\n'.repeat(5)}${GET}`],
    [
      400,
      'more chunk extensions than allowed',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${`1;${'a'.repeat(900)}\r\na\r\n`.repeat(5)}`,
    ],
    [
      431,
      'trailers over maxTrailerBytes',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ${'a'.repeat(9_000)}`,
    ],
    [400, 'a Host in trailers', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n'],
  ])('is answered with %i: %s', (status, _, text) => {
    let first: unknown;
    for (const { name, chunks } of splits(wire(text), { maxCuts: 48, random: 3 })) {
      const connection = server();
      const events = chunks.flatMap((chunk) => connection.receive(chunk, 0));
      const fault = events.at(-1);
      expect(fault?.type === 'connection-error' && fault.statusHint, name).toBe(status);
      first ??= fault;
      expect(fault, name).toEqual(first);
      const said = output(connection);
      expect(said, name).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Za-z -]+\\r\\n`));
      expect(said, name).toContain('\r\nConnection: close\r\n');
      expect(connection.wantsClose, name).toBe(true);
      expect(connection.wantsRead, name).toBe(false);
      expect(connection.receive(wire(GET), 0), name).toEqual([]);
      expect(connection.receiveEnd(0), name).toEqual([]);
    }
  });

  it('is found at the same byte whatever the cuts, however close to the limits', () => {
    const limits = withLimits({ maxHeadBytes: 64, maxTargetBytes: 40, maxFields: 2, maxTrailerBytes: 24 });
    const pad = (size: number): string => 'a'.repeat(size);
    for (let size = 10; size < 70; size++) {
      for (const text of [
        `GET /${pad(size)} HTTP/1.1\r\nHost: a\r\n\r\n`,
        `GET /${pad(size)} HTTP/1.1\nHost: a\r\n\r\n`,
        `${pad(size)}\r\n`,
        `GET / HTTP/1.1\r\nHost: ${pad(size)}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: a\r\nX: ${pad(size)}\0\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: a\r\nX: ${pad(size)}`,
        `PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ${pad(size - 9)}\r\n\r\n`,
        `PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${pad(size)}`,
      ]) {
        const whole = server({ limits }).receive(wire(text), 0);
        const cut = server({ limits });
        const single = Array.from(wire(text), (byte) => cut.receive(Uint8Array.of(byte), 0)).flat();
        expect(summarise(single), JSON.stringify(text)).toEqual(summarise(whole));
      }
    }
  });

  it.each(['a field value', 'a field name', 'a target', 'a method'])(
    'is any byte that does not belong in %s',
    (place) => {
      const allowed = {
        'a field value': /[\t -~\x80-\xff]/,
        'a field name': /[!#$%&'*+\-.^_`|~0-9A-Za-z]/,
        'a target': /[!"$-~]/,
        'a method': /[!#$%&'*+\-.^_`|~0-9A-Za-z]/,
      }[place] as RegExp;
      for (let byte = 0; byte < 256; byte++) {
        const char = String.fromCharCode(byte);
        for (let before = 1; before < 9; before++) {
          const text = `${'x'.repeat(before)}${char}yyyyyyy`;
          const value = place === 'a field value' ? text : 'v';
          const name = place === 'a field name' ? text : 'n';
          const target = place === 'a target' ? `/${text}` : '/';
          const method = place === 'a method' ? text : 'GET';
          // A colon ends a name: the rest is its value.
          const ok = allowed.test(char) || (place === 'a field name' && char === ':');
          const events = receive(
            server(),
            `${method} ${target} HTTP/1.1\r\nHost: a\r\nPad: ${'p'.repeat(100)}\r\n${name}: ${value}\r\n\r\n`,
          );
          expect(types(events), `${byte} behind ${before}`).toEqual([ok ? 'request' : 'connection-error']);
        }
      }
    },
  );

  it('names the limit that tripped, in the event and in the answer', () => {
    const connection = server({ limits: withLimits({ maxFields: 2 }) });
    const [event] = receive(connection, 'GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n');
    expect(event).toMatchObject({ type: 'connection-error', limit: 'maxFields', statusHint: 431 });
    expect(output(connection)).toContain('maxFields');
  });

  it('waits for the requests before it: they are answered first', () => {
    const connection = server();
    expect(types(receive(connection, `${GET}nonsense\r\n`))).toEqual(['request']);
    expect(connection.wantsRead).toBe(false);
    connection.sendResponse(1, { status: 204 }, { endStream: true });
    expect(output(connection)).toMatch(/^HTTP\/1\.1 204 .*HTTP\/1\.1 400 /s);
    expect(types(connection.poll(0))).toEqual(['connection-error']);
    expect(connection.wantsClose).toBe(true);
  });

  it('is not answered when the response has begun: the connection just ends', () => {
    const connection = server();
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    connection.sendResponse(1, { status: 200 });
    output(connection);
    expect(types(receive(connection, 'x'))).toEqual(['connection-error']);
    expect(output(connection)).toBe('');
    expect(connection.wantsClose).toBe(true);
  });
});

describe('a response', () => {
  function answer(request: string, act: (connection: Http1Connection) => void): string {
    const connection = server();
    receive(connection, request);
    act(connection);
    return output(connection);
  }

  it('keeps the Content-Length that it is given', () => {
    const said = answer(GET, (connection) => {
      connection.sendResponse(1, { status: 200, fields: [['Content-Length', '2']] });
      expect(connection.sendData(1, wire('hi'), { endStream: true })).toBe(2);
    });
    expect(said).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  });

  it('is chunked when its length is not known', () => {
    const said = answer(GET, (connection) => {
      connection.sendResponse(1, { status: 200 });
      connection.sendData(1, wire('a'.repeat(17)));
      connection.sendData(1, wire('b'), { endStream: true });
    });
    expect(said).toBe(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n${'a'.repeat(17)}\r\n1\r\nb\r\n0\r\n\r\n`,
    );
  });

  it('says so when it is empty', () => {
    const said = answer(GET, (connection) => connection.sendResponse(1, { status: 404 }, { endStream: true }));
    expect(said).toBe('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  });

  it('carries trailers behind its chunks', () => {
    const said = answer(GET, (connection) => {
      connection.sendResponse(1, { status: 200 });
      connection.sendTrailers(1, [['X-Sum', '1']]);
    });
    expect(said).toMatch(/\r\n\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  it.each([204, 304])('with status %i has no content, whatever is sent', (status) => {
    const said = answer(GET, (connection) => {
      connection.sendResponse(1, { status });
      expect(connection.sendData(1, wire('dropped'), { endStream: true })).toBe(7);
    });
    expect(said).toMatch(/^[\s\S]*\r\n\r\n$/);
    expect(said).not.toContain('Transfer-Encoding');
    expect(said).not.toContain('dropped');
  });

  it('to HEAD keeps the fields and drops the content', () => {
    const said = answer('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', (connection) => {
      connection.sendResponse(1, { status: 200, fields: [['Content-Length', '5']] });
      connection.sendData(1, wire('hello'), { endStream: true });
    });
    expect(said).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
  });

  it('to HTTP/1.0 has no chunks: it ends with the connection', () => {
    const connection = server();
    receive(connection, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    connection.sendResponse(1, { status: 103 });
    connection.sendResponse(1, { status: 200 });
    connection.sendData(1, wire('hi'), { endStream: true });
    expect(output(connection)).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi');
    expect(connection.wantsClose).toBe(true);
  });

  it.each([
    ['a second response', (c: Http1Connection) => c.sendResponse(1, { status: 200 })],
    ['a status out of range', (c: Http1Connection) => c.sendResponse(2, { status: 99 })],
    ['an unknown stream', (c: Http1Connection) => c.sendResponse(7, { status: 200 })],
    ['data before the head', (c: Http1Connection) => c.sendData(2, wire('x'))],
    [
      'a line break in a value',
      (c: Http1Connection) => c.sendResponse(2, { status: 200, fields: [['A', 'b\r\nC: d']] }),
    ],
    ['a name that is no token', (c: Http1Connection) => c.sendResponse(2, { status: 200, fields: [['A b', 'c']] })],
    ['an empty name', (c: Http1Connection) => c.sendResponse(2, { status: 200, fields: [['', 'c']] })],
    ['a character above U+00FF', (c: Http1Connection) => c.sendResponse(2, { status: 200, fields: [['A', '\u20ac']] })],
    [
      'two Content-Lengths',
      (c: Http1Connection) =>
        c.sendResponse(2, {
          status: 200,
          fields: [
            ['Content-Length', '1'],
            ['content-length', '1'],
          ],
        }),
    ],
    ['101 without an offer', (c: Http1Connection) => c.sendResponse(2, { status: 101 })],
    ['a request', (c: Http1Connection) => c.sendRequest({ method: 'GET', target: '/' })],
  ])('cannot be %s: it throws, and nothing is written', (_, act) => {
    const connection = server();
    receive(connection, GET + GET);
    connection.sendResponse(1, { status: 200 });
    const before = connection.pendingOutput;
    expect(() => act(connection)).toThrow(LocalProtocolError);
    expect(connection.pendingOutput).toBe(before);
    connection.sendData(1, wire(''), { endStream: true });
    connection.sendResponse(2, { status: 200 }, { endStream: true });
    expect(output(connection).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  it('cannot be longer or shorter than declared', () => {
    const connection = server();
    receive(connection, GET);
    connection.sendResponse(1, { status: 200, fields: [['Content-Length', '2']] });
    expect(() => connection.sendData(1, wire('abc'))).toThrow(/Content-Length leaves 2/);
    expect(() => connection.sendData(1, wire('a'), { endStream: true })).toThrow(/declares 1 bytes more/);
    connection.sendData(1, wire('ab'), { endStream: true });
    expect(output(connection)).toMatch(/\r\n\r\nab$/);
  });

  it('queues large content by reference', () => {
    const connection = server();
    receive(connection, GET);
    const content = new Uint8Array(4_096);
    connection.sendResponse(1, { status: 200 });
    connection.sendData(1, content, { endStream: true });
    expect(connection.takeOutput().some((chunk) => chunk.buffer === content.buffer)).toBe(true);
  });
});

describe('pipelined requests', () => {
  it('may be answered in any order, and the answers leave in the order of the requests', () => {
    const connection = server();
    receive(connection, GET.repeat(3));
    connection.sendResponse(3, { status: 203 }, { endStream: true });
    connection.sendResponse(2, { status: 202 });
    connection.sendData(2, wire('two'));
    expect(output(connection)).toBe('');
    connection.sendResponse(1, { status: 201 }, { endStream: true });
    expect(output(connection)).toMatch(/ 201 .* 202 .*two\r\n$/s);
    connection.sendData(2, wire(''), { endStream: true });
    expect(output(connection)).toMatch(/^0\r\n\r\nHTTP\/1\.1 203 /);
  });

  it('are parsed up to maxPipelinedRequests; the rest waits for an answer', () => {
    const connection = server({ limits: withLimits({ maxPipelinedRequests: 2 }) });
    expect(types(receive(connection, GET.repeat(5)))).toEqual(['request', 'request']);
    expect(connection.wantsRead).toBe(false);
    expect(connection.poll(0)).toEqual([]);
    connection.sendResponse(1, { status: 204 }, { endStream: true });
    connection.sendResponse(2, { status: 204 }, { endStream: true });
    expect(connection.poll(0).map((event) => event.type === 'request' && event.streamId)).toEqual([3, 4]);
    connection.sendResponse(3, { status: 204 }, { endStream: true });
    expect(types(connection.poll(0))).toEqual(['request']);
    expect(connection.wantsRead).toBe(true);
  });

  it('each have a buffer of their own, so none starves the one whose turn it is', () => {
    const connection = server({ limits: withLimits({ outputHighWater: 100 }) });
    receive(connection, GET.repeat(2));
    connection.sendResponse(2, { status: 200, fields: [['Content-Length', '500']] });
    const taken = connection.sendData(2, new Uint8Array(500));
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(100);
    expect(connection.capacity(1)).toBe(0);
    connection.sendResponse(1, { status: 200, fields: [['Content-Length', '10']] });
    expect(connection.capacity(1)).toBeGreaterThan(10);
    connection.sendData(1, new Uint8Array(10), { endStream: true });
    expect(connection.poll(0)).toEqual([]);
    connection.takeOutput();
    expect(connection.poll(0)).toEqual([{ type: 'writable', streamId: 2, capacity: 100 }]);
  });
});

describe('persistence', () => {
  function closes(request: string, fields: [string, string][] = []): { closes: boolean; said: string } {
    const connection = server();
    receive(connection, request);
    connection.sendResponse(1, { status: 200, fields }, { endStream: true });
    const said = output(connection);
    return { closes: connection.wantsClose, said };
  }

  it.each([
    ['HTTP/1.1', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', false, /^[\s\S]*\d\r\n\r\n$/],
    [
      'HTTP/1.1 with close',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n',
      true,
      /\r\nConnection: close\r\n/,
    ],
    [
      'HTTP/1.1 with close among others',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n',
      true,
      /\r\nConnection: close\r\n/,
    ],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', true, /\r\nConnection: close\r\n/],
    [
      'HTTP/1.0 with keep-alive',
      'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
      false,
      /\r\nConnection: keep-alive\r\n/,
    ],
    [
      'HTTP/1.0 with both',
      'GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n',
      true,
      /\r\nConnection: close\r\n/,
    ],
  ])('after %s', (_, request, expected, pattern) => {
    const { closes: closed, said } = closes(request);
    expect(closed).toBe(expected);
    expect(said).toMatch(pattern);
  });

  it('ends when the response says close, and says it once', () => {
    const { closes: closed, said } = closes(GET, [['connection', 'close']]);
    expect(closed).toBe(true);
    expect(said.match(/connection: close/gi)).toHaveLength(1);
  });

  it('reads nothing behind a request that says close', () => {
    const connection = server();
    expect(types(receive(connection, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${GET}`))).toEqual([
      'request',
    ]);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(connection.poll(0)).toEqual([]);
    expect(connection.wantsClose).toBe(true);
  });

  it('goes on for a peer that ends its side with requests unanswered', () => {
    const connection = server();
    receive(connection, GET + GET);
    expect(connection.receiveEnd(0)).toEqual([]);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(connection.wantsClose).toBe(false);
    connection.sendResponse(2, { status: 200 }, { endStream: true });
    expect(output(connection)).toMatch(/200 OK\r\nContent-Length: 0\r\n\r\nHTTP.*Connection: close/s);
    expect(types(connection.poll(0))).toEqual(['closed']);
    expect(connection.wantsClose).toBe(true);
  });

  it('ends in order when the peer ends between requests', () => {
    const connection = server();
    receive(connection, '\r\n');
    expect(types(connection.receiveEnd(0))).toEqual(['closed']);
    expect(connection.wantsClose).toBe(true);
    expect(connection.receiveEnd(0)).toEqual([]);
  });

  it.each([
    ['a head', 'GET / HT'],
    ['content', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel'],
    ['chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('ends with an error when the peer ends in the middle of %s', (_, text) => {
    const connection = server();
    receive(connection, text);
    expect(connection.receiveEnd(0).at(-1)).toMatchObject({ type: 'connection-error', statusHint: 400 });
    expect(output(connection)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('reads and throws away what a client still sends of a request that is answered, up to maxUnconsumedBytes', () => {
    const connection = server({ limits: withLimits({ maxUnconsumedBytes: 10 }) });
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n');
    connection.sendResponse(1, { status: 413 }, { endStream: true });
    expect(receive(connection, '12345678')).toEqual([]);
    expect(connection.wantsClose).toBe(false);
    expect(receive(connection, '90123')).toEqual([]);
    expect(connection.wantsClose).toBe(true);
  });

  it('goes on behind a request that was answered early and then ended', () => {
    const connection = server();
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n');
    connection.sendResponse(1, { status: 413 }, { endStream: true });
    expect(types(receive(connection, `body${GET}`))).toEqual(['request']);
  });
});

describe('shutdown', () => {
  it('ends an idle connection at once', () => {
    const connection = server();
    receive(connection, GET);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(connection.wantsClose).toBe(false);
    connection.shutdown(0);
    expect(connection.wantsClose).toBe(true);
  });

  it('lets what is under way finish, and says close on the last response', () => {
    const connection = server();
    receive(connection, GET + GET);
    connection.shutdown(0);
    expect(receive(connection, GET)).toEqual([]);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(connection.wantsClose).toBe(false);
    connection.sendResponse(2, { status: 200 }, { endStream: true });
    expect(output(connection).match(/Connection: close/g)).toHaveLength(1);
    expect(connection.wantsClose).toBe(true);
  });

  it('lets a head that has begun end', () => {
    const connection = server();
    receive(connection, 'GET / HTTP/1.1\r\nHo');
    connection.shutdown(0);
    expect(connection.wantsClose).toBe(false);
    expect(types(receive(connection, 'st: a\r\n\r\n'))).toEqual(['request']);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(output(connection)).toContain('Connection: close');
    expect(connection.wantsClose).toBe(true);
  });
});

describe('reset', () => {
  it('ends the connection where the exchange has come to', () => {
    const connection = server();
    receive(connection, GET.repeat(3));
    connection.reset(2, 0);
    expect(connection.wantsClose).toBe(false);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(output(connection)).toMatch(/^HTTP\/1\.1 200 /);
    expect(connection.wantsClose).toBe(true);
    expect(() => connection.sendResponse(3, { status: 200 })).toThrow(LocalProtocolError);
    expect(connection.poll(0)).toMatchObject([{ type: 'reset', streamId: 3, initiator: 'local', unprocessed: true }]);
  });

  it('is told of requests behind a response that says close', () => {
    const connection = server();
    receive(connection, GET.repeat(3));
    connection.sendResponse(1, { status: 200, fields: [['Connection', 'close']] }, { endStream: true });
    expect(connection.poll(0)).toMatchObject([
      { type: 'reset', streamId: 2 },
      { type: 'reset', streamId: 3 },
    ]);
  });
});

describe('100 (Continue)', () => {
  const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n';

  it('is sent as soon as it is asked for', () => {
    const connection = server();
    receive(connection, POST);
    expect(output(connection)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  it('is left to the application with autoContinue: false', () => {
    const connection = server({ autoContinue: false });
    receive(connection, POST);
    expect(output(connection)).toBe('');
    connection.sendResponse(1, { status: 100 });
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(output(connection)).not.toContain('close');
  });

  it('left out ends the connection with the response: the content may or may not come', () => {
    const connection = server({ autoContinue: false });
    receive(connection, POST);
    connection.sendResponse(1, { status: 403 }, { endStream: true });
    expect(output(connection)).toContain('Connection: close');
    expect(connection.wantsClose).toBe(true);
  });

  it('is not owed once the content comes, without content, or to HTTP/1.0', () => {
    for (const request of [
      `${POST}body`,
      'GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
      'POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody',
    ]) {
      const connection = server({ autoContinue: false });
      receive(connection, request);
      connection.sendResponse(1, { status: 200 }, { endStream: true });
      expect(output(connection)).not.toContain('close');
    }
  });
});

describe('leaving HTTP', () => {
  const UPGRADE = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const SWITCH = {
    status: 101,
    fields: [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ] as const,
  };

  it('hands over what came behind an upgrade', () => {
    const connection = server();
    expect(types(receive(connection, `${UPGRADE}\x81\x00`))).toEqual(['request']);
    receive(connection, 'more');
    connection.sendResponse(1, SWITCH);
    expect(output(connection)).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(summarise(connection.poll(0))).toEqual([
      { type: 'upgrade', streamId: 1, protocol: 'websocket', rest: '\x81\x00more' },
    ]);
    expect(() => receive(connection, 'x')).toThrow(LocalProtocolError);
    expect(connection.nextDeadline()).toBeNull();
    expect(connection.wantsClose).toBe(false);
  });

  it('hands over what comes before the switch was heard of', () => {
    const connection = server();
    receive(connection, `${UPGRADE}ab`);
    connection.sendResponse(1, SWITCH);
    expect(summarise(receive(connection, 'cd'))).toEqual([
      { type: 'upgrade', streamId: 1, protocol: 'websocket', rest: 'abcd' },
    ]);
    expect(() => receive(connection, 'x')).toThrow(LocalProtocolError);
  });

  it('waits its turn behind pipelined requests', () => {
    const connection = server();
    receive(connection, GET + UPGRADE);
    connection.sendResponse(2, SWITCH);
    expect(connection.poll(0)).toEqual([]);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(types(connection.poll(0))).toEqual(['upgrade']);
    expect(output(connection)).toMatch(/ 200 .* 101 /s);
  });

  it('does not happen when the offer is declined: HTTP goes on', () => {
    const connection = server();
    expect(types(receive(connection, UPGRADE + GET))).toEqual(['request']);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    expect(types(connection.poll(0))).toEqual(['request']);
  });

  it.each(['GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n', UPGRADE.replace('1.1', '1.0')])(
    'is not offered without Connection: upgrade, nor in HTTP/1.0',
    (request) => {
      const connection = server();
      receive(connection, request);
      expect(() => connection.sendResponse(1, SWITCH)).toThrow(LocalProtocolError);
    },
  );

  it('with CONNECT and 2xx turns the connection into a tunnel', () => {
    const connection = server();
    receive(connection, 'CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\nhello');
    connection.sendResponse(1, { status: 200, fields: [['Content-Length', '5']] });
    expect(output(connection)).toBe('HTTP/1.1 200 OK\r\n\r\n');
    expect(summarise(connection.poll(0))).toEqual([
      { type: 'upgrade', streamId: 1, protocol: 'connect', rest: 'hello' },
    ]);
  });

  it('with CONNECT refused ends the connection: what follows may be the tunnel', () => {
    const connection = server();
    receive(connection, `CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n${GET}`);
    connection.sendResponse(1, { status: 405 }, { endStream: true });
    expect(connection.poll(0)).toEqual([]);
    expect(connection.wantsClose).toBe(true);
  });
});

describe('back-pressure', () => {
  it('stops reading while the application holds maxUnconsumedBytes', () => {
    const connection = server({ limits: withLimits({ maxUnconsumedBytes: 100 }) });
    receive(connection, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n${'a'.repeat(100)}`);
    expect(connection.wantsRead).toBe(false);
    connection.consume(1, 4);
    expect(connection.wantsRead).toBe(true);
    expect(types(receive(connection, 'b'.repeat(100)))).toEqual(['data']);
    expect(connection.wantsRead).toBe(false);
  });

  it('counts many small pieces for what they cost', () => {
    const connection = server({ limits: withLimits({ maxUnconsumedBytes: 320 }) });
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    receive(connection, '1\r\na\r\n'.repeat(9));
    expect(connection.wantsRead).toBe(true);
    receive(connection, '1\r\na\r\n');
    expect(connection.wantsRead).toBe(false);
    connection.consume(1, 10);
    expect(connection.wantsRead).toBe(true);
  });

  it('stops reading while the peer does not read', () => {
    const connection = server({ limits: withLimits({ outputHighWater: 100 }) });
    receive(connection, GET);
    connection.sendResponse(1, { status: 200 });
    expect(connection.sendData(1, new Uint8Array(1_000))).toBeLessThan(100);
    expect(connection.wantsRead).toBe(false);
    expect(connection.capacity(1)).toBe(0);
    connection.takeOutput();
    expect(connection.wantsRead).toBe(true);
    expect(connection.poll(0)).toEqual([{ type: 'writable', streamId: 1, capacity: 100 }]);
    expect(connection.poll(0)).toEqual([]);
  });

  it('hands output out in pieces', () => {
    const connection = server();
    receive(connection, GET);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    const said: Uint8Array[] = [];
    while (connection.pendingOutput > 0) {
      const part = connection.takeOutput(7);
      expect(unwire(part).length).toBeLessThanOrEqual(7);
      said.push(...part);
    }
    expect(unwire(said)).toBe('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('time', () => {
  const limits = withLimits({ headTimeout: 10, idleTimeout: 60, bodyTimeout: 30, sendTimeout: 40 });

  it('ends a connection that is idle from the start', () => {
    const connection = server({ limits, now: 100 });
    expect(connection.nextDeadline()).toBe(160);
    expect(connection.handleTimeout(159)).toEqual([]);
    expect(types(connection.handleTimeout(160))).toEqual(['closed']);
    expect(connection.wantsClose).toBe(true);
    expect(connection.nextDeadline()).toBeNull();
    expect(output(connection)).toBe('');
  });

  it('answers a head that does not end with 408, counted from its first byte', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, 'GET', 50);
    receive(connection, ' / HTTP', 58);
    expect(connection.nextDeadline()).toBe(60);
    expect(connection.handleTimeout(60)).toMatchObject([
      { type: 'connection-error', limit: 'headTimeout', statusHint: 408 },
    ]);
    expect(output(connection)).toMatch(/^HTTP\/1\.1 408 .*headTimeout/s);
  });

  it('counts anew for the head behind another', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, 'GET / HT', 50);
    receive(connection, 'TP/1.1\r\nHost: a\r\n\r\nGET', 58);
    expect(connection.nextDeadline()).toBe(68);
  });

  it('answers content that stops coming with 408, counted from its last byte', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n', 5);
    receive(connection, 'abc', 20);
    expect(connection.nextDeadline()).toBe(50);
    expect(connection.handleTimeout(50)).toMatchObject([
      { type: 'connection-error', limit: 'bodyTimeout', statusHint: 408 },
    ]);
  });

  it('does not count while we are the ones who do not read', () => {
    const connection = server({ limits: withLimits({ ...limits, maxUnconsumedBytes: 3 }), now: 0 });
    receive(connection, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc', 5);
    expect(connection.nextDeadline()).toBeNull();
    connection.consume(1, 3);
    connection.poll(1_000);
    expect(connection.nextDeadline()).toBe(1_030);
  });

  it('waits for the application without end', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, GET, 5);
    expect(connection.nextDeadline()).toBeNull();
  });

  it('counts idleness anew after each exchange, and never from a time that was not told', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, GET, 5);
    connection.sendResponse(1, { status: 200 }, { endStream: true });
    connection.takeOutput();
    // Nothing has told the time since 5: the first deadline only asks for it.
    expect(connection.nextDeadline()).toBe(65);
    expect(connection.handleTimeout(1_000)).toEqual([]);
    expect(connection.nextDeadline()).toBe(1_060);
    expect(types(connection.handleTimeout(1_060))).toEqual(['closed']);
  });

  it('gives up a peer that takes no bytes', () => {
    const connection = server({ limits, now: 0 });
    receive(connection, GET, 5);
    connection.sendResponse(1, { status: 200 });
    connection.sendData(1, wire('hi'));
    connection.poll(6);
    expect(connection.nextDeadline()).toBe(46);
    connection.takeOutput(3);
    connection.poll(40);
    expect(connection.nextDeadline()).toBe(80);
    expect(connection.handleTimeout(80)).toMatchObject([
      { type: 'connection-error', limit: 'sendTimeout', statusHint: null },
    ]);
    expect(connection.pendingOutput).toBe(0);
    expect(connection.wantsClose).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import { withLimits } from '../limits.ts';
import { splits } from '../testing/splits.ts';
import { summarise } from '../testing/summary.ts';
import { unwire, wire } from '../testing/text.ts';
import { Http1Connection, type Http1Options } from './connection.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

function client(options: Omit<Http1Options, 'role'> = {}): Http1Connection {
  return new Http1Connection({ role: 'client', ...options });
}

/** A client that has asked with each of these methods. */
function asked(...methods: string[]): Http1Connection {
  const connection = client();
  for (const method of methods) connection.sendRequest({ method, target: '/', authority: 'a' }, { endStream: true });
  connection.takeOutput();
  return connection;
}

function types(events: readonly Event[]): string[] {
  return events.map((event) => event.type);
}

describe('openable', () => {
  it('says how many requests could be sent now', () => {
    const connection = client({ limits: withLimits({ maxPipelinedRequests: 2 }) });
    expect(connection.openable).toBe(2);
    connection.sendRequest({ method: 'POST', target: '/', authority: 'a' });
    expect(connection.openable).toBe(0);
    connection.sendData(1, new Uint8Array(0), { endStream: true });
    expect(connection.openable).toBe(1);
    connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true });
    expect(connection.openable).toBe(0);
    connection.receive(wire(OK + OK), 0);
    expect(connection.openable).toBe(2);
    connection.shutdown(0);
    expect(connection.openable).toBe(0);
  });

  it('is 0 behind a request that may leave HTTP, after a last response, and on a server', () => {
    const tunnel = client();
    tunnel.sendRequest({ method: 'CONNECT', target: 'a:1', authority: 'a:1' }, { endStream: true });
    expect(tunnel.openable).toBe(0);
    const last = asked('GET');
    last.receive(wire('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'), 0);
    expect(last.openable).toBe(0);
    expect(new Http1Connection({ role: 'server' }).openable).toBe(0);
  });
});

describe('a request', () => {
  function written(act: (connection: Http1Connection) => void): string {
    const connection = client();
    act(connection);
    return unwire(connection.takeOutput());
  }

  it('names its authority as Host, first', () => {
    const said = written((connection) => {
      const fields = [['Accept', '*/*']] as const;
      expect(
        connection.sendRequest({ method: 'GET', target: '/x', authority: 'a:1', fields }, { endStream: true }),
      ).toBe(1);
    });
    expect(said).toBe('GET /x HTTP/1.1\r\nHost: a:1\r\nAccept: */*\r\n\r\n');
  });

  it('keeps a Host of its own', () => {
    const said = written((connection) =>
      connection.sendRequest(
        { method: 'GET', target: '/', authority: 'a', fields: [['host', 'b']] },
        { endStream: true },
      ),
    );
    expect(said).toBe('GET / HTTP/1.1\r\nhost: b\r\n\r\n');
  });

  it('without content says so where content is usual', () => {
    const said = written((connection) =>
      connection.sendRequest({ method: 'POST', target: '/', authority: 'a' }, { endStream: true }),
    );
    expect(said).toContain('\r\nContent-Length: 0\r\n');
  });

  it('is chunked when its length is not known, with trailers behind', () => {
    const said = written((connection) => {
      const id = connection.sendRequest({ method: 'POST', target: '/', authority: 'a' });
      connection.sendData(id, wire('hello'));
      connection.sendTrailers(id, [['X-T', '1']]);
    });
    expect(said).toBe(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
    );
  });

  it('goes by its Content-Length', () => {
    const said = written((connection) => {
      const id = connection.sendRequest({
        method: 'PUT',
        target: '/',
        authority: 'a',
        fields: [['content-length', '2']],
      });
      connection.sendData(id, wire('hi'), { endStream: true });
    });
    expect(said).toBe('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi');
  });

  it.each([
    ['without Host', { method: 'GET', target: '/' }],
    ['with a method that is no token', { method: 'G T', target: '/', authority: 'a' }],
    ['with a blank in its target', { method: 'GET', target: '/a b', authority: 'a' }],
    ['with a target that is no path', { method: 'GET', target: 'a', authority: 'a' }],
    ['with * for GET', { method: 'GET', target: '*', authority: 'a' }],
    [
      'with a line break in a value',
      { method: 'GET', target: '/', authority: 'a', fields: [['A', 'b\r\n\r\nGET /']] as const },
    ],
    ['with a line break in its authority', { method: 'GET', target: '/', authority: 'a\r\nX: y' }],
    [
      'with another coding',
      { method: 'GET', target: '/', authority: 'a', fields: [['Transfer-Encoding', 'gzip']] as const },
    ],
    [
      'that ends but declares content',
      { method: 'GET', target: '/', authority: 'a', fields: [['Content-Length', '1']] as const },
    ],
  ])('cannot be sent %s', (_, head) => {
    const connection = client();
    expect(() => connection.sendRequest(head, { endStream: true })).toThrow(LocalProtocolError);
    expect(connection.pendingOutput).toBe(0);
    expect(connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true })).toBe(1);
  });

  it('waits for the one before it to end', () => {
    const connection = client();
    const id = connection.sendRequest({ method: 'POST', target: '/', authority: 'a' });
    expect(() => connection.sendRequest({ method: 'GET', target: '/', authority: 'a' })).toThrow(/has not ended/);
    connection.sendData(id, wire(''), { endStream: true });
    expect(connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true })).toBe(2);
  });

  it('is taken as far as there is room', () => {
    const connection = client({ limits: withLimits({ outputHighWater: 200 }) });
    const id = connection.sendRequest({
      method: 'POST',
      target: '/',
      authority: 'a',
      fields: [['Content-Length', '500']],
    });
    const taken = connection.sendData(id, new Uint8Array(500));
    expect(taken).toBeLessThan(200);
    expect(connection.capacity(id)).toBe(0);
    connection.takeOutput();
    expect(connection.poll(0)).toEqual([{ type: 'writable', streamId: id, capacity: 200 }]);
    expect(connection.sendData(id, new Uint8Array(500 - taken), { endStream: true })).toBe(200);
  });
});

describe('a response', () => {
  it.each([
    ['content by length', ['GET'], OK, ['response', 'data']],
    [
      'chunked content',
      ['GET'],
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n',
      ['response', 'data'],
    ],
    [
      'trailers',
      ['GET'],
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n',
      ['response', 'trailers'],
    ],
    ['no content', ['GET'], 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['response']],
    [
      'a 204',
      ['GET', 'GET'],
      `HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n${OK}`,
      ['response', 'response', 'data'],
    ],
    [
      'a 304 that tells a length',
      ['GET', 'GET'],
      `HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n${OK}`,
      ['response', 'response', 'data'],
    ],
    [
      'an answer to HEAD',
      ['HEAD', 'GET'],
      `HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n${OK}`,
      ['response', 'response', 'data'],
    ],
    [
      'interim responses',
      ['GET'],
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`,
      ['informational', 'informational', 'response', 'data'],
    ],
    ['no reason and no space for it', ['GET'], 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', ['response']],
    ['content up to the end', ['GET'], 'HTTP/1.1 200 OK\r\n\r\nhello', ['response', 'goaway', 'data', 'closed']],
    [
      'a coding that we do not undo',
      ['GET'],
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello',
      ['response', 'goaway', 'data', 'closed'],
    ],
    ['HTTP/1.0', ['GET'], 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', ['response', 'goaway', 'data', 'closed']],
    [
      'HTTP/1.0 that persists',
      ['GET', 'GET'],
      `HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi${OK}`,
      ['response', 'data', 'response', 'data'],
    ],
  ])('with %s is read whatever the cuts', (_, methods, text, expected) => {
    let first: unknown[] | undefined;
    for (const { name, chunks } of splits(wire(text))) {
      const connection = asked(...methods);
      const events = chunks.flatMap((chunk) => connection.receive(chunk, 0));
      if (expected.includes('closed')) events.push(...connection.receiveEnd(0));
      const summary = summarise(events);
      first ??= summary;
      expect(summary, name).toEqual(first);
      expect(types(summary as Event[]), name).toEqual(expected);
    }
  });

  it('ends with the connection only in order: its last piece says so', () => {
    const connection = asked('GET');
    connection.receive(wire('HTTP/1.1 200 OK\r\n\r\nhello'), 0);
    expect(summarise(connection.receiveEnd(0))).toMatchObject([
      { type: 'data', text: '', endStream: true },
      { type: 'closed' },
    ]);
    expect(connection.wantsClose).toBe(true);
  });

  it.each([
    ['a status line that is none', 'HTTPS/1.1 200 OK\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['a control character in the reason', 'HTTP/1.1 200 O\x00K\r\n\r\n'],
    ['LF alone', 'HTTP/1.1 200 OK\n\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['length and coding together', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'],
    ['chunked that is not last', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
    ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['101 that nobody offered', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx'],
    ['more interim responses than maxInterimResponses', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(129)],
    ['a head over maxHeadBytes', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(17_000)}\r\n\r\n`],
  ])('that cannot be read ends the connection, and resets what is unanswered: %s', (_, text) => {
    let first: unknown[] | undefined;
    for (const { name, chunks } of splits(wire(text), { maxCuts: 40, random: 3 })) {
      const connection = asked('GET', 'GET');
      const events = chunks.flatMap((chunk) => connection.receive(chunk, 0));
      const summary = summarise(events);
      first ??= summary;
      expect(summary, name).toEqual(first);
      expect(types(events).slice(-3), name).toEqual(['reset', 'reset', 'connection-error']);
      expect(connection.wantsClose, name).toBe(true);
      expect(connection.pendingOutput, name).toBe(0);
      expect(connection.receive(wire(OK), 0), name).toEqual([]);
    }
  });

  it('without a request ends the connection', () => {
    expect(types(client().receive(wire('HTTP/1.1 408 Request Timeout\r\n\r\n'), 0))).toEqual(['connection-error']);
  });
});

describe('pipelining', () => {
  it('matches responses to requests in order', () => {
    const connection = asked('GET', 'HEAD', 'GET');
    const events = connection.receive(wire(OK + OK.slice(0, -2) + OK), 0);
    expect(events.map((event) => 'streamId' in event && [event.type, event.streamId])).toEqual([
      ['response', 1],
      ['data', 1],
      ['response', 2],
      ['response', 3],
      ['data', 3],
    ]);
  });

  it('is bounded by maxPipelinedRequests', () => {
    const connection = asked(...Array.from({ length: 16 }, () => 'GET'));
    expect(() => connection.sendRequest({ method: 'GET', target: '/', authority: 'a' })).toThrow(
      /maxPipelinedRequests/,
    );
    connection.receive(wire(OK), 0);
    expect(connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true })).toBe(17);
  });

  it('behind a response that says close: what was not answered was not acted on, and may be sent again', () => {
    const connection = asked('GET', 'GET', 'GET');
    const events = connection.receive(wire(OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')), 0);
    expect(summarise(events)).toMatchObject([
      { type: 'response', streamId: 1 },
      { type: 'goaway', lastStreamId: 1 },
      { type: 'data', streamId: 1, endStream: true },
      { type: 'reset', streamId: 2, unprocessed: true },
      { type: 'reset', streamId: 3, unprocessed: true },
    ]);
    expect(connection.wantsClose).toBe(true);
    expect(() => connection.sendRequest({ method: 'GET', target: '/', authority: 'a' })).toThrow(LocalProtocolError);
    expect(types(connection.receiveEnd(0))).toEqual(['closed']);
  });

  it('cut off without a word: the server may have acted on what was asked', () => {
    const connection = asked('GET', 'GET');
    connection.receive(wire(OK), 0);
    expect(connection.receiveEnd(0)).toMatchObject([
      { type: 'reset', streamId: 2, unprocessed: false },
      { type: 'connection-error' },
    ]);
  });

  it('cut off in the middle of a response: that exchange and those behind it are reset', () => {
    const connection = asked('GET', 'GET');
    connection.receive(wire('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'), 0);
    expect(types(connection.receiveEnd(0))).toEqual(['reset', 'reset', 'connection-error']);
  });

  it('does not go past a request that may leave HTTP', () => {
    const connection = client();
    const fields = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ] as const;
    connection.sendRequest({ method: 'GET', target: '/', authority: 'a', fields }, { endStream: true });
    expect(() => connection.sendRequest({ method: 'GET', target: '/', authority: 'a' })).toThrow(LocalProtocolError);
    connection.receive(wire(OK), 0);
    expect(connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true })).toBe(2);
  });
});

describe('leaving HTTP', () => {
  it.each([
    [
      'an upgrade',
      'GET',
      '/',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'websocket',
    ],
    ['CONNECT', 'CONNECT', 'b:443', 'HTTP/1.1 200 OK\r\n\r\n', 'connect'],
  ])('with %s hands over what came behind', (_, method, target, head, protocol) => {
    for (const { name, chunks } of splits(wire(`${head}\x81\x00raw`))) {
      const connection = client();
      const fields = [
        ['Connection', 'upgrade'],
        ['Upgrade', 'websocket'],
      ] as const;
      connection.sendRequest({ method, target, authority: 'b', fields }, { endStream: true });
      const events: Event[] = [];
      let rest = '';
      for (const chunk of chunks) {
        if (types(events).includes('upgrade')) rest += unwire([chunk]);
        else events.push(...connection.receive(chunk, 0));
      }
      expect(types(events), name).toEqual(['response', 'upgrade']);
      const last = events[1];
      expect(last?.type === 'upgrade' && [last.protocol, unwire([last.rest]) + rest], name).toEqual([
        protocol,
        '\x81\x00raw',
      ]);
      expect(connection.wantsClose, name).toBe(false);
    }
  });
});

describe('the end', () => {
  it('comes in order on an idle connection', () => {
    const connection = asked('GET');
    connection.receive(wire(OK), 0);
    expect(types(connection.receiveEnd(0))).toEqual(['closed']);
  });

  it('waits at shutdown for what is under way', () => {
    const connection = asked('GET');
    connection.shutdown(0);
    expect(connection.wantsClose).toBe(false);
    expect(() => connection.sendRequest({ method: 'GET', target: '/', authority: 'a' })).toThrow(LocalProtocolError);
    connection.receive(wire(OK), 0);
    expect(connection.wantsClose).toBe(true);
  });

  it('comes with reset, which leaves the other exchanges without an answer', () => {
    const connection = asked('GET', 'GET');
    connection.reset(1, 0);
    expect(connection.poll(0)).toMatchObject([{ type: 'reset', streamId: 2, unprocessed: false }]);
    expect(connection.wantsClose).toBe(true);
  });

  it('of a server that answers early and closes lets the rest of a request be dropped', () => {
    const connection = client();
    const id = connection.sendRequest({ method: 'POST', target: '/', authority: 'a' });
    connection.receive(wire('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'), 0);
    expect(connection.sendData(id, new Uint8Array(100))).toBe(100);
    connection.sendTrailers(id, []);
    expect(connection.wantsClose).toBe(true);
  });

  it('has no deadline but for a head that has begun and for output that nobody takes', () => {
    const connection = client({ now: 0, limits: withLimits({ headTimeout: 10, sendTimeout: 50 }) });
    expect(connection.nextDeadline()).toBeNull();
    connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true });
    connection.poll(1);
    expect(connection.nextDeadline()).toBe(51);
    connection.takeOutput();
    connection.poll(2);
    expect(connection.nextDeadline()).toBeNull();
    connection.receive(wire('HTTP'), 5);
    expect(connection.nextDeadline()).toBe(15);
    expect(types(connection.handleTimeout(15))).toEqual(['reset', 'connection-error']);
  });

  it('stops reading while the application holds maxUnconsumedBytes', () => {
    const connection = client({ limits: withLimits({ maxUnconsumedBytes: 3 }) });
    connection.sendRequest({ method: 'GET', target: '/', authority: 'a' }, { endStream: true });
    connection.receive(wire('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), 0);
    expect(connection.wantsRead).toBe(false);
    connection.consume(1, 1);
    expect(connection.wantsRead).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { encodeLatin1 } from '../bytes/latin1.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import { withLimits } from '../limits.ts';
import type { WireUnit } from '../observer.ts';
import { block, concat, frame, frames, GET, Http2Tester, POST } from '../testing/http2.ts';
import { Http2Connection } from './connection.ts';
import { ErrorCode } from './error_code.ts';
import { Flag, FrameType } from './frame.ts';

const OPEN = Flag.END_HEADERS;
const text = encodeLatin1;
const REQUEST = { method: 'GET', target: '/', scheme: 'https', authority: 'example.com' };
const server = (limits = {}): Http2Tester => new Http2Tester({ role: 'server', limits: withLimits(limits) });
const client = (limits = {}): Http2Tester => new Http2Tester({ role: 'client', limits: withLimits(limits) });

describe('start (RFC 9113 §3.4)', () => {
  it('a server says SETTINGS and its window at once', () => {
    const one = new Http2Tester({ role: 'server' }, true);
    const [settings] = one.outputFrames();
    expect(settings?.kind).toBe('settings');
    const view = new DataView((settings as { payload: Uint8Array }).payload.buffer);
    const entries = Array.from({ length: view.byteLength / 6 }, (_, index) => [
      view.getUint16(index * 6),
      view.getUint32(index * 6 + 2),
    ]);
    expect(entries).toEqual([
      [3, 100],
      [4, 262_144],
      [6, 65_536],
      [8, 1],
      [9, 1],
    ]);
  });

  it('a client says preface, SETTINGS without push, and may send requests before it has heard anything', () => {
    const one = new Http2Tester({ role: 'client' }, true);
    expect(one.connection.sendRequest(REQUEST, { endStream: true })).toBe(1);
    expect(one.output()).toEqual([
      'settings',
      'window_update 0 983041',
      'headers 1 :method=GET :scheme=https :authority=example.com :path=/ END_STREAM',
    ]);
  });

  it('passes on settings and their acknowledgement', () => {
    const one = new Http2Tester({ role: 'server' }, true);
    const events = one.send(frames.preface(), frames.settings([3, 7], [0xff, 1]), frames.settingsAck());
    expect(events).toEqual([
      {
        type: 'settings',
        settings: new Map([
          [3, 7],
          [0xff, 1],
        ]),
      },
      { type: 'settings-ack' },
    ]);
  });

  it('events before an error survive, and none follows', () => {
    const one = server();
    expect(
      one.send(frames.headers(1), frame(FrameType.PING, 0, 1, '00'), frames.headers(3)).map((event) => event.type),
    ).toEqual(['request', 'connection-error']);
    expect(one.send(frames.headers(5))).toEqual([]);
  });
});

describe('messages (RFC 9113 §8)', () => {
  it('a request and its response, with 1xx, content and trailers both ways', () => {
    const one = server();
    const events = one.send(
      frames.headers(1, POST, OPEN),
      frames.data(1, 'question'),
      frames.headers(1, [['x-sum', '1']]),
    );
    expect(events.slice(1)).toMatchObject([
      { type: 'data', data: text('question'), flowControlledLength: 8, endStream: false },
      { type: 'trailers', fields: [['x-sum', '1']] },
    ]);
    const { connection } = one;
    connection.sendResponse(1, { status: 103, fields: [['Link', '</a>']] });
    connection.sendResponse(1, { status: 200 });
    expect(connection.sendData(1, text('answer'))).toBe(6);
    connection.sendTrailers(1, [['x-sum', '2']]);
    expect(one.output()).toEqual([
      'headers 1 :status=103 link=</a>',
      'headers 1 :status=200',
      'data 1 "answer"',
      'headers 1 x-sum=2 END_STREAM',
    ]);
    expect(connection.streamState(1)).toBe('closed');
  });

  it('a response, as a client hears it', () => {
    const one = client();
    one.connection.sendRequest(REQUEST, { endStream: true });
    one.output();
    const events = one.send(
      frames.headers(1, [[':status', '103']], OPEN),
      frames.headers(
        1,
        [
          [':status', '200'],
          ['content-length', '5'],
        ],
        OPEN,
      ),
      frames.data(1, 'hello'),
      frames.headers(1, [['x', 'y']]),
    );
    expect(events).toMatchObject([
      { type: 'informational', head: { status: 103 } },
      { type: 'response', head: { version: '2', status: 200 }, endStream: false },
      { type: 'data', endStream: false },
      { type: 'trailers' },
    ]);
  });

  it.each([
    ['HEAD', { ...REQUEST, method: 'HEAD' }, '200'],
    ['204', REQUEST, '204'],
    ['304', REQUEST, '304'],
  ])('a length without content is no fault after %s', (_, head, status) => {
    const one = client();
    one.connection.sendRequest(head, { endStream: true });
    expect(
      one.send(
        frames.headers(1, [
          [':status', status],
          ['content-length', '99'],
        ]),
      ),
    ).toMatchObject([{ type: 'response', endStream: true }]);
    one.connection.sendRequest(head, { endStream: true });
    one.send(frames.headers(3, [[':status', status]], OPEN), frames.data(3, 'x'));
    expect(one.events.at(-1)).toMatchObject({
      type: 'reset',
      streamId: 3,
      code: ErrorCode.PROTOCOL_ERROR,
      initiator: 'local',
    });
  });

  it('drops the content of a response to HEAD', () => {
    const one = server();
    one.send(frames.headers(1, [[':method', 'HEAD'], ...GET.slice(1)]));
    one.connection.sendResponse(1, { status: 200, fields: [['content-length', '5']] });
    expect(one.connection.sendData(1, text('hello'), { endStream: true })).toBe(5);
    expect(one.output()).toEqual(['headers 1 :status=200 content-length=5', 'data 1 "" END_STREAM']);
  });

  it.each([
    ['DATA before the head', frames.data(1, 'x')],
    ['an interim response that ends the stream', frames.headers(1, [[':status', '100']])],
    ['101', frames.headers(1, [[':status', '101']], OPEN)],
    ['no :status', frames.headers(1, [['x', 'y']], OPEN)],
    [
      'less content than declared',
      concat(
        frames.headers(
          1,
          [
            [':status', '200'],
            ['content-length', '2'],
          ],
          OPEN,
        ),
        frames.data(1, 'x', 1),
      ),
    ],
  ])('a client resets the stream for %s', (_, bytes) => {
    const one = client();
    one.connection.sendRequest(REQUEST, { endStream: true });
    one.output();
    one.send(bytes);
    expect(one.events.at(-1)).toMatchObject({
      type: 'reset',
      streamId: 1,
      code: ErrorCode.PROTOCOL_ERROR,
      unprocessed: false,
    });
    expect(one.output()).toEqual(['rst_stream 1 PROTOCOL_ERROR']);
    expect(one.error).toBeUndefined();
  });

  it('CONNECT is a tunnel, and extended CONNECT needs the server’s leave (RFC 8441)', () => {
    const websocket: [string, string][] = [
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'https'],
      [':path', '/chat'],
      [':authority', 'example.com'],
    ];
    const one = server();
    expect(one.send(frames.headers(1, websocket, OPEN))).toMatchObject([
      { type: 'request', head: { method: 'CONNECT', protocol: 'websocket', target: '/chat' } },
    ]);
    one.connection.sendResponse(1, { status: 200 });
    one.send(frames.data(1, 'frame'));
    one.connection.sendData(1, text('frame'));
    expect(one.output()).toEqual(['headers 1 :status=200', 'data 1 "frame"']);
    const other = new Http2Tester({ role: 'server', connectProtocol: false });
    other.send(frames.headers(1, websocket, OPEN));
    expect(other.output()).toEqual(['rst_stream 1 PROTOCOL_ERROR']);
    const asking = client();
    const head = {
      method: 'CONNECT',
      protocol: 'websocket',
      target: '/chat',
      scheme: 'https',
      authority: 'example.com',
    };
    expect(() => asking.connection.sendRequest(head)).toThrow(LocalProtocolError);
    asking.send(frames.settings([8, 1]));
    expect(asking.connection.sendRequest(head)).toBe(1);
    expect(asking.connection.sendRequest({ method: 'CONNECT', target: 'example.com:443' })).toBe(3);
    expect(asking.output().slice(1)).toEqual([
      'headers 1 :method=CONNECT :scheme=https :authority=example.com :path=/chat :protocol=websocket',
      'headers 3 :method=CONNECT :authority=example.com:443',
    ]);
  });

  it('a head larger than a frame goes on in CONTINUATION', () => {
    const one = server();
    one.send(frames.headers(1));
    one.connection.sendResponse(1, { status: 200, fields: [['x', '~'.repeat(20_000)]] }, { endStream: true });
    const seen = one.outputFrames();
    expect(seen.map(({ kind, payload }) => [kind, payload.length])).toEqual([
      ['headers', 16_384],
      ['continuation', expect.any(Number)],
    ]);
    expect(seen[1]?.fields[1]).toEqual(['x', '~'.repeat(20_000)]);
  });
});

describe('our own mistakes throw, and change nothing', () => {
  it.each<[string, (one: Http2Tester) => void]>([
    ['a name with a space', (one) => one.connection.sendResponse(1, { status: 200, fields: [['a b', 'c']] })],
    [
      'a line feed in a value',
      (one) =>
        one.connection.sendResponse(1, {
          status: 200,
          fields: [
            ['ok', 'fine'],
            ['a', 'b\nc'],
          ],
        }),
    ],
    ['a pseudo-header field', (one) => one.connection.sendResponse(1, { status: 200, fields: [[':status', '200']] })],
    ['Connection', (one) => one.connection.sendResponse(1, { status: 200, fields: [['Connection', 'close']] })],
    ['status 101', (one) => one.connection.sendResponse(1, { status: 101 })],
    ['content before the head', (one) => one.connection.sendData(1, text('x'))],
    ['trailers before the head', (one) => one.connection.sendTrailers(1, [])],
    ['a stream that nobody opened', (one) => one.connection.sendResponse(9, { status: 200 })],
    ['a request from the server', (one) => one.connection.sendRequest(REQUEST)],
    ['a PING of seven octets', (one) => one.connection.ping(new Uint8Array(7))],
  ])('%s', (_, act) => {
    const one = server();
    one.send(frames.headers(1));
    expect(() => act(one)).toThrow(LocalProtocolError);
    one.connection.sendResponse(1, { status: 200, fields: [['ok', 'fine']] }, { endStream: true });
    expect(one.output()).toEqual(['headers 1 :status=200 ok=fine END_STREAM']);
  });

  it.each<[string, (one: Http2Tester) => void]>([
    ['a second response', (one) => one.connection.sendResponse(1, { status: 200 })],
    ['Content-Length in trailers', (one) => one.connection.sendTrailers(1, [['content-length', '1']])],
  ])('%s', (_, act) => {
    const one = server();
    one.send(frames.headers(1));
    one.connection.sendResponse(1, { status: 200 });
    expect(() => act(one)).toThrow(LocalProtocolError);
  });

  it('content after the end', () => {
    const one = server();
    one.send(frames.headers(1, POST, OPEN));
    one.connection.sendResponse(1, { status: 200 });
    one.connection.sendData(1, text('x'), { endStream: true });
    expect(() => one.connection.sendData(1, text('y'))).toThrow(/has been ended/);
  });

  it('a request without authority, and one more than the server allows', () => {
    const one = client();
    expect(() => one.connection.sendRequest({ method: 'GET', target: 'no path', authority: 'a' })).toThrow(
      LocalProtocolError,
    );
    one.send(frames.settings([3, 1]));
    expect(one.connection.openable).toBe(1);
    one.connection.sendRequest(REQUEST);
    expect(one.connection.openable).toBe(0);
    expect(() => one.connection.sendRequest(REQUEST)).toThrow(/allows 1 streams/);
  });

  it('what is sent on a stream that the peer has reset is dropped without an error', () => {
    const one = server();
    one.send(frames.headers(1), frames.rstStream(1));
    one.connection.sendResponse(1, { status: 200 });
    expect(one.connection.sendData(1, text('x'), { endStream: true })).toBe(1);
    one.connection.sendTrailers(1, []);
    one.connection.reset(1, 0);
    expect(one.output()).toEqual([]);
  });
});

describe('flow control (RFC 9113 §5.2)', () => {
  it('credits what the application consumes, in halves of the window', () => {
    const one = server();
    one.send(frames.headers(1, POST, OPEN));
    for (let nth = 0; nth < 8; nth++) one.send(frames.data(1, new Uint8Array(16_384)));
    expect(one.output()).toEqual([]);
    one.connection.consume(1, 100_000);
    expect(one.output()).toEqual([]);
    one.connection.consume(1, 8 * 16_384);
    expect(one.output()).toEqual(['window_update 1 131072']);
  });

  it('credits padding, and content of streams that are gone, by itself', () => {
    const one = server({ connectionWindow: 65_535, streamWindow: 65_535 });
    one.send(frames.headers(1, POST, OPEN));
    const padding = concat(Uint8Array.of(255), new Uint8Array(255));
    for (let nth = 0; nth < 128; nth++) one.send(frame(FrameType.DATA, Flag.PADDED, 1, concat(padding, text('x'))));
    expect(one.output()).toEqual(['window_update 0 32768', 'window_update 1 32768']);
    one.send(frames.data(1, new Uint8Array(16_000)), frames.data(1, new Uint8Array(16_000)));
    one.connection.reset(1, ErrorCode.CANCEL);
    // 32,128 octets were not consumed; with 640 that come late the half is reached.
    expect(one.output()).toEqual(['rst_stream 1 CANCEL']);
    one.send(frames.data(1, new Uint8Array(640)));
    expect(one.output()).toEqual(['window_update 0 32768']);
    one.connection.consume(1, 32_128);
    expect(one.output()).toEqual([]);
  });

  it('takes what windows and the high water allow, and says when there is room', () => {
    const one = server({ outputHighWater: 20_000 });
    one.send(frames.headers(1), frames.headers(3));
    const { connection } = one;
    connection.sendResponse(1, { status: 200 });
    connection.sendResponse(3, { status: 200 });
    const content = new Uint8Array(100_000);
    const taken = connection.sendData(1, content);
    expect(taken).toBeGreaterThan(19_000);
    expect(taken).toBeLessThanOrEqual(20_000);
    expect(connection.capacity(1)).toBe(0);
    expect(connection.sendData(3, content), 'every stream has a frame’s worth').toBe(16_384);
    expect(one.poll()).toEqual([]);
    one.output();
    expect(one.poll()).toEqual([
      { type: 'writable', streamId: 1, capacity: 20_000 },
      { type: 'writable', streamId: 3, capacity: 20_000 },
    ]);
    expect(one.poll()).toEqual([]);
  });

  it('waits for the window of the connection', () => {
    const one = server();
    one.send(frames.headers(1), frames.windowUpdate(1, 1_000_000));
    one.connection.sendResponse(1, { status: 200 });
    let sent = 0;
    const content = new Uint8Array(200_000);
    for (let round = 0; round < 5; round++) {
      sent += one.connection.sendData(1, content.subarray(sent));
      one.output();
      one.poll();
    }
    expect(one.connection.pendingOutput).toBe(0);
    expect(one.send(frames.windowUpdate(0, 10_000))).toEqual([]);
    expect(one.connection.pendingOutput).toBe(10_000);
    expect(one.output()).toEqual(['data 1 10000 octets']);
  });

  it('sends END_STREAM and trailers behind what waits, without needing a window', () => {
    const one = server();
    one.send(frames.settings([4, 3]), frames.headers(1), frames.headers(3));
    one.output();
    for (const id of [1, 3]) {
      one.connection.sendResponse(id, { status: 200 });
      expect(one.connection.sendData(id, text('abc'), { endStream: id === 1 })).toBe(3);
    }
    one.connection.sendTrailers(3, [['x', 'y']]);
    expect(one.output()).toEqual([
      'headers 1 :status=200',
      'data 1 "abc" END_STREAM',
      'headers 3 :status=200',
      'data 3 "abc"',
      'headers 3 x=y END_STREAM',
    ]);
    const two = server();
    two.send(frames.settings([4, 0]), frames.headers(1));
    two.connection.sendResponse(1, { status: 200 });
    two.connection.sendData(1, new Uint8Array(0), { endStream: true });
    expect(two.output().at(-1)).toBe('data 1 "" END_STREAM');
  });

  it('joins tiny frames of one read, and hands out large ones as views', () => {
    const one = server();
    const big = frames.data(1, new Uint8Array(5000).fill(7));
    const events = one.send(
      frames.headers(1, POST, OPEN),
      ...Array.from({ length: 1000 }, (_, nth) => frames.data(1, String(nth % 10))),
      big,
    );
    expect(events.map((event) => event.type)).toEqual(['request', 'data', 'data']);
    const [, tiny, large] = events as [Event, Extract<Event, { type: 'data' }>, Extract<Event, { type: 'data' }>];
    expect(tiny.flowControlledLength).toBe(1000);
    expect(String.fromCharCode(...tiny.data)).toBe('0123456789'.repeat(100));
    expect(large.data.buffer.byteLength).toBeGreaterThan(10_000);
  });
});

describe('priorities (RFC 9218)', () => {
  it('the Priority field orders responses', () => {
    const one = server({ outputHighWater: 1e6 });
    one.send(
      frames.headers(1, [...GET, ['priority', 'u=7']]),
      frames.headers(3, [...GET, ['priority', 'u=1']]),
      frames.headers(5, GET),
    );
    for (const id of [1, 3, 5]) one.connection.sendResponse(id, { status: 200 });
    one.output();
    for (const id of [1, 3, 5]) one.connection.sendData(id, new Uint8Array(16_394), { endStream: true });
    expect(one.output().map((line) => line.slice(0, 6))).toEqual([
      'data 3',
      'data 3',
      'data 5',
      'data 5',
      'data 1',
      'data 1',
    ]);
  });

  it('PRIORITY_UPDATE counts, before and after the request', () => {
    const one = server({ outputHighWater: 1e6 });
    one.send(frames.priorityUpdate(5, 'u=0'), frames.headers(1), frames.headers(3), frames.headers(5));
    expect(one.send(frames.priorityUpdate(1, 'u=5'))).toEqual([
      { type: 'priority', streamId: 1, priority: { urgency: 5, incremental: false } },
    ]);
    for (const id of [1, 3, 5]) one.connection.sendResponse(id, { status: 200 });
    for (const id of [1, 3, 5]) one.connection.sendData(id, new Uint8Array(16_394), { endStream: true });
    expect(
      one
        .output()
        .filter((line) => line.startsWith('data'))
        .map((line) => line.slice(0, 6)),
    ).toEqual(['data 5', 'data 5', 'data 3', 'data 3', 'data 1', 'data 1']);
  });

  it('a client that has never signalled gets its responses in turns', () => {
    const one = server({ outputHighWater: 1e6 });
    one.send(frames.headers(1), frames.headers(3));
    for (const id of [1, 3]) one.connection.sendResponse(id, { status: 200 });
    for (const id of [1, 3]) one.connection.sendData(id, new Uint8Array(16_394), { endStream: true });
    expect(
      one
        .output()
        .filter((line) => line.startsWith('data'))
        .map((line) => line.slice(0, 6)),
    ).toEqual(['data 1', 'data 3', 'data 1', 'data 3']);
  });

  it('a client sends PRIORITY_UPDATE', () => {
    const one = client();
    one.connection.sendRequest(REQUEST, { endStream: true });
    one.output();
    one.connection.prioritise(1, { urgency: 0, incremental: true });
    expect(one.outputFrames()).toMatchObject([
      { kind: 'priority_update', payload: concat(Uint8Array.of(0, 0, 0, 1), text('u=0, i')) },
    ]);
  });

  it('is an error from a server, and for what no client can open', () => {
    const one = client();
    one.send(frames.priorityUpdate(1, 'u=1'));
    expect(one.error).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR });
    for (const id of [0, 2]) {
      const other = server();
      other.send(frames.priorityUpdate(id, 'u=1'));
      expect(other.error).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR });
    }
  });
});

describe('the end', () => {
  it('a server says GOAWAY twice, and serves what comes in between', () => {
    const one = server();
    one.send(frames.headers(1));
    one.connection.shutdown(0);
    expect(one.output()).toEqual(['goaway 2147483647 NO_ERROR', 'ping']);
    expect(one.send(frames.headers(3))).toHaveLength(1);
    one.send(frames.ping(true, '73687574646f776e'));
    expect(one.output()).toEqual(['goaway 3 NO_ERROR']);
    expect(one.send(frames.headers(5, POST, OPEN), frames.data(5, 'x'))).toEqual([]);
    expect(one.connection.wantsClose).toBe(false);
    one.connection.sendResponse(1, { status: 200 }, { endStream: true });
    one.connection.sendResponse(3, { status: 200 }, { endStream: true });
    expect(one.poll()).toEqual([{ type: 'closed' }]);
    expect(one.connection.wantsClose).toBe(true);
  });

  it('a server does not wait for ever for the answer', () => {
    const one = server();
    one.send(frames.headers(1));
    one.connection.sendResponse(1, { status: 200 }, { endStream: true });
    one.connection.shutdown(0);
    expect(one.connection.nextDeadline()).toBe(10_000);
    expect(one.connection.handleTimeout(10_000)).toEqual([{ type: 'closed' }]);
    expect(one.output().at(-1)).toBe('goaway 1 NO_ERROR');
  });

  it('a client learns which requests were not acted upon', () => {
    const one = client();
    for (let nth = 0; nth < 3; nth++) one.connection.sendRequest(REQUEST, { endStream: true });
    expect(one.send(frames.goaway(0x7fff_ffff))).toMatchObject([{ type: 'goaway', code: 0 }]);
    expect(one.send(frames.goaway(3, 0, 'bye'))).toMatchObject([
      { type: 'goaway', lastStreamId: 3, debugData: text('bye') },
      { type: 'reset', streamId: 5, code: ErrorCode.REFUSED_STREAM, unprocessed: true },
    ]);
    expect(one.connection.openable).toBe(0);
    expect(() => one.connection.sendRequest(REQUEST)).toThrow(/GOAWAY/);
    expect(
      one
        .send(frames.headers(1, [[':status', '200']]), frames.headers(3, [[':status', '200']]))
        .map((event) => event.type),
    ).toEqual(['response', 'response', 'closed']);
    expect(one.connection.wantsClose).toBe(true);
  });

  it('a client refuses a GOAWAY that takes back what an earlier one said', () => {
    const one = client();
    one.connection.sendRequest(REQUEST, { endStream: true });
    one.send(frames.goaway(1), frames.goaway(3));
    expect(one.error).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR });
  });

  it('REFUSED_STREAM says that a request can be sent again', () => {
    const one = client();
    one.connection.sendRequest(REQUEST, { endStream: true });
    expect(one.send(frames.rstStream(1, ErrorCode.REFUSED_STREAM))).toMatchObject([
      { type: 'reset', initiator: 'peer', unprocessed: true },
    ]);
  });

  it('the peer’s end is in order between exchanges, and an error within one', () => {
    const idle = server();
    expect(idle.connection.receiveEnd(0)).toEqual([{ type: 'closed' }]);
    const busy = server();
    busy.send(frames.headers(1));
    expect(busy.connection.receiveEnd(0)).toMatchObject([
      { type: 'connection-error', reason: expect.stringContaining('1 stream open') },
    ]);
    const cut = server();
    cut.send(frames.ping().subarray(0, 5));
    expect(cut.connection.receiveEnd(0)).toMatchObject([
      { type: 'connection-error', reason: expect.stringContaining('middle of a frame') },
    ]);
  });
});

describe('time', () => {
  it.each<[string, number, string | null, (one: Http2Tester) => void, boolean?]>([
    ['no preface', 10_000, 'headTimeout', () => {}, true],
    [
      'SETTINGS that are not acknowledged',
      10_000,
      'settingsAckTimeout',
      (one) => one.send(frames.preface(), frames.settings()),
      true,
    ],
    [
      'a field block that is not finished',
      10_000,
      'headTimeout',
      (one) => one.send(frames.headers(1, GET, Flag.END_STREAM)),
    ],
    ['output that nobody reads', 30_000, 'sendTimeout', (one) => one.send(frames.ping())],
  ])('%s ends the connection', (_, at, limit, act, bare = false) => {
    const one = new Http2Tester({ role: 'server' }, bare);
    if (bare) one.output();
    act(one);
    if (limit !== 'sendTimeout') one.output();
    expect(one.connection.nextDeadline()).toBe(at);
    expect(one.connection.handleTimeout(at - 1)).toEqual([]);
    expect(one.connection.handleTimeout(at)).toMatchObject([{ type: 'connection-error', limit }]);
  });

  it('nothing under way for a minute ends the connection in order', () => {
    const one = server();
    expect(one.connection.nextDeadline()).toBe(60_000);
    expect(one.connection.handleTimeout(60_000)).toEqual([{ type: 'closed' }]);
    expect(one.output()).toEqual(['goaway 0 NO_ERROR']);
  });

  it('content that does not come costs the stream; slowness of the application does not', () => {
    const one = server();
    one.send(
      frames.headers(1, POST, OPEN),
      frames.headers(3, POST, OPEN),
      frames.data(3, 'unused'),
      frames.headers(5, POST, OPEN),
    );
    one.connection.sendResponse(5, { status: 200 });
    one.output();
    expect(one.connection.handleTimeout(30_000)).toMatchObject([
      { type: 'reset', streamId: 1, reason: expect.stringContaining('bodyTimeout') },
    ]);
    one.connection.consume(3, 6);
    one.output();
    expect(one.connection.handleTimeout(60_000)).toMatchObject([{ type: 'reset', streamId: 3 }]);
    expect(one.connection.streamState(5)).toBe('open');
  });

  it('a window that stays closed costs the stream (HTTP/2 bomb)', () => {
    const one = server();
    one.send(frames.settings([4, 0]), frames.headers(1));
    one.connection.sendResponse(1, { status: 200 });
    expect(one.connection.sendData(1, text('x'))).toBe(0);
    one.output();
    expect(one.connection.nextDeadline()).toBe(30_000);
    expect(one.connection.handleTimeout(30_000)).toMatchObject([
      { type: 'reset', streamId: 1, reason: expect.stringContaining('sendTimeout') },
    ]);
    expect(one.output()).toEqual(['rst_stream 1 CANCEL']);
  });

  it('without a time at the start, the clock starts with the first call', () => {
    const connection = new Http2Connection({ role: 'server' });
    expect(connection.nextDeadline()).toBeNull();
    connection.receive(frames.preface(), 1e9);
    expect(connection.nextDeadline()).toBe(1e9 + 10_000);
  });
});

describe('observer', () => {
  it('sees every frame with its place in the bytes, and the fields that it completes', () => {
    const units: WireUnit[] = [];
    const one = new Http2Tester({ role: 'server', observe: (unit) => units.push(unit) }, true);
    const input = concat(
      frames.preface(),
      frames.settings([3, 7]),
      frames.settingsAck(),
      frames.headers(1, POST, 0),
      frames.continuation(1, block([['a', 'b']])),
      frame(FrameType.DATA, Flag.PADDED | Flag.END_STREAM, 1, concat(Uint8Array.of(2), text('hi'), new Uint8Array(2))),
      frames.windowUpdate(0, 5),
      frames.rstStream(1, 8),
      frame(0xfe, 3, 9, '0102'),
      frames.goaway(0, 2),
    );
    for (const byte of input) one.send(Uint8Array.of(byte));
    one.connection.sendResponse(1, { status: 200 });
    const received = units.filter(({ direction }) => direction === 'received');
    expect(
      received.map(({ kind, streamId, flags, payloadLength, value, about }) => [
        kind,
        streamId,
        flags,
        payloadLength,
        value,
        about,
      ]),
    ).toEqual([
      ['preface', 0, 0, 24, null, null],
      ['settings', 0, 0, 6, null, null],
      ['settings', 0, 1, 0, null, null],
      ['headers', 1, 0, expect.any(Number), null, null],
      ['continuation', 1, 4, 5, null, null],
      ['data', 1, 9, 2, null, null],
      ['window_update', 0, 0, 4, 5, null],
      ['rst_stream', 1, 0, 4, 8, null],
      ['unknown', 9, 3, 2, 0xfe, null],
      ['goaway', 0, 0, 8, 2, 0],
    ]);
    expect(received[1]?.settings).toEqual(new Map([[3, 7]]));
    expect(received[3]?.fields).toBeNull();
    expect(received[4]?.fields).toEqual([...POST, ['a', 'b']]);
    expect(received[5]?.endStream).toBe(true);
    let offset = 0;
    for (const unit of received) {
      expect(unit.offset).toBe(offset);
      offset += unit.length;
    }
    expect(offset).toBe(input.length);
    const created = units.filter(({ direction }) => direction === 'created');
    const bytes = concat(...one.connection.takeOutput());
    expect(created.map(({ kind }) => kind)).toEqual(['settings', 'window_update', 'settings']);
    expect(created.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
    expect(created.map(({ offset: at }) => bytes[at + 3])).toEqual([4, 8, 4]);
  });

  it('a PING answers a PING, and ours comes back', () => {
    const one = client();
    one.connection.ping(text('abcdefgh'));
    expect(one.output()).toEqual(['ping']);
    expect(one.send(frames.ping(true, '6162636465666768'))).toEqual([{ type: 'ping-ack', data: text('abcdefgh') }]);
    one.send(frames.ping());
    expect(one.output()).toEqual(['ping ack']);
  });
});

import { describe, expect, it } from 'vitest';
import type { FieldSection } from '../fields/field.ts';
import { concat, control, data, frame, GET, Http3Tester, headers } from '../testing/http3.ts';
import { H3ErrorCode as Code } from './error_code.ts';

/**
 * What a conformance tool sends, and the code that the RFCs want: each whole and byte by byte. `at` names the stream: `control`,
 * `uni` (a further unidirectional one), or `request`.
 */
type Case = readonly [name: string, code: number, act: (tester: Http3Tester, write: Write) => void];
type Write = (streamId: number, bytes: Uint8Array, fin?: boolean) => void;

const onControl =
  (...frames: Uint8Array[]) =>
  (tester: Http3Tester, write: Write): void =>
    write(tester.uni(0), concat(control(), ...frames));
const settings =
  (...pairs: number[]) =>
  (tester: Http3Tester, write: Write): void =>
    write(tester.uni(0), control(pairs));
const onRequest =
  (...frames: Uint8Array[]) =>
  (_tester: Http3Tester, write: Write): void =>
    write(0, concat(...frames), true);
const onUni =
  (bytes: number[], fin = false) =>
  (tester: Http3Tester, write: Write): void =>
    write(tester.uni(1), Uint8Array.from(bytes), fin);

const SERVER: Case[] = [
  ['first frame not SETTINGS', Code.H3_MISSING_SETTINGS, (t, write) => write(t.uni(0), concat([0], frame(7, [0])))],
  ['reserved frame before SETTINGS', Code.H3_MISSING_SETTINGS, (t, write) => write(t.uni(0), concat([0], frame(0x21)))],
  ['second SETTINGS', Code.H3_FRAME_UNEXPECTED, onControl(frame(4))],
  ['DATA on the control stream', Code.H3_FRAME_UNEXPECTED, onControl(data(1))],
  ['HEADERS on the control stream', Code.H3_FRAME_UNEXPECTED, onControl(headers(GET))],
  ['PUSH_PROMISE on the control stream', Code.H3_FRAME_UNEXPECTED, onControl(frame(5, [0]))],
  ...[2, 6, 8, 9].map(
    (type): Case => [`HTTP/2 frame ${type} on the control stream`, Code.H3_FRAME_UNEXPECTED, onControl(frame(type))],
  ),
  ...[2, 6, 8, 9].map(
    (type): Case => [
      `HTTP/2 frame ${type} on a request`,
      Code.H3_FRAME_UNEXPECTED,
      onRequest(headers(GET), frame(type)),
    ],
  ),
  ...[2, 3, 4, 5].map((id): Case => [`HTTP/2 setting ${id}`, Code.H3_SETTINGS_ERROR, settings(id, 0)]),
  ['a setting twice', Code.H3_SETTINGS_ERROR, settings(0x21, 0, 0x21, 0)],
  ['ENABLE_CONNECT_PROTOCOL of 2', Code.H3_SETTINGS_ERROR, settings(8, 2)],
  ['H3_DATAGRAM of 2', Code.H3_SETTINGS_ERROR, settings(0x33, 2)],
  ['a setting cut off', Code.H3_FRAME_ERROR, settings(0x21)],
  ['the control stream closed', Code.H3_CLOSED_CRITICAL_STREAM, (t, write) => write(t.uni(0), control(), true)],
  [
    'two control streams',
    Code.H3_STREAM_CREATION_ERROR,
    (t, write) => {
      write(t.uni(0), control());
      write(t.uni(1), Uint8Array.of(0));
    },
  ],
  [
    'two QPACK encoder streams',
    Code.H3_STREAM_CREATION_ERROR,
    (t, write) => {
      write(t.uni(1), Uint8Array.of(2));
      write(t.uni(2), Uint8Array.of(2));
    },
  ],
  ['a QPACK encoder stream closed', Code.H3_CLOSED_CRITICAL_STREAM, onUni([2], true)],
  ['a QPACK decoder stream closed', Code.H3_CLOSED_CRITICAL_STREAM, onUni([3], true)],
  ['a push stream from a client', Code.H3_STREAM_CREATION_ERROR, onUni([1, 0])],
  ['CANCEL_PUSH of nothing', Code.H3_ID_ERROR, onControl(frame(3, [0]))],
  ['CANCEL_PUSH too long', Code.H3_FRAME_ERROR, onControl(frame(3, [0, 0]))],
  ['CANCEL_PUSH empty', Code.H3_FRAME_ERROR, onControl(frame(3))],
  ['MAX_PUSH_ID going down', Code.H3_ID_ERROR, onControl(frame(0x0d, [2]), frame(0x0d, [1]))],
  ['MAX_PUSH_ID on a request', Code.H3_FRAME_UNEXPECTED, onRequest(headers(GET), frame(0x0d, [1]))],
  ['GOAWAY going up', Code.H3_ID_ERROR, onControl(frame(7, [0]), frame(7, [4]))],
  ['GOAWAY empty', Code.H3_FRAME_ERROR, onControl(frame(7))],
  ['PRIORITY_UPDATE of no request', Code.H3_ID_ERROR, onControl(frame(0xf0700, [1]))],
  ['PRIORITY_UPDATE of a push', Code.H3_ID_ERROR, onControl(frame(0xf0701, [0]))],
  ['DATA before HEADERS', Code.H3_FRAME_UNEXPECTED, onRequest(data(1))],
  ['DATA after trailers', Code.H3_FRAME_UNEXPECTED, onRequest(headers(GET), headers([['x', 'y']]), data(1))],
  ['HEADERS after trailers', Code.H3_FRAME_UNEXPECTED, onRequest(headers(GET), headers([]), headers([]))],
  ['SETTINGS on a request', Code.H3_FRAME_UNEXPECTED, onRequest(frame(4))],
  ['GOAWAY on a request', Code.H3_FRAME_UNEXPECTED, onRequest(frame(7, [0]))],
  ['CANCEL_PUSH on a request', Code.H3_FRAME_UNEXPECTED, onRequest(frame(3, [0]))],
  ['PUSH_PROMISE on a request', Code.H3_FRAME_UNEXPECTED, onRequest(frame(5, [0]))],
  ['a stream that ends inside a frame', Code.H3_FRAME_ERROR, onRequest(headers(GET).subarray(0, -1))],
  ['static index 99', Code.QPACK_DECOMPRESSION_FAILED, onRequest(frame(1, [0, 0, 0xff, 0x24]))],
  ['a dynamic index with an empty table', Code.QPACK_DECOMPRESSION_FAILED, onRequest(frame(1, [0, 0, 0x80]))],
  ['an empty field section prefix', Code.QPACK_DECOMPRESSION_FAILED, onRequest(frame(1, []))],
  ['a Required Insert Count out of range', Code.QPACK_DECOMPRESSION_FAILED, onRequest(frame(1, [0xff, 0xff, 0x7f, 0]))],
  ['a table capacity above the limit', Code.QPACK_ENCODER_STREAM_ERROR, onUni([2, 0x3f, 0xe2, 0x1f])],
  ['an insertion with no name', Code.QPACK_ENCODER_STREAM_ERROR, onUni([2, 0x80, 0x00])],
  ['a duplicate of nothing', Code.QPACK_ENCODER_STREAM_ERROR, onUni([2, 0x00])],
  ['an insertion without capacity', Code.QPACK_ENCODER_STREAM_ERROR, onUni([2, 0xc0, 0x00])],
  ['an Insert Count Increment of 0', Code.QPACK_DECODER_STREAM_ERROR, onUni([3, 0x00])],
  ['an Insert Count Increment beyond', Code.QPACK_DECODER_STREAM_ERROR, onUni([3, 0x01])],
  ['an acknowledgement of nothing', Code.QPACK_DECODER_STREAM_ERROR, onUni([3, 0x84])],
];

const CLIENT: Case[] = [
  ['GOAWAY of no request stream', Code.H3_ID_ERROR, onControl(frame(7, [1]))],
  ['MAX_PUSH_ID from a server', Code.H3_FRAME_UNEXPECTED, onControl(frame(0x0d, [1]))],
  ['PRIORITY_UPDATE from a server', Code.H3_FRAME_UNEXPECTED, onControl(frame(0xf0700, [0]))],
  ['a push stream', Code.H3_ID_ERROR, onUni([1, 0])],
  ['PUSH_PROMISE', Code.H3_ID_ERROR, onRequest(frame(5, [0]))],
  ['a bidirectional stream from the server', Code.H3_STREAM_CREATION_ERROR, (_t, write) => write(1, data(0))],
];

function run(role: 'client' | 'server', [, , act]: Case, whole: boolean): Http3Tester {
  const tester = new Http3Tester({ role });
  if (role === 'client') tester.connection.sendRequest({ method: 'GET', target: '/', authority: 'a.test' });
  act(tester, (id, bytes, fin) => {
    if (whole) tester.send(id, bytes, fin);
    else tester.drip(id, bytes, fin);
  });
  return tester;
}

describe.each([
  ['server', SERVER],
  ['client', CLIENT],
] as const)('a %s ends the connection on', (role, cases) => {
  it.each(cases)('%s with 0x%s', (...one) => {
    for (const whole of [true, false]) {
      const tester = run(role, one, whole);
      expect(tester.failedWith).toBe(one[1]);
      expect(tester.events.at(-1)?.type).toBe('connection-error');
      expect(tester.connection.closing?.code).toBe(one[1]);
      expect(tester.connection.receiveStream(0, headers(GET), true, 0)).toEqual([]);
    }
  });
});

const without = (name: string): FieldSection => GET.filter(([one]) => one !== name);
const MALFORMED: [string, FieldSection][] = [
  ['an upper-case name', [...GET, ['Accept', '*/*']]],
  ['no :method', without(':method')],
  ['no :path', without(':path')],
  ['no :scheme', without(':scheme')],
  ['no :authority', without(':authority')],
  ['an empty :path', [...without(':path'), [':path', '']]],
  ['a pseudo-header twice', [...GET, [':path', '/']]],
  ['a pseudo-header after a field', [['x', 'y'], ...GET]],
  ['an unknown pseudo-header', [[':unknown', 'y'], ...GET]],
  ['a response pseudo-header', [[':status', '200'], ...GET]],
  [':protocol that was not offered', [...GET, [':protocol', 'websocket']]],
  ['Connection', [...GET, ['connection', 'close']]],
  ['Transfer-Encoding', [...GET, ['transfer-encoding', 'chunked']]],
  ['te: gzip', [...GET, ['te', 'gzip']]],
  ['a line feed in a value', [...GET, ['x', 'a\nb']]],
  ['two Content-Length', [...GET, ['content-length', '1'], ['content-length', '2']]],
];

describe('a server resets a stream, and not the connection (RFC 9114 §4.1.2), on', () => {
  it.each(MALFORMED)('%s', (_name, fields) => {
    const tester = new Http3Tester({ role: 'server' }).send(0, headers(fields), true);
    expect(tester.events).toEqual([]);
    expect(tester.connection.takeActions()).toEqual([{ type: 'reset', streamId: 0, code: Code.H3_MESSAGE_ERROR }]);
    expect(tester.send(4, headers(GET), true).events).toMatchObject([
      { type: 'request', streamId: 4, endStream: true },
    ]);
  });

  it.each([
    ['less', 2],
    ['more', 4],
  ])('%s content than Content-Length says', (_name, length) => {
    const tester = new Http3Tester({ role: 'server' });
    tester.drip(0, concat(headers([...GET, ['content-length', '3']]), data(length)), true);
    expect(tester.failedWith).toBeNull();
    expect(tester.events.at(-1)).toMatchObject({ type: 'reset', code: Code.H3_MESSAGE_ERROR, initiator: 'local' });
  });

  it('an end without a request', () => {
    const tester = new Http3Tester({ role: 'server' }).send(0, frame(0x21, [1, 2]), true);
    expect(tester.connection.takeActions()[0]?.code).toBe(Code.H3_REQUEST_INCOMPLETE);
  });

  it('a pseudo-header in trailers', () => {
    const tester = new Http3Tester({ role: 'server' }).send(0, concat(headers(GET), headers([[':path', '/']])), true);
    expect(tester.connection.takeActions()[0]?.code).toBe(Code.H3_MESSAGE_ERROR);
  });
});

describe('what must be ignored', () => {
  it('is ignored: reserved frames, settings and streams, at every cut', () => {
    const tester = new Http3Tester({ role: 'server' });
    const huge = [0xff, 255, 255, 255, 255, 255, 255, 255];
    tester.drip(
      tester.uni(0),
      concat(control([...huge, 1, ...huge, 2, 0x40, 0x5f, 0]), frame(0x21, [1]), frame(0x40, [])),
    );
    tester.drip(tester.uni(1), concat([0x21], [1, 2, 3]), true);
    tester.drip(0, concat(frame(0x21, [9]), headers(GET), frame(0x40), data(2), frame(0x21)), true);
    expect(tester.failedWith).toBeNull();
    expect(tester.events.map((event) => event.type)).toEqual(['settings', 'request', 'data', 'data', 'data']);
    expect(tester.connection.takeActions()).toEqual([
      { type: 'stop-sending', streamId: tester.uni(1), code: Code.H3_STREAM_CREATION_ERROR },
    ]);
  });

  it('does not fail on a GOAWAY that names the highest id that QUIC has', () => {
    const client = new Http3Tester({ role: 'client' });
    client.send(client.uni(0), concat(control(), frame(7, [0xff, 255, 255, 255, 255, 255, 255, 0xfc])));
    expect(client.failedWith).toBeNull();
    expect(client.events.at(-1)).toMatchObject({ type: 'goaway', lastStreamId: Number.MAX_SAFE_INTEGER });
  });
});

describe('floods', () => {
  it.each([
    [
      'resets',
      'resetBurst',
      201,
      (t: Http3Tester, n: number) => t.events.push(...t.connection.receiveReset(4 * n, 0x10c, 0)),
    ],
    ['unknown streams', 'maxUnknownStreams', 17, (t: Http3Tester, n: number) => t.send(t.uni(n), [0x21])],
    ['unknown streams that end', 'glitchBurst', 101, (t: Http3Tester, n: number) => t.send(t.uni(n), [0x21], true)],
    ['unknown frames', 'glitchBurst', 101, (t: Http3Tester) => t.send(0, frame(0x21))],
    ['malformed requests', 'glitchBurst', 101, (t: Http3Tester, n: number) => t.send(4 * n, headers([]), true)],
    ['large HEADERS', 'maxFieldBlockBytes', 1, (t: Http3Tester) => t.send(0, [1, 0x80, 0x01, 0x00, 0x01])],
    ['large control frames', 'maxControlFrameBytes', 1, (t: Http3Tester) => t.send(t.uni(0), [0, 4, 0x50, 0x01])],
  ])('of %s end the connection by %s at number %i', (_name, limit, reactsAt, act) => {
    const tester = new Http3Tester({ role: 'server' });
    for (let nth = 0; nth < reactsAt - 1; nth++) act(tester, nth);
    expect(tester.failedWith).toBeNull();
    act(tester, reactsAt - 1);
    expect(tester.events.at(-1)).toMatchObject({ type: 'connection-error', code: Code.H3_EXCESSIVE_LOAD, limit });
  });

  it('answers a section over the soft limit with 431 on its stream', () => {
    const tester = new Http3Tester({ role: 'server', limits: { maxFieldSectionBytes: 200 } });
    tester.send(0, headers([...GET, ['x', 'y'.repeat(100)]]), true);
    expect(tester.events).toEqual([]);
    expect(tester.connection.pendingStreams()).toContain(0);
    expect(tester.connection.takeStream(0).fin).toBe(true);
  });
});

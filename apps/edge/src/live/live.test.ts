import type { ConnTiming } from '@interleave/trace';
import type { ConnectionReport, TraceEvent, WatchMessage } from '@interleave/trace/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeFacts } from './facts.ts';
import { type KIND_IDS, livePlan } from './kinds.ts';
import {
  answered,
  asked,
  cached,
  EMPTY_LIVE,
  failed,
  finished,
  type Live,
  MOST_CONNECTIONS,
  MOST_EXCHANGES,
} from './model.ts';
import { liveTimeline } from './picture.ts';
import { told } from './told.ts';
import { GIVEN_UP, pressWords } from './words.ts';

const conn = (connection: string, nth: number, more: Partial<ConnTiming> = {}): ConnTiming => ({
  protocol: 'http/1.1',
  connection,
  nth,
  streamId: null,
  state: nth === 1 ? 'new' : 'reused',
  resumed: false,
  earlyData: false,
  ageMs: 10,
  requestId: 'r',
  ...more,
});

const REPORT: ConnectionReport = {
  v: 1,
  id: 'k1',
  host: 'lab',
  origin: 'http://localhost:4100',
  protocol: 'http/1.1',
  transport: 'tcp',
  openedAt: 5_000,
  closedAt: null,
  closed: null,
  tls: null,
  quic: null,
  exchangeCount: 2,
  openExchanges: 0,
  exchanges: [
    { nth: 1, streamId: null, method: 'GET', path: '/live', at: 5_001, status: 200, endedAt: 5_004, aborted: null },
    { nth: 2, streamId: null, method: 'GET', path: '/asked/x1', at: 5_100, status: 200, endedAt: 5_120, aborted: null },
  ],
  bytes: null,
  frames: null,
  log: null,
  unknown: {},
};
const OPENING: WatchMessage = { type: 'connection', report: REPORT, startedAt: 5_000, dropped: 3 };
const events = (...list: TraceEvent[]): WatchMessage => ({ type: 'events', connection: 'k1', events: list });
const letter = (id: string): string => id.toUpperCase();
const browser = (from: number, to: number) => ({
  phases: [
    { phase: 'waiting' as const, from: from - 20, to: from },
    { phase: 'server' as const, from, to },
  ],
  handshake: null,
  protocol: 'http/1.1',
});

describe('what is known of a tab’s connections', () => {
  it('a request stands in nobody’s lane until somebody says what carries it', () => {
    const waiting = asked(EMPTY_LIVE, 'x1', 'GET /asked', '/asked/x1', 100);
    expect(liveTimeline(waiting, letter, 150).lanes.map(({ id, exchanges }) => [id, exchanges[0]?.phases])).toEqual([
      ['pending', [{ phase: 'waiting', from: 100, to: 150 }]],
    ]);
    const placed = answered(waiting, 'x1', conn('k1', 2), 200);
    expect(liveTimeline(placed, letter, 150).lanes.map(({ label, earlier }) => [label, earlier])).toEqual([['K1', 1]]);
  });

  it('the server’s word and the page’s are one exchange, in whichever order they come', () => {
    const first = told(
      answered(asked(EMPTY_LIVE, 'x1', 'GET /asked', '/asked/x1', 100), 'x1', conn('k1', 2), 200),
      OPENING,
    );
    const later = answered(
      told(asked(EMPTY_LIVE, 'x1', 'GET /asked', '/asked/x1', 100), OPENING),
      'x1',
      conn('k1', 2),
      200,
    );
    for (const live of [first, later]) {
      expect(live.exchanges).toHaveLength(2);
      expect(live.exchanges.find(({ key }) => key === 'x1')).toMatchObject({
        connection: 'k1',
        nth: 2,
        server: { at: 5_100, endedAt: 5_120 },
      });
      expect(live.connections).toHaveLength(1);
    }
  });

  it('the server places a request before its response comes, and hears how it ends', () => {
    const waiting = told(asked(EMPTY_LIVE, 'x9', 'GET /asked', '/asked/x9', 100), OPENING);
    const begun = told(
      waiting,
      events({ time: 300, name: 'conn:request', data: { nth: 3, stream_id: null, method: 'GET', path: '/asked/x9' } }),
    );
    expect(begun.exchanges.find(({ key }) => key === 'x9')).toMatchObject({
      connection: 'k1',
      nth: 3,
      server: { at: 5_300, endedAt: null },
    });
    const over = told(begun, events({ time: 340, name: 'conn:exchange_ended', data: { nth: 3, status: 200 } }));
    expect(over.exchanges.find(({ key }) => key === 'x9')?.server).toEqual({
      at: 5_300,
      endedAt: 5_340,
      status: 200,
      aborted: null,
    });
  });

  it('what others asked on the same connection is drawn as well', () => {
    const live = told(
      told(EMPTY_LIVE, OPENING),
      events({ time: 400, name: 'conn:request', data: { nth: 3, method: 'POST', path: '/other-tab' } }),
    );
    expect(live.exchanges.map(({ label, outcome }) => [label, outcome])).toEqual([
      ['GET /live', 'complete'],
      ['GET /asked/x1', 'complete'],
      ['POST /other-tab', 'open'],
    ]);
  });

  it('a page that watches is told of and not drawn, so that idle time can be folded', () => {
    const path = '/api/v1/connection/k1/events';
    const live = told(
      told(EMPTY_LIVE, OPENING),
      events({ time: 400, name: 'conn:request', data: { nth: 3, method: 'CONNECT', path } }),
    );
    const { title, lanes } = liveTimeline({ ...live, offset: 0 }, letter, 99_000);
    expect(lanes[0]?.exchanges).toHaveLength(2);
    expect(title).toBe('2 exchanges on 1 connection, 1 of them open; not drawn: 1 stream on which a page watches.');
  });

  it('a connection ends when the server says so, and says how', () => {
    const live = told(
      told(EMPTY_LIVE, OPENING),
      events({ time: 900, name: 'conn:closed', data: { cause: 'idle', message: 'Nothing was asked for a while.' } }),
    );
    expect(live.connections[0]).toMatchObject({ closedAt: 5_900, closed: { cause: 'idle' } });
    const placed = finished(
      answered(asked(live, 'x1', 'GET /asked', '/asked/x1', 70), 'x1', conn('k1', 2), 200),
      'x1',
      browser(100, 120),
      120,
    );
    const [lane] = liveTimeline(placed, letter, 2_000).lanes;
    expect(lane?.marks).toEqual([{ at: 900, kind: 'timeout', label: 'idle for too long', by: 'server' }]);
  });

  it('frames that end something are marks: GOAWAY, RST_STREAM', () => {
    const live = told(
      told(EMPTY_LIVE, OPENING),
      events(
        { time: 10, name: 'http2:frame_parsed', data: { stream_id: 5, frame: { frame_type: 'rst_stream' } } },
        { time: 11, name: 'http2:frame_created', data: { stream_id: 0, frame: { frame_type: 'goaway' } } },
        { time: 12, name: 'http2:frame_created', data: { stream_id: 0, frame: { frame_type: 'settings' } } },
      ),
    );
    expect(live.connections[0]?.marks.map(({ kind, by }) => [kind, by])).toEqual([
      ['rst', 'client'],
      ['goaway', 'server'],
    ]);
  });

  it('two clocks: no request reaches the server before the browser sent it', () => {
    const measured = finished(
      answered(asked(told(EMPTY_LIVE, OPENING), 'x1', 'GET /asked', '/asked/x1', 70), 'x1', conn('k1', 2), 200),
      'x1',
      browser(100, 130),
      130,
    );
    expect(measured.offset).toBe(100 - 5_100);
    const [lane] = liveTimeline(measured, letter, 200).lanes;
    expect(lane?.exchanges.map(({ phases }) => phases[0]?.from)).toEqual([1, 80]);
  });

  it('a cached answer has no connection, whatever its head says', () => {
    const live = cached(answered(asked(EMPTY_LIVE, 'x1', 'GET /kept', '/kept', 1), 'x1', conn('k1', 2), 200), 'x1', 5);
    expect(live.exchanges[0]).toMatchObject({ connection: null, outcome: 'cache' });
    const facts = exchangeFacts(live, live.exchanges[0] ?? never(), letter);
    expect(facts.map(({ value }) => value).join(' ')).toContain('none: it came out of your browser’s cache');
    expect(liveTimeline(live, letter, 9).lanes.map(({ id }) => id)).toEqual(['cache']);
  });

  it('a second answer of the same number on the same connection is a stored one: no exchange is lost by it', () => {
    const ask = (live: Live, key: string): Live =>
      finished(answered(asked(live, key, 'GET /kept', '/kept', 1), key, conn('k1', 2), 200), key, null, 5);
    const live = ask(ask(EMPTY_LIVE, 'x1'), 'x2');
    expect(live.exchanges.map(({ connection, outcome }) => [connection, outcome])).toEqual([
      ['k1', 'complete'],
      [null, 'cache'],
    ]);
  });

  it('what was given up says why, and each fact has a source', () => {
    const live = failed(
      answered(asked(EMPTY_LIVE, 'x1', 'GET <b>\u202e', '/asked/x1', 1), 'x1', conn('k1', 2), 200),
      'x1',
      'you gave it up',
      50,
    );
    const facts = exchangeFacts(live, live.exchanges[0] ?? never(), letter);
    expect(facts.every(({ source }) => source.length > 5)).toBe(true);
    expect(facts.find(({ name }) => name === 'It failed')?.value).toBe('you gave it up');
    expect(facts[0]?.value).toBe('GET <b>\\u{202e}');
  });

  it('nothing grows without end, and what made room is counted', () => {
    let live: Live = EMPTY_LIVE;
    for (let i = 0; i < MOST_EXCHANGES + 30; i++)
      live = answered(
        asked(live, `x${i}`, 'GET', `/asked/${i}`, i),
        `x${i}`,
        conn(`k${i % (MOST_CONNECTIONS + 5)}`, i + 1),
        200,
      );
    expect(live.exchanges.length).toBeLessThanOrEqual(MOST_EXCHANGES);
    expect(live.connections.length).toBeLessThanOrEqual(MOST_CONNECTIONS);
    expect(live.exchanges.length + live.dropped.exchanges).toBe(MOST_EXCHANGES + 30);
    expect(live.dropped.connections).toBeGreaterThan(0);
    expect(told(live, { type: 'dropped', connection: 'k1', events: 7, why: 'slow' }).dropped.events).toBe(7);
  });

  it('events of any shape break nothing', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.constant(null),
      fc.boolean(),
      fc.object({ maxDepth: 1 }),
    );
    const name = fc.constantFrom(
      'conn:request',
      'conn:exchange_ended',
      'conn:closed',
      'tls:handshake_done',
      'http2:frame_parsed',
      'nonsense',
    );
    const data = fc.dictionary(
      fc.constantFrom('nth', 'stream_id', 'method', 'path', 'status', 'aborted', 'cause', 'frame', 'resumed'),
      value,
    );
    fc.assert(
      fc.property(fc.array(fc.record({ time: fc.nat(9_999), name, data })), (list) => {
        const live = told(told(EMPTY_LIVE, OPENING), events(...(list as unknown as TraceEvent[])));
        const { lanes } = liveTimeline(live, letter, 99_999);
        expect(lanes.length).toBeLessThanOrEqual(2);
        for (const one of live.exchanges) exchangeFacts(live, one, letter);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what came of a press', () => {
  const say = (
    kind: (typeof KIND_IDS)[number],
    conns: ConnTiming[],
    end?: (live: Live, key: string) => Live,
  ): string => {
    let live: Live = EMPTY_LIVE;
    conns.forEach((one, i) => {
      live = answered(asked(live, `x${i}`, 'GET', `/asked/${i}`, 0), `x${i}`, one, 200);
      live = end ? end(live, `x${i}`) : finished(live, `x${i}`, browser(100, 200), 200);
    });
    return pressWords(kind, live.exchanges, live, letter);
  };
  const untold = conn('k1', 1, { nth: null, state: 'unknown', protocol: 'h2' });

  it.each([
    [
      'twelve',
      [conn('k1', 2), conn('k2', 1)],
      '2 over HTTP/1.1: 2 connections, K1 and K2, never two at a time on one.',
    ],
    [
      'twelve',
      [conn('k1', 2, { protocol: 'h2', streamId: 3 }), conn('k1', 3, { protocol: 'h2', streamId: 5 })],
      'up to 2 at a time on one',
    ],
    ['one', [conn('k1', 2)], 'Exchange 2 on K1, which was open.'],
    ['omit', [conn('k2', 1)], 'since the open ones carry cookies'],
    ['omit', [untold], 'nobody here counts'],
    ['head', [conn('k1', 2)], 'ends with its head'],
  ] as const)('%s', (kind, conns, words) => {
    expect(say(kind, [...conns])).toContain(words);
  });

  it('to give up is to close a connection in HTTP/1.1, and to reset a stream in HTTP/2', () => {
    const up = (live: Live, key: string): Live => failed(live, key, GIVEN_UP, 9);
    expect(say('abort', [conn('k1', 2)], up)).toContain('K1 itself was closed');
    expect(say('abort', [conn('k1', 2, { streamId: 7, protocol: 'h2' })], up)).toContain('one stream of K1 was reset');
  });

  it('an address asks for no more than there is', () => {
    const plan = (text: string) => livePlan(new URLSearchParams(text));
    expect(plan('')).toEqual({ kind: 'twelve', n: 12, hold: 300 });
    expect(plan('do=abort&n=3&hold=0')).toEqual({ kind: 'abort', n: 3, hold: 0 });
    expect(plan('do=<b>&n=9999&hold=-1')).toEqual({ kind: 'twelve', n: 12, hold: 300 });
  });
});

function never(): never {
  throw new Error('There is no exchange.');
}

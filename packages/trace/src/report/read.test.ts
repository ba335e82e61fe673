import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableRecording } from './model.ts';
import { readRecording } from './read.ts';

interface Entry {
  url?: string;
  at?: number | string;
  time?: number | string;
  connection?: unknown;
  version?: string;
  address?: string;
  timings?: object;
  more?: object;
  status?: number;
  request?: object;
  response?: object;
}

const START = Date.parse('2026-11-21T08:00:00.000Z');

function entry({ url = 'https://a.test/', at = 0, time = 10, version = 'HTTP/1.1', ...rest }: Entry): object {
  return {
    startedDateTime: typeof at === 'string' ? at : new Date(START + at).toISOString(),
    time,
    ...(rest.connection === undefined ? {} : { connection: rest.connection }),
    ...(rest.address === undefined ? {} : { serverIPAddress: rest.address }),
    request: { method: 'GET', url, httpVersion: version, headers: [], cookies: [], ...rest.request },
    response: { status: rest.status ?? 200, httpVersion: version, headers: [], ...rest.response },
    timings: { blocked: 0, dns: -1, connect: -1, ssl: -1, send: 1, wait: 5, receive: 4, ...rest.timings },
    ...rest.more,
  };
}

function har(...entries: Entry[]): string {
  return JSON.stringify({
    log: { version: '1.2', creator: { name: 'test', version: '1' }, entries: entries.map(entry) },
  });
}

const connect = { connect: 3, ssl: 2 };

describe('connections of a HAR', () => {
  it('are those that it names, and measured', async () => {
    const { connections } = await readRecording(
      har({ connection: '17', timings: connect }, { connection: 17, at: 20 }, { connection: '18', at: 30 }),
    );
    expect(connections.map(({ id, sure, exchanges }) => [id, sure, exchanges])).toEqual([
      ['17', 'measured', [0, 1]],
      ['18', 'measured', [2]],
    ]);
  });

  it.each([
    ['the port of the URL, as Firefox writes it', '443'],
    ['0', '0'],
    ['nothing', ''],
    ['null', null],
  ])('are no ids that are %s', async (_, connection) => {
    const { connections } = await readRecording(har({ connection, timings: connect }, { connection, at: 20 }));
    expect(connections).toMatchObject([{ sure: 'inferred', exchanges: [0, 1] }]);
  });

  it('of Firefox are never what it writes there: a port, its proxy’s as well', async () => {
    const { log } = JSON.parse(har({ connection: '3128', timings: connect }, { connection: '3128', at: 20 }));
    const text = JSON.stringify({ log: { ...log, browser: { name: 'Firefox', version: '153' } } });
    expect((await readRecording(text)).connections).toMatchObject([{ sure: 'inferred' }]);
  });

  it('are no ids that two hosts at different addresses share', async () => {
    const { connections } = await readRecording(
      har(
        { connection: '5', address: '192.0.2.1', timings: connect },
        { connection: '5', address: '192.0.2.2', url: 'https://b.test/', at: 20, timings: connect },
      ),
    );
    expect(connections.map(({ sure, host }) => [sure, host])).toEqual([
      ['inferred', 'a.test'],
      ['inferred', 'b.test'],
    ]);
  });

  it('are two where an id comes again behind a second handshake', async () => {
    const { connections } = await readRecording(
      har({ connection: '5', timings: connect }, { connection: '5', at: 5_000, timings: connect }),
    );
    expect(connections.map(({ id }) => id)).toEqual(['5', '5#2']);
  });

  it('without ids are as few as there can have been', async () => {
    const overlapping = har({ timings: connect }, { at: 2, timings: connect }, { at: 40 }, { at: 41 }, { at: 42 });
    const { connections } = await readRecording(overlapping);
    expect(connections.map(({ exchanges }) => exchanges.length)).toEqual([2, 2, 1]);
    expect(connections.every(({ sure, why }) => sure === 'inferred' && why !== '')).toBe(true);
  });

  it('are not split by overlaps where the file says nothing of waiting', async () => {
    const quiet = { blocked: -1 };
    const paid = { ...quiet, ...connect };
    const { connections } = await readRecording(
      har({ timings: paid }, { at: 1, timings: paid }, ...[2, 3, 4, 5].map((at) => ({ at, timings: quiet }))),
    );
    expect(connections.length).toBe(2);
    expect(connections.flatMap(({ exchanges }) => exchanges).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are shared by what overlaps over HTTP/2', async () => {
    const { connections } = await readRecording(
      har({ version: 'h2', timings: connect }, { version: 'h2', at: 5 }, { version: 'HTTP/2', at: 6 }),
    );
    expect(connections).toMatchObject([{ protocol: 'h2', exchanges: [0, 1, 2] }]);
  });

  it('are not invented for what may have been on one that the file names', async () => {
    const named = { version: 'h2', connection: '12' };
    const { connections, exchanges } = await readRecording(
      har(
        { ...named, timings: connect },
        { version: 'h2', at: 20, response: { _transferSize: 0 } },
        { version: 'h3', at: 40, connection: '0' },
        { version: 'h2', at: 60, timings: connect },
        { ...named, at: 80 },
      ),
    );
    expect(exchanges.map(({ connection }) => connections[connection ?? -1]?.sure ?? null)).toEqual([
      'measured',
      null,
      'inferred',
      'inferred',
      'measured',
    ]);
    expect(connections.map(({ protocol }) => protocol)).toEqual(['h2', 'h3', 'h2']);
  });

  it('carry nothing that came from a cache, failed before, or was no HTTP', async () => {
    const { connections, exchanges } = await readRecording(
      har(
        { more: { _fromCache: 'memory' } },
        { response: { _fetchedViaServiceWorker: true } },
        { url: 'data:text/plain,secret' },
        { status: 0, response: { _error: 'net::ERR_NAME_NOT_RESOLVED' }, time: 4 },
      ),
    );
    expect(connections).toEqual([]);
    expect(exchanges.map(({ from }) => from)).toEqual(['cache', 'service-worker', 'not-http', 'failed']);
    expect(exchanges[2]?.url).toBe('data:…');
  });
});

describe('what a HAR holds', () => {
  it('is in order of time, with times from the earliest', async () => {
    const { exchanges, startedAt } = await readRecording(har({ at: 50, url: 'https://a.test/2' }, { at: 20 }));
    expect(startedAt).toBe(START + 20);
    expect(exchanges.map(({ start, url, index }) => [start, url, index])).toEqual([
      [0, 'https://a.test/', 0],
      [30, 'https://a.test/2', 1],
    ]);
  });

  it.each([
    ['HTTP/1.1', 'http/1.1'],
    ['http/1.0', 'http/1.0'],
    ['HTTP/2.0', 'h2'],
    ['h2', 'h2'],
    ['http/2.0+quic', 'h3'],
    ['h3-29', 'h3'],
    ['HTTP/3', 'h3'],
    ['unknown', null],
    ['', null],
  ])('calls %s %s', async (version, protocol) => {
    expect((await readRecording(har({ version }))).exchanges[0]?.protocol).toBe(protocol);
  });

  it('counts ssl into connect, whichever way the writer does it', async () => {
    const within = har({ time: 13, timings: { connect: 3, ssl: 2 } });
    const apart = har({ time: 15, timings: { connect: 3, ssl: 2 } });
    expect((await readRecording(within)).exchanges[0]?.timings.connect).toBe(3);
    expect((await readRecording(apart)).exchanges[0]?.timings.connect).toBe(5);
  });

  it('never is NaN, negative or endless where the file has nonsense', async () => {
    const nonsense = { blocked: 'x', dns: Number.NaN, connect: -3, ssl: null, send: '4', wait: 1e300, receive: [] };
    const { exchanges, warnings } = await readRecording(har({ timings: nonsense, time: '7', at: 'yesterday' }));
    expect(exchanges[0]).toMatchObject({ start: null, end: null });
    expect(exchanges[0]?.timings).toMatchObject({ blocked: null, dns: null, connect: null, send: 4, wait: null });
    expect(warnings).toMatchObject([{ place: 'log.entries[0].startedDateTime' }]);
  });

  it('has no cookie, authorisation or body', async () => {
    const secret = 'hunter2';
    const text = har({
      url: `https://user:${secret}@a.test/x#${secret}`,
      request: {
        headers: [
          { name: 'Cookie', value: secret },
          { name: 'Authorization', value: secret },
        ],
        cookies: [{ name: 'a', value: secret }],
        postData: { text: secret },
      },
      response: {
        headers: [
          { name: 'Set-Cookie', value: secret },
          { name: 'Keep-Alive', value: 'timeout=5' },
        ],
        content: { text: secret },
      },
    });
    const recording = await readRecording(text);
    expect(JSON.stringify(recording)).not.toContain(secret);
    expect(recording.exchanges[0]).toMatchObject({ credentials: true, responseFields: { 'keep-alive': 'timeout=5' } });
  });

  it('is read however the file is packed up, and without its outer object', async () => {
    const { log } = JSON.parse(har({}));
    expect((await readRecording(JSON.stringify(log))).exchanges.length).toBe(1);
    expect((await readRecording(`\ufeff${har({})}`)).exchanges.length).toBe(1);
    expect((await readRecording(new Blob([har({})]).stream())).exchanges.length).toBe(1);
  });
});

describe('a file that is', () => {
  it.each([
    ['empty', '', 'empty'],
    ['a web page', '<!DOCTYPE html><p>', 'web page'],
    ['text', 'hello', 'no JSON'],
    ['other JSON', '{"name":"package"}', 'log.entries'],
    ['a NetLog without its head', '{"events":[{"type":1,"time":"1","source":{"id":1,"type":1}}]}', 'constants'],
    ['broken before any entry', '{"log":{"entries":[oops', 'HAR'],
  ])('%s gets an error with the place and what to do', async (_, text, said) => {
    const error = await readRecording(text).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreadableRecording);
    expect((error as Error).message).toContain(said);
  });

  it('cut off is read as far as it goes, and says so', async () => {
    const whole = har({}, { at: 20 }, { at: 40 });
    const { complete, exchanges, warnings } = await readRecording(whole.slice(0, -30));
    expect(complete).toBe(false);
    expect(exchanges.length).toBe(2);
    expect(warnings.at(-1)?.message).toContain('ends in the middle');
  });

  it('anything at all never makes the reader do more than refuse', async () => {
    const whole = har({ connection: '1', timings: connect }, { at: 20, more: { _fromCache: 'disk' } });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(whole.length), fc.string({ maxLength: 4 }), async (a, b, by) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const text = whole.slice(0, from) + by + whole.slice(to);
        await readRecording(text).catch((error: unknown) => expect(error).toBeInstanceOf(UnreadableRecording));
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await readRecording(text).catch((error: unknown) => expect(error).toBeInstanceOf(UnreadableRecording));
        await readRecording(`{"log":{"entries":[${text}],"pages":[${text}]}}`);
        await readRecording(
          `{"log":{"entries":[{"request":{"url":"https://a.test/","x":${text}},"timings":${text}}]}}`,
        );
      }),
    );
  });
});

describe('a NetLog', () => {
  const constants = {
    logFormatVersion: 1,
    timeTickOffset: START,
    clientInfo: { name: 'Chromium', version: '156' },
    logEventPhase: { PHASE_BEGIN: 1, PHASE_END: 2, PHASE_NONE: 0 },
    logSourceType: { URL_REQUEST: 1, SOCKET: 2, HTTP_STREAM_JOB: 3, HTTP2_SESSION: 4 },
    logEventTypes: {} as Record<string, number>,
  };
  const SOURCES = { URL_REQUEST: 1, SOCKET: 2, HTTP_STREAM_JOB: 3, HTTP2_SESSION: 4 };
  const PHASES = { begin: 1, end: 2, none: 0 };
  type Line = [
    time: number,
    source: keyof typeof SOURCES,
    id: number,
    name: string,
    phase: keyof typeof PHASES,
    params?: object,
  ];

  /** Numbers of events are given anew in each file: only their names count. */
  function netlog(lines: readonly Line[], tail = ']}', first = 100): string {
    const types: Record<string, number> = {};
    for (const [, , , name] of lines) types[name] ??= first + Object.keys(types).length;
    const events = lines.map(([time, source, id, name, phase, params]) =>
      JSON.stringify({
        ...(params && { params }),
        phase: PHASES[phase],
        source: { id, type: SOURCES[source] },
        time: String(1_000 + time),
        type: types[name],
      }),
    );
    return `{"constants":${JSON.stringify({ ...constants, logEventTypes: types })},\n"events": [\n${events.join(',\n')}${tail}`;
  }

  const onDep = (id: number): object => ({ source_dependency: { id, type: 0 } });
  const LINES: Line[] = [
    [0, 'URL_REQUEST', 1, 'URL_REQUEST_START_JOB', 'begin', { url: 'https://a.test/x', method: 'POST' }],
    [1, 'URL_REQUEST', 1, 'HTTP_STREAM_REQUEST', 'begin'],
    [
      1,
      'HTTP_STREAM_JOB',
      2,
      'TCP_CLIENT_SOCKET_POOL_REQUESTED_SOCKET',
      'none',
      { group_id: 'pm/https://a.test <null>' },
    ],
    [2, 'SOCKET', 3, 'SOCKET_ALIVE', 'begin'],
    [2, 'SOCKET', 3, 'TCP_CONNECT', 'begin', { address_list: ['192.0.2.1:443'] }],
    [5, 'SOCKET', 3, 'TCP_CONNECT', 'end', { remote_address: '192.0.2.1:443' }],
    [5, 'SOCKET', 3, 'SSL_CONNECT', 'begin'],
    [
      9,
      'SOCKET',
      3,
      'SSL_CONNECT',
      'end',
      { version: 'TLS 1.3', cipher_suite: 4865, is_resumed: true, next_proto: 'h2' },
    ],
    [9, 'HTTP_STREAM_JOB', 2, 'SOCKET_POOL_BOUND_TO_SOCKET', 'none', onDep(3)],
    [9, 'SOCKET', 3, 'SOCKET_IN_USE', 'begin', onDep(2)],
    [9, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_INITIALIZED', 'none', { protocol: 'h2', ...onDep(3) }],
    [9, 'HTTP_STREAM_JOB', 2, 'HTTP2_SESSION_POOL_IMPORTED_SESSION_FROM_SOCKET', 'none', onDep(4)],
    [9, 'URL_REQUEST', 1, 'HTTP_STREAM_REQUEST_BOUND_TO_JOB', 'none', onDep(2)],
    [9, 'URL_REQUEST', 1, 'HTTP_STREAM_REQUEST', 'end'],
    [10, 'URL_REQUEST', 1, 'HTTP_TRANSACTION_SEND_REQUEST', 'begin'],
    [10, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_SEND_HEADERS', 'none', { stream_id: 1, ...onDep(2) }],
    [11, 'URL_REQUEST', 1, 'HTTP_TRANSACTION_SEND_REQUEST', 'end'],
    [
      20,
      'URL_REQUEST',
      1,
      'HTTP_TRANSACTION_READ_RESPONSE_HEADERS',
      'none',
      { headers: ['HTTP/1.1 200', 'server: x'] },
    ],
    [25, 'URL_REQUEST', 1, 'HTTP_TRANSACTION_READ_BODY', 'end'],
    [
      26,
      'HTTP2_SESSION',
      4,
      'HTTP2_SESSION_RECV_GOAWAY',
      'none',
      { error_code: '0 (NO_ERROR)', last_accepted_stream_id: 1 },
    ],
    [30, 'SOCKET', 3, 'SOCKET_POOL_CLOSING_SOCKET', 'none', { reason: 'Remote side closed connection' }],
    [31, 'SOCKET', 3, 'SOCKET_ALIVE', 'end'],
  ];

  it('names connections, how they began and ended, and what they carried', async () => {
    const recording = await readRecording(netlog(LINES));
    expect(recording).toMatchObject({
      kind: 'netlog',
      writer: 'Chromium 156',
      startedAt: START + 1_000,
      complete: true,
    });
    expect(recording.connections).toEqual([
      expect.objectContaining({
        id: '3',
        sure: 'measured',
        scheme: 'https',
        host: 'a.test',
        port: 443,
        address: '192.0.2.1',
        protocol: 'h2',
        opened: 2,
        closed: 31,
        handshake: { dns: null, connect: { from: 2, to: 5 }, tls: { from: 5, to: 9 } },
        group: 'pm/https://a.test',
        credentials: false,
        closeReason: 'Remote side closed connection',
        exchanges: [0],
      }),
    ]);
    expect(recording.connections[0]?.tls).toMatchObject({ resumed: true, cipher: 'TLS_AES_128_GCM_SHA256' });
    expect(recording.exchanges).toMatchObject([
      { method: 'POST', status: 200, protocol: 'h2', connection: 0, streamId: 1, start: 0, end: 25, from: 'network' },
    ]);
    expect(recording.exchanges[0]?.timings).toMatchObject({
      blocked: 2,
      connect: 7,
      ssl: 4,
      send: 1,
      wait: 9,
      receive: 5,
    });
    expect(recording.incidents).toMatchObject([
      { kind: 'goaway', code: 0, lastStreamId: 1, connection: 0 },
      { kind: 'socket-closed-by-pool', reason: 'Remote side closed connection', connection: 0 },
    ]);
  });

  it('is the same whatever numbers its events have, and when its end is missing', async () => {
    const whole = await readRecording(netlog(LINES));
    expect(await readRecording(netlog(LINES, ']}', 7))).toEqual(whole);
    const cut = await readRecording(netlog(LINES, ',\n'));
    expect(cut).toEqual({ ...whole, complete: false });
  });

  it('knows the peer of an old log by what was attempted, never by its own address', async () => {
    const old: Line[] = [
      [0, 'SOCKET', 3, 'TCP_CONNECT', 'begin', { address_list: ['192.0.2.1:443'] }],
      [1, 'SOCKET', 3, 'TCP_CONNECT_ATTEMPT', 'begin', { address: '192.0.2.1:443' }],
      [5, 'SOCKET', 3, 'TCP_CONNECT', 'end', { source_address: '198.51.100.7:50000' }],
    ];
    expect((await readRecording(netlog(old))).connections).toMatchObject([{ address: '192.0.2.1' }]);
    const last = old.filter(([, , , name]) => name === 'TCP_CONNECT');
    expect((await readRecording(netlog(last))).connections).toMatchObject([{ address: null }]);
  });

  it('ends nothing before it began, also where its times are damaged', async () => {
    const stalled: Line[] = [
      [50, 'URL_REQUEST', 1, 'URL_REQUEST_START_JOB', 'begin', { url: 'https://a.test/x', method: 'GET' }],
      [60, 'HTTP_STREAM_JOB', 2, 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP', 'none'],
      [10, 'HTTP_STREAM_JOB', 2, 'SOCKET_POOL_BOUND_TO_SOCKET', 'none', onDep(3)],
      [20, 'URL_REQUEST', 1, 'HTTP_TRANSACTION_READ_BODY', 'end'],
    ];
    const { exchanges, incidents } = await readRecording(netlog(stalled));
    expect(exchanges).toMatchObject([{ start: 0, end: null }]);
    expect(incidents).toMatchObject([{ kind: 'pool-stall', at: 10, until: null }]);
  });

  it('ends a wait for a stream with HEADERS of a stream that was not created before it', async () => {
    const stalled = { max_concurrent_streams: 4, num_active_streams: 2, num_created_streams: 2 };
    const lines: Line[] = [
      [100, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_STALLED_MAX_STREAMS', 'none', stalled],
      [100, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_STALLED_MAX_STREAMS', 'none', stalled],
      [101, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_SEND_HEADERS', 'none', { stream_id: 5 }],
      [101, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_SEND_HEADERS', 'none', { stream_id: 7 }],
      [400, 'HTTP2_SESSION', 4, 'HTTP2_SESSION_SEND_HEADERS', 'none', { stream_id: 9 }],
    ];
    const { incidents } = await readRecording(netlog(lines));
    expect(incidents).toMatchObject([
      { kind: 'stream-limit', limit: 4, at: 0, until: 300 },
      { kind: 'stream-limit', limit: 4, until: null },
    ]);
  });

  it('opens nothing for attempts that failed', async () => {
    const failed: Line[] = [
      [0, 'SOCKET', 3, 'TCP_CONNECT', 'begin'],
      [5, 'SOCKET', 3, 'TCP_CONNECT', 'end', { net_error: -102 }],
    ];
    expect((await readRecording(netlog(failed))).connections).toEqual([]);
  });

  it('says what was connected and never used', async () => {
    const lines = LINES.slice(3, 8);
    const { incidents } = await readRecording(netlog([...lines, [12_009, 'SOCKET', 3, 'SOCKET_ALIVE', 'end']]));
    expect(incidents).toMatchObject([{ kind: 'never-used', idleMs: 12_000, connection: 0 }]);
  });
});

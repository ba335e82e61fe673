import { describe, expect, it } from 'vitest';
import type { FieldSection } from '../fields/field.ts';
import { type Limits, withLimits } from '../limits.ts';
import { block, concat, frame, frames, GET, Http2Tester, POST, uint32 } from '../testing/http2.ts';
import { Flag, FrameType } from './frame.ts';

/**
 * The attacks of research/core.md §4, each with the number of frames at which we react and the limit that GOAWAY names. The
 * clock stands still, so that buckets do not refill.
 */
interface Attack {
  readonly name: string;
  readonly limit: keyof Limits | null;
  readonly code: string;
  /** Which repetition ends the connection; the first is 1. */
  readonly reactsAt: number;
  readonly limits?: Partial<Limits>;
  readonly before?: readonly Uint8Array[];
  readonly repeat: (nth: number) => Uint8Array;
  /** What the application does. Defaults to answering every request at once. */
  readonly answer?: boolean;
  /** The peer does not read. */
  readonly unread?: boolean;
  readonly explicitRelease?: boolean;
}

const OPEN = Flag.END_HEADERS;
const CALM = 'ENHANCE_YOUR_CALM';
const stream = (nth: number): number => 2 * nth - 1;
const fields = (count: number): FieldSection => [
  ...GET,
  ...Array.from({ length: count - 4 }, (_, index) => [`x-${index}`, ''] as const),
];

const ATTACKS: readonly Attack[] = [
  {
    name: 'Rapid Reset (CVE-2023-44487): HEADERS, RST_STREAM',
    limit: 'resetBurst',
    code: CALM,
    reactsAt: 201,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.rstStream(stream(nth))),
  },
  {
    name: 'Rapid Reset below the rate, while the application still works on what was reset',
    limit: 'maxUnreleasedStreams',
    code: CALM,
    reactsAt: 201,
    answer: false,
    explicitRelease: true,
    limits: { resetBurst: Number.POSITIVE_INFINITY },
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.rstStream(stream(nth))),
  },
  {
    name: 'MadeYouReset (CVE-2025-8671): WINDOW_UPDATE of 0',
    limit: null,
    code: 'PROTOCOL_ERROR',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.windowUpdate(stream(nth), 0)),
  },
  {
    name: 'MadeYouReset: the window of a stream beyond 2^31-1',
    limit: null,
    code: 'FLOW_CONTROL_ERROR',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.windowUpdate(stream(nth), 0x7fff_ffff)),
  },
  {
    name: 'MadeYouReset: DATA after END_STREAM',
    limit: null,
    code: 'STREAM_CLOSED',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.data(stream(nth), 'x')),
  },
  {
    name: 'MadeYouReset: HEADERS after END_STREAM',
    limit: null,
    code: 'STREAM_CLOSED',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.headers(stream(nth))),
  },
  {
    name: 'MadeYouReset: PRIORITY of another length than 5',
    limit: null,
    code: 'FRAME_SIZE_ERROR',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frame(FrameType.PRIORITY, 0, stream(nth), '00000000')),
  },
  {
    name: 'MadeYouReset: PRIORITY of a stream on itself',
    limit: null,
    code: 'PROTOCOL_ERROR',
    reactsAt: 1,
    answer: false,
    repeat: (nth) => concat(frames.headers(stream(nth)), frames.priority(stream(nth), stream(nth))),
  },
  {
    name: 'MadeYouReset: more content than declared',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    answer: false,
    repeat: (nth) =>
      concat(frames.headers(stream(nth), [...POST, ['content-length', '1']], OPEN), frames.data(stream(nth), 'xx')),
  },
  {
    name: 'malformed requests',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: (nth) => frames.headers(stream(nth), [...GET, ['connection', 'close']]),
  },
  {
    name: 'streams beyond the concurrency allowed',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 201,
    answer: false,
    repeat: (nth) => frames.headers(stream(nth)),
  },
  {
    name: 'CONTINUATION flood (CVE-2024-28182)',
    limit: 'maxContinuationFrames',
    code: CALM,
    reactsAt: 9,
    before: [frames.headers(1, GET, Flag.END_STREAM)],
    repeat: (nth) => frames.continuation(1, block([[`x-${nth}`, 'y']]), 0),
  },
  {
    name: 'empty CONTINUATION',
    limit: 'maxContinuationFrames',
    code: CALM,
    reactsAt: 1,
    before: [frames.headers(1, GET, Flag.END_STREAM)],
    repeat: () => frames.continuation(1, new Uint8Array(0), 0),
  },
  {
    name: 'large CONTINUATION',
    limit: 'maxFieldBlockBytes',
    code: CALM,
    reactsAt: 4,
    before: [frames.headers(1, GET, Flag.END_STREAM)],
    repeat: () => frames.continuation(1, new Uint8Array(16_384), 0),
  },
  {
    name: 'HPACK bomb (CVE-2016-6581): one octet for 4 KB',
    limit: 'maxFieldSectionHardBytes',
    code: CALM,
    reactsAt: 1,
    before: [
      frame(
        FrameType.HEADERS,
        Flag.END_STREAM | OPEN,
        1,
        concat(Uint8Array.of(0x82, 0x87, 0x84, 0x40, 1, 0x61, 0x7f, 0xb9, 0x16), new Uint8Array(3000).fill(0x61)),
      ),
    ],
    repeat: () => frame(FrameType.HEADERS, Flag.END_STREAM | OPEN, 3, new Uint8Array(16_000).fill(0xbe)),
  },
  {
    name: 'HTTP/2 bomb (CVE-2026-49975): one octet for one field',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: (nth) =>
      frame(
        FrameType.HEADERS,
        Flag.END_STREAM | OPEN,
        stream(nth),
        concat(Uint8Array.of(0x82, 0x87, 0x84), new Uint8Array(200).fill(0x90)),
      ),
  },
  { name: 'PING flood, answers read', limit: 'glitchBurst', code: CALM, reactsAt: 101, repeat: () => frames.ping() },
  {
    name: 'PING flood, answers not read (CVE-2019-9512)',
    limit: 'maxQueuedAcks',
    code: CALM,
    reactsAt: 101,
    limits: { glitchBurst: 1e9 },
    unread: true,
    repeat: () => frames.ping(),
  },
  {
    name: 'SETTINGS flood, answers read (CVE-2019-9515)',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: () => frames.settings([3, 100]),
  },
  {
    name: 'SETTINGS with many entries',
    limit: 'maxSettingsPerFrame',
    code: CALM,
    reactsAt: 1,
    repeat: () => frames.settings(...Array.from({ length: 33 }, () => [3, 100] as const)),
  },
  { name: 'PRIORITY flood', limit: 'glitchBurst', code: CALM, reactsAt: 101, repeat: () => frames.priority(1) },
  {
    name: 'PRIORITY_UPDATE flood',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: (nth) => frames.priorityUpdate(stream(nth), 'u=1'),
  },
  { name: 'unknown frames', limit: 'glitchBurst', code: CALM, reactsAt: 101, repeat: () => frame(0xfe, 0, 0, '00') },
  {
    name: 'WINDOW_UPDATE flood',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: () => frames.windowUpdate(0, 1),
  },
  {
    name: 'RST_STREAM on closed streams',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 105,
    before: [frames.headers(1)],
    repeat: () => frames.rstStream(1),
  },
  {
    name: 'empty DATA (CVE-2019-9518)',
    limit: 'maxEmptyDataFrames',
    code: CALM,
    reactsAt: 101,
    before: [frames.headers(1, POST, OPEN)],
    repeat: () => frames.data(1),
  },
  {
    name: 'DATA that is all padding',
    limit: 'maxEmptyDataFrames',
    code: CALM,
    reactsAt: 101,
    before: [frames.headers(1, POST, OPEN)],
    repeat: () => frame(FrameType.DATA, Flag.PADDED, 1, concat(Uint8Array.of(255), new Uint8Array(255))),
  },
  {
    name: 'DATA of one octet that the application does not use up',
    limit: 'smallDataBudget',
    code: CALM,
    // 131,072 octets of waste at 255 a frame.
    reactsAt: 515,
    before: [frames.headers(1, POST, OPEN)],
    repeat: () => frames.data(1, 'x'),
  },
  {
    name: 'content beyond the window of a stream',
    limit: null,
    code: 'FLOW_CONTROL_ERROR',
    reactsAt: 17,
    before: [frames.headers(1, POST, OPEN)],
    repeat: () => frames.data(1, new Uint8Array(16_384)),
  },
  {
    name: 'content beyond the window of the connection',
    limit: null,
    code: 'FLOW_CONTROL_ERROR',
    reactsAt: 65,
    before: Array.from({ length: 8 }, (_, index) => frames.headers(2 * index + 1, POST, OPEN)),
    repeat: (nth) => frames.data(2 * (nth % 8) + 1, new Uint8Array(16_384)),
  },
  { name: 'GOAWAY flood', limit: 'glitchBurst', code: CALM, reactsAt: 102, repeat: () => frames.goaway(0) },
  {
    name: 'PING acknowledgements that nobody waits for',
    limit: 'glitchBurst',
    code: CALM,
    reactsAt: 101,
    repeat: () => frames.ping(true),
  },
];

describe('attacks on a server', () => {
  it.each(ATTACKS.map((attack) => [attack.name, attack] as const))('%s', (_, attack) => {
    const { limits = {}, before = [], answer = true, explicitRelease = false } = attack;
    const server = new Http2Tester({ role: 'server', limits: withLimits(limits), explicitRelease });
    const act = (bytes: Uint8Array): void => {
      for (const event of server.send(bytes)) {
        if (event.type !== 'request' || !event.endStream || !answer) continue;
        server.connection.sendResponse(event.streamId, { status: 200 }, { endStream: true });
      }
    };
    for (const bytes of before) act(bytes);
    let output: string[] = [];
    let nth = 0;
    while (server.error === undefined && nth < 2_000) {
      act(attack.repeat(++nth));
      if (!attack.unread || server.error !== undefined) output = server.output();
      expect(server.connection.pendingOutput).toBeLessThan(100_000);
    }
    expect([nth, server.error?.limit]).toEqual([attack.reactsAt, attack.limit]);
    const goaway = output.at(-1) as string;
    expect(goaway).toMatch(new RegExp(`^goaway \\d+ ${attack.code} `));
    if (attack.limit !== null) expect(goaway).toContain(`limit: ${attack.limit}. `);
    expect(server.connection.wantsClose).toBe(true);
    // Nothing follows, whatever comes and whatever the application still does.
    expect(server.send(frames.headers(9_999), frames.ping())).toEqual([]);
    expect(server.poll()).toEqual([]);
    expect(server.output()).toEqual([]);
    expect(server.connection.nextDeadline()).toBeNull();
  });

  it('a window that is opened octet by octet (CVE-2019-9511)', () => {
    const server = new Http2Tester({ role: 'server' });
    server.send(frames.settings([4, 0]), frames.headers(1));
    server.connection.sendResponse(1, { status: 200 });
    const content = new Uint8Array(1000);
    server.connection.sendData(1, content);
    let rounds = 0;
    while (server.error === undefined && rounds < 1000) {
      rounds++;
      server.send(frames.windowUpdate(1, 1));
      server.connection.sendData(1, content);
      server.output();
      server.poll();
    }
    expect(server.error).toMatchObject({ limit: 'glitchBurst' });
    expect(rounds).toBeLessThan(120);
  });

  it('a client that never reads is told to stop by not being read', () => {
    const server = new Http2Tester({ role: 'server', limits: withLimits({ maxPendingOutput: 10_000 }) });
    const long: FieldSection = [['x', 'y'.repeat(3000)]];
    for (const nth of [1, 2, 3, 4]) {
      expect(server.connection.wantsRead).toBe(true);
      server.send(frames.headers(stream(nth)));
      server.connection.sendResponse(
        stream(nth),
        { status: 200, fields: [['z', `${nth}${long[0]?.[1]}~~~~~~~~`]] },
        { endStream: true },
      );
    }
    for (let nth = 5; server.connection.wantsRead && nth < 50; nth++) {
      server.send(frames.headers(stream(nth)));
      server.connection.sendResponse(
        stream(nth),
        { status: 200, fields: [['z', `${nth}${'~'.repeat(3000)}`]] },
        { endStream: true },
      );
    }
    expect(server.connection.wantsRead).toBe(false);
    server.output();
    expect(server.connection.wantsRead).toBe(true);
  });

  it('fields beyond the limits are answered with 431, and the connection goes on', () => {
    const server = new Http2Tester({ role: 'server' });
    expect(server.send(frames.headers(1, fields(128)))).toHaveLength(1);
    expect(server.send(frames.headers(3, fields(129)))).toEqual([]);
    expect(server.send(frames.headers(5, fields(129), OPEN))).toEqual([]);
    expect(server.output()).toEqual([
      'headers 3 :status=431 content-length=0 END_STREAM',
      'headers 5 :status=431 content-length=0 END_STREAM',
      'rst_stream 5 NO_ERROR',
    ]);
    expect(server.send(frames.data(5, 'late', Flag.END_STREAM), frames.headers(7))).toHaveLength(1);
  });

  it('PRIORITY_UPDATE for streams that are not open are kept, up to 32', () => {
    const server = new Http2Tester({ role: 'server' });
    for (let nth = 1; nth <= 40; nth++) server.send(frames.priorityUpdate(stream(nth), 'u=7'));
    server.send(frames.priorityUpdate(1, `u=1;${' '.repeat(100)}`));
    expect(server.error).toBeUndefined();
  });

  it('a response that is too large, or never final, costs its stream', () => {
    const client = new Http2Tester({ role: 'client' });
    const head = { method: 'GET', target: '/', scheme: 'https', authority: 'example.com' };
    for (let nth = 0; nth < 3; nth++) client.connection.sendRequest(head, { endStream: true });
    client.send(
      frames.headers(1, [[':status', '200'], ...Array.from({ length: 128 }, () => ['a', 'b'] as const)], OPEN),
    );
    expect(client.events.at(-1)).toMatchObject({
      type: 'reset',
      streamId: 1,
      reason: expect.stringContaining('maxFields'),
    });
    for (let nth = 0; nth < 129; nth++) client.send(frames.headers(3, [[':status', '103']], OPEN));
    expect(client.events.at(-1)).toMatchObject({
      type: 'reset',
      streamId: 3,
      reason: expect.stringContaining('maxInterimResponses'),
    });
    expect(client.error).toBeUndefined();
  });

  it('a push is refused with the connection', () => {
    const client = new Http2Tester({ role: 'client' });
    client.connection.sendRequest({ method: 'GET', target: '/', authority: 'example.com' }, { endStream: true });
    client.send(frame(FrameType.PUSH_PROMISE, OPEN, 1, concat(uint32(2), block(GET))));
    expect(client.error).toMatchObject({ code: 1, reason: expect.stringContaining('ENABLE_PUSH') });
  });
});

describe('budgets refill', () => {
  it('a PING each 100 ms for an hour', () => {
    const server = new Http2Tester({ role: 'server' });
    for (server.now = 0; server.now < 3_600_000; server.now += 100) {
      server.send(frames.ping());
      server.output();
    }
    expect(server.error).toBeUndefined();
  });

  it('33 resets a second for a minute', () => {
    const server = new Http2Tester({ role: 'server' });
    for (let nth = 1; nth < 60 * 33; nth++) {
      server.now = nth * 31;
      server.send(frames.headers(stream(nth)), frames.rstStream(stream(nth)));
    }
    expect(server.error).toBeUndefined();
  });
});

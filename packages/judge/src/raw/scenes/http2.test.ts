/** Servers as plain values in front of the HTTP/2 scene: what a strict peer lets pass, and what it names. */
import { describe, expect, it } from 'vitest';
import { type Bytes, defineExercise, type Exercise, type HandlerRule, rfc, type Step } from '../../exercise.ts';
import type { Given, GivenPart } from '../../given/parts.ts';
import {
  data,
  frame,
  goaway,
  headers,
  ping,
  reset,
  response,
  sends,
  settings,
  settingsAck,
  upload,
  windowUpdate,
} from '../../http2.ts';
import { bytesOf, join, latin1 } from '../bytes.ts';
import { VirtualClock } from '../clock.ts';
import { framesIn } from '../http2/parse.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Serve = (connection: Connection, handler: (request: object) => Promise<Response>, given: Given) => unknown;

async function judged(
  serve: Serve,
  steps: readonly Step[],
  more: { given?: readonly GivenPart[]; handler?: readonly HandlerRule[]; window?: number; clock?: VirtualClock } = {},
): Promise<string> {
  const exercise: Exercise = defineExercise({
    id: 'T1',
    track: 'demultiplexing',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 'server.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [
      {
        id: 'T1-1',
        title: '',
        judge: 'raw',
        spec: rfc(9113, '5'),
        idea: '',
        scene: {
          kind: 'http2',
          file: 'server.ts',
          export: 'serve',
          given: more.given ?? ['hello', 'chores', 'fields', 'head'],
          handler: more.handler ?? [{ on: 'GET /a', reply: { body: 'first' } }],
          ...(more.window === undefined
            ? {}
            : { peer: { settings: { INITIAL_WINDOW_SIZE: more.window }, connectionWindow: 65_535 } }),
        },
        steps,
        limits: { written: 4 * 1024 * 1024 },
      },
    ],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({ serve }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const [result] = await new RawJudge({
    exercise,
    host,
    clock: more.clock ?? new VirtualClock(),
    sources: new Map(),
  }).run();
  return result?.failure?.headline ?? 'passes';
}

/** Reads everything, and writes this when `after` requests of the client are there. */
const says =
  (bytes: Bytes, after = 1, atOnce = Number.POSITIVE_INFINITY): Serve =>
  async ({ readable, writable }) => {
    const writer = writable.getWriter();
    await writer.write(bytesOf([settings(), settingsAck]));
    let all: Uint8Array = new Uint8Array(0);
    let hasSaid = false;
    for (const source = readable.getReader(); ; ) {
      const { done, value } = await source.read();
      if (done) return writer.close();
      all = join([all, value]);
      if (hasSaid || framesIn(all, 24).frames.filter(({ type }) => type === 1).length < after) continue;
      hasSaid = true;
      const text = bytesOf(bytes);
      for (let at = 0; at < text.length; at += atOnce) await writer.write(text.subarray(at, at + atOnce));
    }
  };

const ask = sends(headers(1, 'GET /a', { end: true }));
const answered: Step = { do: 'expectStreamReply', stream: 1, to: 'GET /a', status: 200, body: 'first' };
const first = [response(1, 200), data(1, 'first', { end: true })];

describe('a strict HTTP/2 peer', () => {
  it('takes a reply, however its frames are written', async () => {
    expect(await judged(says(first), [ask, answered])).toBe('passes');
    expect(
      await judged(says([response(1, 200, { cuts: [1] }), data(1, 'fi'), data(1, 'rst'), data(1, '', { end: true })]), [
        ask,
        answered,
      ]),
    ).toBe('passes');
    expect(
      await judged(says([response(1, 200, { pad: 3 }), data(1, 'first', { pad: 9, end: true })]), [ask, answered]),
    ).toBe('passes');
    expect(
      await judged(
        says([response(1, 103), response(1, 200), data(1, 'first'), headers(1, [['x-sum', '5']], { end: true })]),
        [ask, answered],
      ),
    ).toBe('passes');
    expect(await judged(says([frame({ type: 0xb7, stream: 9 }), windowUpdate(1, 5), ...first]), [ask, answered])).toBe(
      'passes',
    );
  });

  it.each<[string, Bytes, string]>([
    ['DATA before HEADERS', data(1, 'first'), 'DATA came on stream 1 before any HEADERS.'],
    ['another id', [response(3, 200)], 'A HEADERS frame came on stream 3; requests came on 1.'],
    ['more behind the end', [...first, data(1, '!')], 'A DATA frame came on stream 1, behind END_STREAM.'],
    ['a second head', [response(1, 200), response(1, 200)], 'A second head came on stream 1: :status.'],
    [
      'a block that is broken into',
      [response(1, 200, { open: true }), ping()],
      'A PING frame on stream 0 stands inside the header block of stream 1.',
    ],
    [
      'a CONTINUATION of nothing',
      frame({ type: 'CONTINUATION', stream: 1 }),
      'A CONTINUATION frame continues nothing.',
    ],
    [
      'a block that is none',
      frame({ type: 'HEADERS', stream: 1, flags: ['END_HEADERS'], payload: { hex: 'ff' } }),
      'The header block on stream 1 cannot be decoded',
    ],
    [
      'capitals in a name',
      headers(1, [
        [':status', '200'],
        ['X-Note', 'a'],
      ]),
      'The block on stream 1 has a field "X-Note".',
    ],
    ['no status', headers(1, [['x-note', 'a']]), 'The block on stream 1 has no :status.'],
    ['a huge frame', [response(1, 200), data(1, { repeat: 'x', times: 16_385 })], 'A DATA frame holds 16,385 bytes'],
    [
      'a huge promise',
      { hex: 'ff ff ff 00 00 00 00 00 01' },
      'These nine bytes say that 16,777,215 bytes of DATA follow',
    ],
    ['text', 'HTTP/1.1 200 OK\r\n\r\n', 'These nine bytes say'],
    [
      'SETTINGS of five bytes',
      frame({ type: 'SETTINGS', payload: 'fives' }),
      'A SETTINGS frame has a payload of 5 bytes.',
    ],
    ['a WINDOW_UPDATE of nothing', windowUpdate(0, 0), 'A WINDOW_UPDATE gives 0 bytes of credit.'],
    ['DATA for the connection', data(0, 'x'), 'A DATA frame came on stream 0.'],
  ])('names %s', async (_, bytes, headline) => {
    expect(await judged(says(bytes), [ask, answered])).toContain(headline);
  });

  it('tells what somebody writes on and on, and the fault before it rather than the flood', async () => {
    const more = Array.from({ length: 1100 }, () => data(1, { repeat: 'x', times: 4000 }));
    const flood = await judged(says([response(1, 200), ...more], 1, 4009), [ask, answered]);
    expect(flood).toMatch(/^Your code writes on and on: 1,04\d DATA frames of 4,000 bytes on stream 1\.$/);
    const beyond = judged(says([response(1, 200), ...more], 1, 4009), [ask, answered], { window: 65_000 });
    expect(await beyond).toContain('beyond the window of stream 1');
  });

  it('counts what it has given: stream and connection', async () => {
    const ten = says([response(1, 200), data(1, '0123456789'), data(1, 'x')]);
    const step: Step = { do: 'expectDataSent', stream: 1, bytes: 10 };
    expect(await judged(ten, [ask, step], { window: 10 })).toBe(
      'This DATA frame is 1 byte beyond the window of stream 1.',
    );
    expect(await judged(says([response(1, 200), data(1, '0123456789')]), [ask, step], { window: 10 })).toBe('passes');
    expect(
      await judged(says([response(1, 200), upload(1, 70_000)]), [ask, { do: 'expectStreamReply', stream: 1 }], {
        window: 100_000,
      }),
    ).toBe('This DATA frame is 1 byte beyond the window of the connection.');
  });

  it('tells a reset and a goodbye from a reply that never comes', async () => {
    const reset = frame({ type: 'RST_STREAM', stream: 1, payload: { hex: '00 00 00 08' } });
    expect(await judged(says(reset), [ask, answered])).toBe(
      'Stream 1 was reset with CANCEL, before the end of the reply to GET /a.',
    );
    expect(await judged(says([]), [ask, answered])).toBe('No reply came on stream 1, where GET /a was asked.');
    expect(
      await judged(says(goaway(0, 'PROTOCOL_ERROR')), [ask, { do: 'expectGoaway', code: 'PROTOCOL_ERROR', last: 0 }]),
    ).toBe('passes');
    expect(await judged(says(goaway(0)), [ask, { do: 'expectGoaway', code: 'PROTOCOL_ERROR' }])).toBe(
      'GOAWAY came with NO_ERROR and last stream 0.',
    );
  });

  it('measures how far apart streams are that take turns', async () => {
    const both = sends(headers(1, 'GET /a', { end: true }), headers(3, 'GET /a', { end: true }));
    const blocks = says([response(1, 200), response(3, 200), upload(1, 60_000), upload(3, 60_000)], 2);
    const turns = says(
      [
        response(1, 200),
        response(3, 200),
        ...[0, 1, 2].flatMap((i) => [1, 3].map((id) => data(id, { repeat: 'u', times: 10_000 }, { end: i === 2 }))),
      ],
      2,
    );
    const apart: Step = { do: 'expectApart', streams: [1, 3], atMost: 10_000 };
    expect(await judged(turns, [both, apart])).toBe('passes');
    expect(await judged(blocks, [both, apart])).toContain(
      'Stream 3 waited while 60,000 bytes of DATA left on the others.',
    );
  });

  it('sends an upload as far as credit goes, and says where it stands still', async () => {
    const up: Step = { do: 'uploadData', stream: 1, size: 100_000 };
    const ask1 = sends(headers(1, 'POST /up'));
    expect(await judged(says([]), [ask1, up])).toBe(
      'The upload stands still after 65,535 of 100,000 bytes: stream 1 and the connection are out of credit.',
    );
    expect(await judged(says([windowUpdate(0, 50_000), windowUpdate(1, 50_000)]), [ask1, up])).toBe('passes');
    expect(await judged(says([windowUpdate(1, 50_000)]), [ask1, up])).toContain('the connection is out of credit');
  });

  it('fills a window that nobody reads from, and names credit that has no end', async () => {
    const ask1 = sends(headers(1, 'POST /up'));
    const fill: Step = { do: 'fillWindow', stream: 1, atMost: 200_000 };
    expect(await judged(says([]), [ask1, fill])).toBe('passes');
    expect(await judged(says([windowUpdate(0, 900_000), windowUpdate(1, 50_000)]), [ask1, fill])).toBe('passes');
    expect(await judged(says([windowUpdate(0, 900_000), windowUpdate(1, 900_000)]), [ask1, fill])).toBe(
      'Your windows let in more than 200,000 bytes on stream 1, and nobody has read one of them.',
    );
  });

  it('goes on with a body that nobody reads, until it is told to stop or is through', async () => {
    const letGo: Step = { do: 'expectLetGo', stream: 1, rest: 100_000 };
    const ask1 = sends(headers(1, 'POST /up'));
    expect(await judged(says([reset(1, 'NO_ERROR')]), [ask1, letGo])).toBe('passes');
    expect(await judged(says([reset(1, 'CANCEL')]), [ask1, letGo])).toBe('Stream 1 was reset with CANCEL.');
    expect(await judged(says([windowUpdate(0, 50_000), windowUpdate(1, 50_000)]), [ask1, letGo])).toBe('passes');
    for (const some of [windowUpdate(0, 50_000), windowUpdate(1, 50_000)])
      expect(await judged(says(some), [ask1, letGo])).toBe('The client still holds the rest of its body for stream 1.');
  });

  it('answers a PING with its eight bytes, and a PING that is an answer not at all', async () => {
    const pings =
      (isAnswer: boolean): Serve =>
      async ({ readable, writable }) => {
        const writer = writable.getWriter();
        await writer.write(bytesOf([settings(), settingsAck, ping('are you?', { ack: isAnswer })]));
        let all: Uint8Array = new Uint8Array(0);
        for await (const chunk of readable) {
          all = join([all, chunk]);
          const answer = framesIn(all, 24).frames.find(({ type }) => type === 6);
          if (answer?.flags === 1 && latin1(answer.payload) === 'are you?') return writer.close();
        }
      };
    const end: Step = { do: 'expectEnd', anything: true };
    expect(await judged(pings(false), [ask, end])).toBe('passes');
    expect(await judged(pings(true), [ask, end])).not.toBe('passes');
  });

  it('tells who looks again and again while nothing happens, and not who has one timer', async () => {
    const looking = async (ms: number): Promise<string> => {
      const clock = new VirtualClock();
      const serve: Serve = (connection, handler, given) => {
        clock.set(() => {}, ms, true, new Error('timer'));
        return says(first)(connection, handler, given);
      };
      return judged(serve, [ask, { do: 'expectQuiet' }], { clock });
    };
    expect(await looking(5)).toBe('Nothing happened for half a second, and timers woke your code 100 times.');
    expect(await looking(100)).toBe('passes');
  });

  it('tells a body that broke off from one that ended', async () => {
    const cut: Step = { do: 'expectNobodyWaits', cut: ['POST /up'] };
    const handler: HandlerRule[] = [{ on: 'POST /up', reply: { body: 'up' } }];
    const giving =
      (end: (controller: ReadableStreamDefaultController<Uint8Array>) => void): Serve =>
      async (_, call) => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(bytesOf('half'));
            end(controller);
          },
        });
        await call({ method: 'POST', target: '/up', headers: new Headers(), body }).catch(() => {});
        await new Promise(() => {});
      };
    const steps = [sends(headers(1, 'POST /up')), cut];
    const broken = giving((controller) => controller.error(new Error('It broke off')));
    expect(
      await judged(
        giving((controller) => controller.close()),
        steps,
        { handler },
      ),
    ).toBe('The body of POST /up broke off; the handler got 4 bytes and a clean end.');
    expect(
      await judged(
        giving(() => {}),
        steps,
        { handler },
      ),
    ).toContain('still waits for more of its body');
    expect(await judged(broken, steps, { handler })).toBe('passes');
  });

  it('takes a fault of a stream from the stream or from the connection, with its code', async () => {
    const fault: Step = { do: 'expectFault', stream: 1, code: 'FLOW_CONTROL_ERROR' };
    const ask1 = sends(headers(1, 'POST /up'));
    expect(await judged(says([reset(1, 'FLOW_CONTROL_ERROR')]), [ask1, fault])).toBe('passes');
    expect(await judged(says([goaway(1, 'FLOW_CONTROL_ERROR')]), [ask1, fault])).toBe('passes');
    expect(await judged(says([goaway(1, 'PROTOCOL_ERROR')]), [ask1, fault])).toBe('It was told with PROTOCOL_ERROR.');
    expect(await judged(says([]), [ask1, fault])).toBe('Nothing was said of the fault on stream 1.');
  });

  it('says which given part gives nothing any more', async () => {
    const serve: Serve = async (_, handler, given) => {
      const fields = given.fields({ type: 1, flags: 4, streamId: 1, payload: new Uint8Array(0) });
      await handler({ method: fields[0]?.[1] ?? '', target: '', headers: new Headers(), body: null });
    };
    expect(await judged(serve, [ask, answered], { given: [] })).toBe(
      'The handler was called without a method and without a path.',
    );
  });
});

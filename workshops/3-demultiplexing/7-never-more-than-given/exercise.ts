import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  type Http2Step,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { frame, headers, LARGEST, ping, settings, windowUpdate } from '@interleave/judge/http2';

type Case = { title: string; steps: readonly Step[] };

const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
const get = (stream: number, path: string, priority?: string): Step =>
  send(
    `GET ${path} on stream ${stream}${priority === undefined ? '' : `, priority: ${priority}`}`,
    headers(stream, `GET ${path}`, { end: true, fields: priority === undefined ? [] : [['priority', priority]] }),
  );
const reply = (stream: number, to: string, body: Bytes): Step => ({
  do: 'expectStreamReply',
  stream,
  to,
  status: 200,
  body,
});
/** So many bytes of DATA on this stream, or on all together, and not one more. */
const sent = (bytes: number, stream?: number): Step => ({
  do: 'expectDataSent',
  bytes,
  ...(stream === undefined ? {} : { stream }),
});
const credit = (stream: number, by: number): Step =>
  send(`WINDOW_UPDATE on stream ${stream}: ${by}`, windowUpdate(stream, by));
const initial = (value: number): Step =>
  send(`SETTINGS with INITIAL_WINDOW_SIZE ${value}`, settings({ INITIAL_WINDOW_SIZE: value }));
const begun = (request: string): Step => ({ do: 'expectBegun', request });
const each = (...cases: Case[]): Step => ({ do: 'each', cases });
type Code = Extract<Http2Step, { do: 'expectGoaway' }>['code'];
const goaway = (code: Code): readonly Step[] => [
  { do: 'expectGoaway', code },
  { do: 'expectEnd', anything: true },
];
const goesOn = (stream: number): readonly Step[] => [get(stream, '/a'), reply(stream, 'GET /a', 'ten bytes!')];

const letters = (letter: string, times: number): Bytes => ({ repeat: letter, times });
const pieces = (letter: string, count: number, size: number): HandlerRule['reply'] => ({
  body: { pieces: Array.from({ length: count }, () => ({ bytes: letters(letter, size) })) },
});

const handler: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'ten bytes!' } },
  { on: 'GET /nothing', reply: {} },
  { on: 'GET /hundred', reply: { body: letters('h', 100) } },
  { on: 'GET /thousand', reply: pieces('t', 4, 250) },
  { on: 'GET /late', until: '/late', reply: { body: letters('l', 100) } },
  { on: 'GET /one', reply: pieces('1', 4, 5000) },
  { on: 'GET /two', reply: pieces('2', 4, 5000) },
  { on: 'GET /three', reply: pieces('3', 4, 5000) },
  { on: 'GET /four', reply: pieces('4', 4, 5000) },
  { on: 'GET /five', reply: pieces('5', 4, 5000) },
  { on: 'GET /long', reply: pieces('g', 2, 50_000) },
];

const scene = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [], handler } as const;
const startingWith = (window: number): typeof scene & { peer: { settings: { INITIAL_WINDOW_SIZE: number } } } => ({
  ...scene,
  peer: { settings: { INITIAL_WINDOW_SIZE: window } },
});
/** Both windows as they are when nobody says anything. */
const usual = { ...scene, peer: { settings: { INITIAL_WINDOW_SIZE: 65_535 }, connectionWindow: 65_535 } };
const limits = { written: 1024 * 1024 };

const SMALL = ['/small/1', '/small/2', '/small/3', '/small/4', '/small/5', '/small/6'];
/** Less than the 6 MB that Chromium gives a stream to begin with: how fast it reads decides nothing. */
const LARGE = 4 * 1000 * 1024;

const exercise: Exercise = defineExercise({
  id: 'MX7',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/7-never-more-than-given',
  title: 'Never more than you were given',
  idea: 'Each byte of DATA is paid from two purses, the stream’s and the connection’s. When one of them is empty, it waits.',
  minutes: 25,
  picture: 'purses',
  buildsOn: ['KA1', 'MX1', 'MX6'],
  contract: `export function serve(
  connection: Connection,
  handler: Handler,
  given: Pick<Given, 'hpack'>,
  options?: { signal?: AbortSignal; maxStreams?: number },
): Promise<void>; // its DATA keeps to both windows: WINDOW_UPDATE adds to them, and so may INITIAL_WINDOW_SIZE`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/sender.ts', start: null, exports: [] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  carry: {
    from: 'workshops/3-demultiplexing/6-whose-turn/solution',
    fails: ['MX7-1', 'MX7-2', 'MX7-3', 'MX7-4', 'MX7-5', 'MX7-6'],
  },
  checks: [
    {
      id: 'MX7-1',
      title: 'a window of ten: ten bytes, and then none',
      judge: 'raw',
      spec: rfc(9113, '6.9.1'),
      idea: 'The client says how much it has room for. Only the bytes inside DATA are counted, and only they have to wait.',
      scene: startingWith(10),
      limits,
      steps: [
        each(
          { title: 'a body of 100 bytes', steps: [get(1, '/hundred'), sent(10, 1), { do: 'expectQuiet' }] },
          {
            title: 'a body of exactly ten: its end costs nothing',
            steps: [get(1, '/a'), reply(1, 'GET /a', 'ten bytes!')],
          },
          { title: 'no body at all', steps: [get(1, '/nothing'), reply(1, 'GET /nothing', '')] },
          {
            title: 'and then more is given',
            steps: [
              get(1, '/hundred'),
              sent(10, 1),
              credit(1, 5),
              sent(15, 1),
              credit(1, 85),
              reply(1, 'GET /hundred', letters('h', 100)),
            ],
          },
          {
            title: 'the reserved bit in front of the 31 is nobody’s',
            steps: [
              get(1, '/hundred'),
              sent(10, 1),
              send(
                'WINDOW_UPDATE on stream 1: 5, the reserved bit set',
                frame({ type: 'WINDOW_UPDATE', stream: 1, payload: { hex: '80 00 00 05' } }),
              ),
              sent(15, 1),
            ],
          },
          {
            title: 'more is given before the handler has answered',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(1, 7),
              { do: 'release', name: '/late' },
              sent(17, 1),
              credit(1, 83),
              reply(1, 'GET /late', letters('l', 100)),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX7-2',
      title: '65,535 for all together',
      judge: 'raw',
      spec: rfc(9113, '6.9.1'),
      idea: 'The streams’ purses may be full. What they spend comes out of the connection’s as well, and that one is shared.',
      scene: { ...scene, peer: { connectionWindow: 65_535 } },
      limits,
      steps: [
        get(1, '/one'),
        get(3, '/two'),
        get(5, '/three'),
        get(7, '/four'),
        get(9, '/five'),
        sent(65_535),
        credit(0, 4465),
        sent(70_000),
        credit(0, 30_000),
        reply(1, 'GET /one', letters('1', 20_000)),
        reply(3, 'GET /two', letters('2', 20_000)),
        reply(5, 'GET /three', letters('3', 20_000)),
        reply(7, 'GET /four', letters('4', 20_000)),
        reply(9, 'GET /five', letters('5', 20_000)),
      ],
    },
    {
      id: 'MX7-3',
      title: 'an empty purse holds what it pays for, and nothing else',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'A stream without credit is no reason to keep others waiting. A connection without credit still has a lot to say.',
      scene: usual,
      limits,
      steps: [
        each(
          {
            title: 'a stream that is held, and urgent',
            steps: [
              initial(1000),
              get(1, '/one', 'u=0'),
              sent(1000, 1),
              get(3, '/a', 'u=5'),
              reply(3, 'GET /a', 'ten bytes!'),
              get(5, '/thousand', 'u=0'),
              reply(5, 'GET /thousand', letters('t', 1000)),
              credit(1, 19_000),
              reply(1, 'GET /one', letters('1', 20_000)),
            ],
          },
          {
            title: 'the connection is empty: heads and acknowledgements leave',
            steps: [
              get(1, '/long'),
              sent(65_535),
              get(3, '/nothing'),
              reply(3, 'GET /nothing', ''),
              send('a PING, and empty SETTINGS', ping('are you?'), settings()),
              { do: 'expectFrame', frame: { type: 'PING', ack: true, bytes: 'are you?' } },
              { do: 'expectFrame', frame: { type: 'SETTINGS', ack: true }, times: 2 },
              get(5, '/a'),
              { do: 'expectFrame', frame: { type: 'HEADERS', stream: 5 } },
              sent(65_535),
              credit(0, 10),
              sent(65_545),
            ],
          },
          {
            title: 'a held stream is given up by the client',
            steps: [
              initial(10),
              get(1, '/thousand'),
              sent(10, 1),
              send('RST_STREAM on stream 1', { hex: '00 00 04 03 00 00 00 00 01 00 00 00 08' }),
              { do: 'expectCancelled', request: 'GET /thousand' },
              ...goesOn(3),
              credit(0, 100),
              { do: 'expectQuiet' },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX7-4',
      title: 'INITIAL_WINDOW_SIZE changes what open streams have',
      judge: 'raw',
      spec: rfc(9113, '6.9.2'),
      idea: 'The difference is added to each stream, and it may be less than nothing. The connection’s own window is no stream’s.',
      scene: { ...scene, peer: { settings: { INITIAL_WINDOW_SIZE: 10 }, connectionWindow: 65_535 } },
      limits,
      steps: [
        each(
          {
            title: 'from 10 to 30, while one is held',
            steps: [get(1, '/hundred'), sent(10, 1), initial(30), sent(30, 1), credit(1, 5), sent(35, 1)],
          },
          {
            title: 'from 10 to 0, while one is held, and then credit',
            steps: [
              get(1, '/hundred'),
              sent(10, 1),
              initial(0),
              sent(10, 1),
              credit(1, 10),
              sent(10, 1),
              credit(1, 3),
              sent(13, 1),
            ],
          },
          {
            title: 'from 10 to 0, and credit that leads from below zero to above it',
            steps: [get(1, '/hundred'), sent(10, 1), initial(0), credit(1, 15), sent(15, 1)],
          },
          {
            title: 'from 10 to 4 and on to 50',
            steps: [get(1, '/hundred'), sent(10, 1), initial(4), sent(10, 1), initial(50), sent(50, 1)],
          },
          {
            title: 'those that are opened later have the new one',
            steps: [initial(20), get(1, '/hundred'), sent(20, 1), initial(3), get(3, '/hundred'), sent(3, 3)],
          },
          {
            title: 'from 10 to 100,000: the connection has what it had',
            steps: [get(1, '/long'), sent(10, 1), initial(100_000), sent(65_535, 1)],
          },
          {
            title: 'two changes in one frame: the last one holds',
            steps: [
              get(1, '/hundred'),
              sent(10, 1),
              send(
                'SETTINGS with INITIAL_WINDOW_SIZE 25, then 80',
                settings([
                  [4, 25],
                  [4, 80],
                ]),
              ),
              sent(80, 1),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX7-5',
      title: 'credit of nothing, and more than a window can hold',
      judge: 'raw',
      spec: rfc(9113, '6.9.1'),
      idea: 'A window has 31 bits. Credit that makes no sense costs what it was given to: its stream, or the connection.',
      scene,
      limits,
      steps: [
        each(
          {
            title: 'an increment of 0 on a stream',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(1, 0),
              { do: 'expectReset', stream: 1, code: 'PROTOCOL_ERROR' },
              ...goesOn(3),
            ],
          },
          {
            title: 'an increment of 0 for the connection',
            steps: [get(1, '/late'), begun('GET /late'), credit(0, 0), ...goaway('PROTOCOL_ERROR')],
          },
          {
            title: 'one more than a stream’s window can hold',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(1, LARGEST - 2 ** 30 + 1),
              { do: 'expectReset', stream: 1, code: 'FLOW_CONTROL_ERROR' },
              ...goesOn(3),
            ],
          },
          {
            title: 'one more than the connection’s can hold',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(0, LARGEST - 2 ** 30 + 1),
              ...goaway('FLOW_CONTROL_ERROR'),
            ],
          },
          {
            title: 'exactly as much as they can hold',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(1, LARGEST - 2 ** 30),
              credit(0, LARGEST - 2 ** 30),
              { do: 'release', name: '/late' },
              reply(1, 'GET /late', letters('l', 100)),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
          {
            title: 'SETTINGS that make a stream’s window too large',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              credit(1, 2 ** 29),
              initial(LARGEST),
              ...goaway('FLOW_CONTROL_ERROR'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX7-6',
      title: '1,000 bytes on 1,000 credits of one byte',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'Credit may come in any size and at any moment: between two frames, while nobody waits, or in the very moment that somebody begins to.',
      scene: startingWith(0),
      limits,
      steps: [
        each(
          {
            title: 'all of them at once',
            steps: [
              get(1, '/thousand'),
              sent(0, 1),
              send('1,000 WINDOW_UPDATEs of 1', { repeat: windowUpdate(1, 1), times: 1000 }),
              reply(1, 'GET /thousand', letters('t', 1000)),
            ],
          },
          {
            title: 'before the reply is there',
            steps: [
              get(1, '/late'),
              begun('GET /late'),
              send('100 WINDOW_UPDATEs of 1', { repeat: windowUpdate(1, 1), times: 100 }),
              { do: 'release', name: '/late' },
              reply(1, 'GET /late', letters('l', 100)),
            ],
          },
          {
            title: 'one after another',
            steps: [
              get(1, '/hundred'),
              ...Array.from({ length: 30 }, (_, i) => [credit(1, 1), sent(i + 1, 1)]).flat(),
              credit(1, 70),
              reply(1, 'GET /hundred', letters('h', 100)),
            ],
          },
          {
            title: 'for three streams in turn',
            steps: [
              get(1, '/hundred'),
              get(3, '/hundred'),
              get(5, '/hundred'),
              send('100 WINDOW_UPDATEs of 1 for each', {
                repeat: [windowUpdate(1, 1), windowUpdate(3, 1), windowUpdate(5, 1)],
                times: 100,
              }),
              reply(1, 'GET /hundred', letters('h', 100)),
              reply(3, 'GET /hundred', letters('h', 100)),
              reply(5, 'GET /hundred', letters('h', 100)),
            ],
          },
        ),
        {
          do: 'everyCut',
          what: 'a WINDOW_UPDATE of 100',
          first: [get(1, '/hundred')],
          bytes: windowUpdate(1, 100),
          eachTime: [reply(1, 'GET /hundred', letters('h', 100))],
        },
      ],
    },
    {
      id: 'MX7-C',
      title: 'Chromium reads 4 MB, and small ones beside them',
      judge: 'smoke',
      spec: rfc(9113, '6.9'),
      idea: 'Chromium gives 6 MB to a stream and 15 MB to a connection, far more than 65,535. Nothing is lost, and nobody stands still.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX7</title><p>Never more</p></html>',
            },
          },
          { on: 'GET /large', reply: pieces('z', 80, LARGE / 80) },
          { on: 'GET /small/*', reply: { body: { starred: 'number *' } } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Never more' } },
        {
          do: 'fetchTogether',
          fetches: [
            { method: 'GET', path: '/large', expect: { status: 200, body: letters('z', LARGE) } },
            ...SMALL.map((path) => ({
              method: 'GET',
              path,
              expect: { status: 200, body: `number ${path.slice('/small/'.length)}` },
            })),
          ],
        },
        { do: 'expectConnections', paths: ['/', '/large', ...SMALL], count: 1 },
      ],
    },
  ],
});

export default exercise;

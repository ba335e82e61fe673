import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { headers, settings } from '@interleave/judge/http2';

type Case = { title: string; steps: readonly Step[] };

const KB = 1024;

const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
/** With a `priority` field, where one is said. */
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
const begun = (request: string): Step => ({ do: 'expectBegun', request });
const stop = (after?: number): Step => ({ do: 'stopReading', ...(after === undefined ? {} : { after }) });
const readOn: Step = { do: 'readOn' };
const readSlowly: Step = { do: 'readOn', each: 8 * KB };
/** Side by side, each on a connection of its own. */
const each = (...cases: Case[]): Step => ({ do: 'each', cases });

const KB64 = 64 * KB;
/** A few frames: a server that waits for each of its writes needs one more than one that does not. */
const SOON = 96 * KB;
/** A body of so many equal pieces; each is there as soon as it is asked for. */
const inPieces = (letter: string, count: number, size: number): HandlerRule['reply'] => ({
  body: { pieces: Array.from({ length: count }, () => ({ bytes: { repeat: letter, times: size } })) },
});

const handler: readonly HandlerRule[] = [
  { on: 'GET /long', reply: inPieces('l', 2, 192 * KB) },
  { on: 'GET /small', reply: inPieces('s', 1, 2000) },
  { on: 'GET /fine', reply: inPieces('f', 30, KB) },
  { on: 'GET /middle', reply: inPieces('m', 30, 16 * KB) },
  { on: 'GET /coarse', reply: inPieces('c', 1, 480 * KB) },
  { on: 'GET /one', reply: inPieces('1', 10, 10_000) },
  { on: 'GET /two', reply: inPieces('2', 10, 10_000) },
  { on: 'GET /three', reply: inPieces('3', 10, 10_000) },
  { on: 'GET /paused', reply: { body: { pieces: [{ bytes: 'now, ' }, { until: '/paused', bytes: 'and later' }] } } },
  { on: 'GET /waits', until: '/waits', reply: { body: 'at last' } },
];

const scene = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [], handler } as const;
const limits = { written: 4 * KB * KB };

/** The client takes nothing until all three are asked for. */
const order = (title: string, priorities: readonly (string | undefined)[], streams: readonly number[]): Case => ({
  title,
  steps: [
    stop(),
    get(1, '/one', priorities[0]),
    get(3, '/two', priorities[1]),
    get(5, '/three', priorities[2]),
    begun('GET /three'),
    readOn,
    { do: 'expectEndOrder', streams, because: 'is more urgent' },
  ],
});

/** Many small pieces, so that a turn is taken often and the whole is soon there. The stylesheet has twice as many as an image. */
const blanks = (count: number): { bytes: Bytes }[] =>
  Array.from({ length: count }, () => ({ bytes: { repeat: ' ', times: 500 } }));
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="#2a6f97"/>';

const exercise: Exercise = defineExercise({
  id: 'MX6',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/6-whose-turn',
  title: 'Whose turn',
  idea: 'One connection means that somebody chooses the next frame. Choose late, fairly, and the urgent first.',
  minutes: 30,
  picture: 'bands',
  buildsOn: ['KA1', 'MX1', 'MX5'],
  contract: `export function serve(
  connection: Connection,
  handler: Handler,
  given: Pick<Given, 'hpack'>,
  options?: { signal?: AbortSignal; maxStreams?: number },
): Promise<void>; // the request’s field priority says whose DATA is next; http2/sender.ts is a place for that, if you like`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/sender.ts', start: 'start/http2/sender.ts', exports: [] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: ['MX6-1', 'MX6-2', 'MX6-3', 'MX6-C'],
  carry: { from: 'workshops/3-demultiplexing/5-the-life-of-a-stream/solution', fails: ['MX6-3', 'MX6-C'] },
  checks: [
    {
      id: 'MX6-1',
      title: 'a small reply does not wait for a long one',
      judge: 'raw',
      spec: { ...rfc(9218, '10'), text: 'contract' },
      idea: 'A reply that is chosen first is not chosen for good. Whoever comes later gets a turn among the next frames.',
      scene,
      limits,
      steps: [
        stop(50_000),
        get(1, '/long', 'i'),
        begun('GET /long'),
        get(3, '/small', 'i'),
        begun('GET /small'),
        readSlowly,
        { do: 'expectSoon', stream: 3, within: SOON },
        reply(3, 'GET /small', { repeat: 's', times: 2000 }),
        reply(1, 'GET /long', { repeat: 'l', times: 384 * KB }),
      ],
    },
    {
      id: 'MX6-2',
      title: 'equals share, whatever the size of their pieces',
      judge: 'raw',
      spec: rfc(9218, '10'),
      idea: 'How a handler cuts its body is its own business. A turn is a number of bytes, not a piece.',
      scene,
      limits,
      steps: [
        stop(),
        get(1, '/fine', 'u=3, i'),
        get(3, '/middle', 'i, u=3'),
        get(5, '/coarse', 'u=3,i'),
        begun('GET /coarse'),
        readOn,
        { do: 'expectApart', streams: [1, 3, 5], atMost: KB64 },
        reply(1, 'GET /fine', { repeat: 'f', times: 30 * KB }),
        reply(3, 'GET /middle', { repeat: 'm', times: 480 * KB }),
        reply(5, 'GET /coarse', { repeat: 'c', times: 480 * KB }),
      ],
    },
    {
      id: 'MX6-3',
      title: 'the urgent first, and 3 where nothing is said',
      judge: 'raw',
      spec: rfc(9218, '4.1'),
      idea: 'The client knows what it needs first. 0 is the most urgent, 7 the least, and most requests say nothing.',
      scene,
      limits,
      steps: [
        each(
          order('u=5, nothing, u=1', ['u=5', undefined, 'u=1'], [5, 3, 1]),
          order('u=4, nothing, u=2', ['u=4', undefined, 'u=2'], [5, 3, 1]),
          order('u=6, i; only i; u=0, i', ['u=6, i', 'i', 'u=0, i'], [5, 3, 1]),
          order('with parameters that nobody knows', ['x=1, u=7', 'z="u=0", u=4;y', 'i, u=1'], [5, 3, 1]),
          {
            title: 'one that is urgent turns up late',
            steps: [
              stop(50_000),
              get(1, '/long', 'u=5'),
              begun('GET /long'),
              get(3, '/small', 'u=1'),
              begun('GET /small'),
              readSlowly,
              { do: 'expectSoon', stream: 3, within: SOON },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX6-4',
      title: 'no frame is larger than the client takes',
      judge: 'raw',
      spec: rfc(9113, '4.2'),
      idea: 'A large frame is a long turn. The client has said how long one may be, and 16,384 is always right.',
      scene,
      limits,
      steps: [
        each(
          {
            title: 'a piece of 491,520 bytes',
            steps: [get(1, '/coarse'), reply(1, 'GET /coarse', { repeat: 'c', times: 480 * KB })],
          },
          {
            title: 'the same, and the client takes 20,000',
            steps: [
              send('SETTINGS with MAX_FRAME_SIZE 20,000', settings({ MAX_FRAME_SIZE: 20_000 })),
              get(1, '/one'),
              reply(1, 'GET /one', { repeat: '1', times: 100_000 }),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX6-5',
      title: 'what cannot leave is not made',
      judge: 'raw',
      spec: { ...rfc(9218, '10'), text: 'contract' },
      idea: 'Memory that is full of frames has chosen already. A body that waits in its handler can still be overtaken.',
      scene,
      limits,
      steps: [
        stop(),
        get(1, '/one', 'i'),
        get(3, '/middle', 'i'),
        get(5, '/fine', 'i'),
        begun('GET /fine'),
        { do: 'expectPulled', atMost: 3 },
        readOn,
        reply(5, 'GET /fine', { repeat: 'f', times: 30 * KB }),
        reply(3, 'GET /middle', { repeat: 'm', times: 480 * KB }),
      ],
    },
    {
      id: 'MX6-6',
      title: 'a body that has nothing ready holds nobody',
      judge: 'raw',
      spec: { ...rfc(9218, '10'), text: 'contract' },
      idea: 'Urgent and not there yet is not urgent. When nobody has anything, the connection rests.',
      scene,
      limits,
      steps: [
        each(
          {
            title: 'an urgent one pauses, another one is ready',
            steps: [
              get(1, '/paused', 'u=0'),
              { do: 'expectStreamPart', stream: 1, body: 'now, ' },
              get(3, '/one', 'u=5'),
              reply(3, 'GET /one', { repeat: '1', times: 100_000 }),
              { do: 'release', name: '/paused' },
              reply(1, 'GET /paused', 'now, and later'),
            ],
          },
          {
            title: 'one of three equals pauses',
            steps: [
              stop(),
              get(1, '/paused', 'i'),
              get(3, '/two', 'i'),
              get(5, '/three', 'i'),
              begun('GET /three'),
              readOn,
              reply(3, 'GET /two', { repeat: '2', times: 100_000 }),
              reply(5, 'GET /three', { repeat: '3', times: 100_000 }),
              { do: 'expectStreamPart', stream: 1, body: 'now, ' },
            ],
          },
          {
            title: 'nobody has anything, for a while',
            steps: [
              get(1, '/paused'),
              get(3, '/waits'),
              { do: 'expectStreamPart', stream: 1, body: 'now, ' },
              { do: 'expectQuiet' },
              { do: 'release', name: '/waits' },
              reply(3, 'GET /waits', 'at last'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX6-C',
      title: 'the stylesheet overtakes 40 images',
      judge: 'chromium',
      spec: rfc(9218, '10'),
      idea: 'A page without style is of no use, an image that comes later is. Chromium says so in each request.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX6</title><p>Whose turn</p></html>',
            },
          },
          {
            on: 'GET /image/*',
            reply: {
              fields: [['content-type', 'image/svg+xml']],
              body: {
                pieces: [
                  { bytes: [SVG, { repeat: ' ', times: 900 }] },
                  { until: 'rest', bytes: ' ' },
                  ...blanks(8),
                  { bytes: '</svg>' },
                ],
              },
            },
          },
          {
            on: 'GET /style.css',
            until: 'rest',
            reply: { fields: [['content-type', 'text/css']], body: { pieces: blanks(20) } },
          },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Whose turn' } },
        { do: 'expectUrgentFirst', images: 40, stylesheet: '/style.css', release: 'rest', before: 30 },
        { do: 'expectConnections', paths: ['/', '/style.css', '/image/1', '/image/40'], count: 1 },
      ],
    },
  ],
});

export default exercise;

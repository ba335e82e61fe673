import {
  type Bytes,
  type ClientStep,
  defineExercise,
  type Exercise,
  type Http2Step,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import {
  data,
  goaway,
  headers,
  ping,
  recall,
  remember,
  reset,
  response,
  sends,
  settings,
  windowUpdate,
} from '@interleave/judge/http2';

type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;
type Asked = Omit<Extract<Http2Step, { do: 'expectAsked' }>, 'do' | 'request' | 'stream'>;
type Case = { readonly title: string; readonly steps: readonly Step[] };

const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
/** All of them in one turn, before anything has come of the first. */
const askAll = (...requests: readonly string[]): Step[] =>
  requests.map((request, i) => ask(request, { atOnce: i < requests.length - 1 }));
const asked = (request: string, stream: number, more: Asked = {}): Step => ({
  do: 'expectAsked',
  request,
  stream,
  ...more,
});
const unsent = (...requests: readonly string[]): Step => ({ do: 'expectUnsent', requests });
const got = (request: string, body: Bytes, status = 200): Step => ({ do: 'expectAnswer', request, status, body });
const head = (request: string): Step => ({ do: 'expectAnswer', request, status: 200 });
const pending = (request: string): Step => ({ do: 'expectPending', request });
const rejects = (request: string): Step => ({ do: 'expectRejects', request });
const broken = (request: string, body: Bytes): Step => ({ do: 'expectBroken', request, body });
const cancel = (request: string): Step => ({ do: 'cancelAnswer', request });
const each = (...cases: readonly Case[]): Step => ({ do: 'each', cases });
/** A whole reply: its head and one DATA frame. */
const reply = (stream: number, body: string): Bytes => [response(stream, 200), data(stream, body, { end: true })];

const ABC = ['GET /a', 'GET /b', 'GET /c'] as const;
const three: readonly Step[] = [...askAll(...ABC), ...ABC.map((request, i) => asked(request, 2 * i + 1))];
const [A, B, C] = ABC;
/** One more exchange, as a sign that the connection is well. */
const goesOn = (stream: number): readonly Step[] => [
  ask('GET /on'),
  asked('GET /on', stream),
  sends(reply(stream, 'it goes on')),
  got('GET /on', 'it goes on'),
];

const scene = { kind: 'http2-client', file: 'http2/client.ts', export: 'connect' } as const;
const withLimit = (n: number): typeof scene & { peer: { settings: { MAX_CONCURRENT_STREAMS: number } } } => ({
  ...scene,
  peer: { settings: { MAX_CONCURRENT_STREAMS: n } },
});
/** Both windows as they are when nobody says anything. */
const usual = { ...scene, peer: { settings: { INITIAL_WINDOW_SIZE: 65_535 }, connectionWindow: 65_535 } };

/** Of a body that nobody reads, so much may come. */
const UNREAD = 256 * 1024;
const LONG = 300_000;
const ticket = { repeat: 'ticket ', times: 14_286 } as const;

/** Twelve requests of a page, and what comes back. */
const TWELVE = Array.from({ length: 12 }, (_, i) => (i % 5 === 3 ? `POST /${i + 1}` : `GET /${i + 1}`));
const textOf = (request: string): string => `${request}: ☕ `.repeat(request.length * 40);

const exercise: Exercise = defineExercise({
  id: 'MX9',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/9-match-by-id',
  title: 'The client: match by id',
  idea: 'A reply says on which stream it comes, and with that whose it is. It may come whenever it likes.',
  minutes: 25,
  buildsOn: ['KA1', 'MX1', 'MX8'],
  contract: `export function connect(
  connection: Connection,
  given: Pick<Given, 'hpack'>,
): Promise<(request: Outgoing) => Promise<Response>>;`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/sender.ts', start: null, exports: [] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
    { path: 'http2/client.ts', start: 'start/http2/client.ts', exports: ['connect'] },
  ],
  startFails: ['MX9-2', 'MX9-3', 'MX9-4', 'MX9-5', 'MX9-6', 'MX9-7', 'MX9-C'],
  checks: [
    {
      id: 'MX9-1',
      title: 'preface, SETTINGS, then ids 1, 3 and 5 without waiting',
      judge: 'raw',
      spec: rfc(9113, '5.1.1'),
      idea: 'Whoever opens a stream gives it its id. Odd ones are the client’s, each is used once, and nobody has to be asked.',
      scene,
      steps: [
        each(
          {
            title: 'asked in one turn',
            steps: [
              ...three,
              { do: 'expectFirstFrame', frame: { type: 'SETTINGS', stream: 0, ack: false } },
              { do: 'expectFrame', frame: { type: 'SETTINGS', ack: true }, times: 1 },
            ],
          },
          {
            title: 'asked one after another, while the first is under way',
            steps: [
              ask(A),
              asked(A, 1),
              ask('POST /note', { fields: [['x-note', 'kept']], body: 'a note' }),
              asked('POST /note', 3, { fields: [['x-note', 'kept']], body: 'a note' }),
              ask('HEAD /c'),
              asked('HEAD /c', 5, {
                fields: [
                  [':scheme', 'http'],
                  [':authority', 'workshop'],
                ],
              }),
              sends(reply(1, 'first')),
              got(A, 'first'),
              ask('GET /d'),
              asked('GET /d', 7),
            ],
          },
          {
            title: 'the connection’s own conversation goes on',
            steps: [
              ask(A),
              asked(A, 1),
              sends(ping('12345678'), settings({ MAX_FRAME_SIZE: 32_768 }), ping('not mine', { ack: true })),
              { do: 'expectFrame', frame: { type: 'PING', ack: true, bytes: '12345678' }, times: 1 },
              { do: 'expectFrame', frame: { type: 'SETTINGS', ack: true }, times: 2 },
              sends(reply(1, 'first')),
              got(A, 'first'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-2',
      title: 'replies mixed and in any order: each promise gets its own',
      judge: 'raw',
      spec: rfc(9113, '5'),
      idea: 'Frames of several replies share the connection. The id in each frame, and nothing else, says whose it is.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'three replies, mixed',
          first: three,
          deliveries: ['whole', 'bytes'],
          bytes: [
            response(5, 200),
            data(5, 'th'),
            response(1, 103, { fields: [['link', '</a>']] }),
            response(3, 200, { fields: [['x-for', 'the second']], cuts: [4] }),
            data(3, 'second'),
            response(1, 200, { pad: 3, priority: true }),
            data(5, 'ird', { pad: 2 }),
            data(1, 'first', { end: true }),
            data(5, '', { end: true }),
            headers(3, [['x-sum', '6']], { end: true }),
          ],
          eachTime: [got(A, 'first'), got(B, 'second'), got(C, 'third')],
        },
        each(
          {
            title: 'the last one first',
            steps: [
              ...three,
              sends(reply(5, 'third')),
              got(C, 'third'),
              pending(A),
              pending(B),
              sends(reply(1, 'first')),
              got(A, 'first'),
              pending(B),
              sends(reply(3, 'second')),
              got(B, 'second'),
            ],
          },
          {
            title: 'one that says half, and ends later',
            steps: [
              ...three,
              sends(response(1, 200), data(1, 'half of ')),
              { do: 'readAnswer', request: A, atLeast: 8 },
              sends(reply(3, 'second'), reply(5, 'third')),
              got(B, 'second'),
              got(C, 'third'),
              sends(data(1, 'the first', { end: true })),
              got(A, 'half of the first'),
            ],
          },
          {
            title: 'interim replies, and replies without a body',
            steps: [
              ...askAll('HEAD /a', 'GET /b', 'GET /c', 'GET /d'),
              asked('GET /d', 7),
              sends(
                response(3, 100),
                response(1, 200, { fields: [['content-length', '38']], end: true }),
                response(3, 204, { end: true }),
                response(7, 304, { end: true }),
                response(5, 200, { end: true }),
              ),
              got('HEAD /a', ''),
              got('GET /b', '', 204),
              got('GET /c', ''),
              got('GET /d', '', 304),
            ],
          },
          {
            title: 'blocks that remember one another',
            steps: [
              ...three,
              sends(response(3, 200, { fields: [remember('x-side', 'kept in the table')] }), data(3, 'second')),
              sends(response(1, 200, { fields: [recall(62)] }), data(1, 'first', { end: true })),
              {
                do: 'expectAnswer',
                request: A,
                status: 200,
                fields: [['x-side', 'kept in the table']],
                body: 'first',
              },
              sends(data(3, '', { end: true })),
              got(B, 'second'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-3',
      title: 'an unread body holds only itself',
      judge: 'raw',
      spec: rfc(9113, '5.2'),
      idea: 'Here a reply that nobody reads has a window of its own. What has come of it must not fill the connection for the others.',
      scene,
      steps: [
        each(
          {
            title: 'the first is not read, the second is',
            steps: [
              ...askAll(A, B),
              asked(B, 3),
              sends(response(1, 200)),
              head(A),
              { do: 'fillWindow', stream: 1, atMost: UNREAD },
              sends(response(3, 200)),
              { do: 'readAnswer', request: B, atLeast: LONG, atOnce: true },
              { do: 'uploadData', stream: 3, size: LONG },
              got(B, { repeat: 'u', times: LONG }),
              { do: 'readAnswer', request: A, atLeast: 100_000, atOnce: true },
              { do: 'uploadData', stream: 1, size: 100_000 },
              { do: 'readAnswer', request: A, atLeast: 100_000 },
            ],
          },
          {
            title: 'padding is given back too',
            steps: [
              ask(A),
              asked(A, 1),
              sends(response(1, 200)),
              { do: 'readAnswer', request: A, atLeast: 40_000, atOnce: true },
              { do: 'uploadData', stream: 1, size: 40_000, each: 400, pad: 255 },
              got(A, { repeat: 'u', times: 40_000 }),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-4',
      title: 'no more streams than the server takes; the rest wait',
      judge: 'raw',
      spec: rfc(9113, '5.1.2'),
      idea: 'The server says how many may be open at the same time. What would be one more waits until one is over.',
      scene: withLimit(2),
      steps: [
        each(
          {
            title: 'two of five at a time',
            steps: [
              ...askAll(A, B, C, 'GET /d', 'GET /e'),
              asked(A, 1),
              asked(B, 3),
              unsent(C, 'GET /d', 'GET /e'),
              sends(response(1, 200), data(1, 'half a reply')),
              head(A),
              unsent(C, 'GET /d', 'GET /e'),
              sends(reply(3, 'second')),
              got(B, 'second'),
              asked(C, 5),
              unsent('GET /d', 'GET /e'),
              sends(reset(5, 'INTERNAL_ERROR')),
              rejects(C),
              asked('GET /d', 7),
              unsent('GET /e'),
              cancel(A),
              asked('GET /e', 9),
              sends(reply(9, 'fifth'), response(7, 204, { end: true })),
              got('GET /d', '', 204),
              got('GET /e', 'fifth'),
            ],
          },
          {
            title: 'the server makes room for more',
            steps: [
              ...askAll(A, B, C, 'GET /d', 'GET /e'),
              unsent(C, 'GET /d', 'GET /e'),
              sends(settings({ MAX_CONCURRENT_STREAMS: 4 })),
              asked(C, 5),
              asked('GET /d', 7),
              unsent('GET /e'),
            ],
          },
          {
            title: 'the server makes room for fewer',
            steps: [
              ...askAll(A, B),
              asked(B, 3),
              sends(settings({ MAX_CONCURRENT_STREAMS: 1 })),
              ask(C),
              sends(reply(1, 'first')),
              got(A, 'first'),
              unsent(C),
              sends(reply(3, 'second')),
              got(B, 'second'),
              asked(C, 5),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-5',
      title: 'what was not handled, what goes on, and what has failed',
      judge: 'raw',
      spec: rfc(9113, '8.7'),
      idea: 'REFUSED_STREAM and the last id of a GOAWAY are promises: nothing was done above that line. Below it, work goes on.',
      scene,
      steps: [
        each(
          {
            title: 'REFUSED_STREAM on the second of three',
            steps: [
              ...three,
              sends(reset(3, 'REFUSED_STREAM')),
              { do: 'expectRetryOrReject', request: B },
              sends(reply(1, 'first'), reply(5, 'third')),
              got(A, 'first'),
              got(C, 'third'),
            ],
          },
          {
            title: 'GOAWAY, last stream 3',
            steps: [
              ...three,
              sends(response(1, 200), data(1, 'half of '), goaway(3)),
              rejects(C),
              pending(B),
              ask('GET /late'),
              rejects('GET /late'),
              unsent('GET /late'),
              sends(data(1, 'the first', { end: true }), reply(3, 'second')),
              got(A, 'half of the first'),
              got(B, 'second'),
            ],
          },
          {
            title: 'GOAWAY in two steps: 2^31−1, then 1',
            steps: [
              ...askAll(A, B),
              asked(B, 3),
              sends(goaway(2 ** 31 - 1)),
              pending(A),
              pending(B),
              ask('GET /late'),
              rejects('GET /late'),
              unsent('GET /late'),
              sends(goaway(1)),
              rejects(B),
              sends(reply(1, 'first')),
              got(A, 'first'),
            ],
          },
          {
            title: 'RST_STREAM with INTERNAL_ERROR, before the reply and inside another',
            steps: [
              ...three,
              sends(response(3, 200), data(3, 'half of')),
              head(B),
              sends(reset(1, 'INTERNAL_ERROR'), reset(3, 'INTERNAL_ERROR')),
              rejects(A),
              broken(B, 'half of the second'),
              sends(reply(5, 'third')),
              got(C, 'third'),
              ...goesOn(7),
            ],
          },
          {
            title: 'the connection ends',
            steps: [
              ...three,
              sends(reply(5, 'third'), response(3, 200), data(3, 'half of')),
              head(B),
              { do: 'endInput' },
              rejects(A),
              broken(B, 'half of the second'),
              got(C, 'third'),
              ask('GET /late'),
              rejects('GET /late'),
            ],
          },
          {
            title: 'the connection breaks off',
            steps: [
              ...three,
              sends(response(3, 200), data(3, 'half of')),
              head(B),
              { do: 'reset' },
              rejects(A),
              broken(B, 'half of the second'),
              rejects(C),
            ],
          },
          {
            title: 'REFUSED_STREAM, and then GOAWAY',
            steps: [
              ...askAll(A, B),
              asked(B, 3),
              sends(reset(3, 'REFUSED_STREAM'), goaway(1)),
              rejects(B),
              sends(reply(1, 'first')),
              got(A, 'first'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-6',
      title: 'a body that is given up: RST_STREAM with CANCEL',
      judge: 'raw',
      spec: rfc(9113, '6.4'),
      idea: 'On HTTP/1.1 giving up a reply cost the connection. Here it costs one frame, and the others go on.',
      scene,
      steps: [
        each(
          {
            title: 'in the middle of the body',
            steps: [
              ...three,
              sends(response(3, 200), data(3, 'half of')),
              head(B),
              cancel(B),
              { do: 'expectReset', stream: 3, code: 'CANCEL' },
              sends(
                data(3, ' the second'),
                windowUpdate(3, 10),
                headers(3, [remember('x-sum', 'kept in the table')], { end: true }),
              ),
              sends(response(1, 200, { fields: [recall(62)] }), data(1, 'first', { end: true })),
              {
                do: 'expectAnswer',
                request: A,
                status: 200,
                fields: [['x-sum', 'kept in the table']],
                body: 'first',
              },
              sends(reply(5, 'third')),
              got(C, 'third'),
              ...goesOn(7),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
          {
            title: 'what comes behind it does not fill the connection',
            steps: [
              ...askAll('GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5', 'GET /6', 'GET /on'),
              asked('GET /on', 13),
              ...[1, 3, 5, 7, 9, 11].flatMap((stream, i): Step[] => [
                sends(response(stream, 200)),
                head(`GET /${i + 1}`),
                cancel(`GET /${i + 1}`),
                { do: 'expectReset', stream, code: 'CANCEL' },
                { do: 'fillWindow', stream, atMost: UNREAD },
              ]),
              sends(response(13, 200)),
              { do: 'readAnswer', request: 'GET /on', atLeast: 100_000, atOnce: true },
              { do: 'uploadData', stream: 13, size: 100_000 },
              got('GET /on', { repeat: 'u', times: 100_000 }),
            ],
          },
          {
            title: 'when all of it has come',
            steps: [
              ...askAll(A, B),
              asked(B, 3),
              sends(reply(1, 'first')),
              head(A),
              cancel(A),
              sends(reply(3, 'second')),
              got(B, 'second'),
              { do: 'expectNoFrame', frame: { type: 'RST_STREAM' } },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-7',
      title: 'a body that you send keeps to both windows',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'The purses are the same in both directions. What waits for credit holds nobody else.',
      scene: usual,
      steps: [
        each(
          {
            title: 'POST of 100,002 bytes, with credit in two steps',
            steps: [
              ask('POST /a', { body: ticket }),
              { do: 'expectDataSent', stream: 1, bytes: 65_535 },
              ask(B),
              asked(B, 3),
              sends(reply(3, 'second')),
              got(B, 'second'),
              sends(windowUpdate(0, 100_000), windowUpdate(1, 20_000)),
              { do: 'expectDataSent', stream: 1, bytes: 85_535 },
              sends(settings({ INITIAL_WINDOW_SIZE: 165_535 })),
              asked('POST /a', 1, { body: ticket }),
              sends(reply(1, 'done')),
              got('POST /a', 'done'),
            ],
          },
          {
            title: 'two bodies, one connection',
            steps: [
              ask('POST /a', { body: { repeat: 'a', times: 60_000 }, atOnce: true }),
              ask('POST /b', { body: { repeat: 'b', times: 60_000 } }),
              { do: 'expectDataSent', bytes: 65_535 },
              sends(windowUpdate(0, 60_000)),
              asked('POST /a', 1, { body: { repeat: 'a', times: 60_000 } }),
              asked('POST /b', 3, { body: { repeat: 'b', times: 60_000 } }),
            ],
          },
          {
            title: 'the reply is whole before the request is',
            steps: [
              ask('POST /a', { body: ticket }),
              { do: 'expectDataSent', stream: 1, bytes: 65_535 },
              sends(reply(1, 'enough'), reset(1, 'NO_ERROR')),
              got('POST /a', 'enough'),
              sends(windowUpdate(0, 100_000)),
              ...goesOn(3),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX9-C',
      title: 'the same file in a page, over one WebSocket, against your own server',
      judge: 'chromium',
      spec: { text: 'contract', url: '' },
      idea: 'Both ends are yours now. Between them there are bytes, and ids that both of them keep to.',
      scene: {
        ...scene,
        behind: { file: 'http2/server.ts', export: 'serve' },
        handler: [
          ...TWELVE.map((request, i) => ({
            on: request,
            // The later a request was asked, the sooner its handler answers.
            after: 5 * (TWELVE.length - i),
            reply: { body: request.startsWith('POST') ? ({ echo: true } as const) : textOf(request) },
          })),
        ],
      },
      steps: [
        {
          do: 'askInPage',
          requests: TWELVE.map((request) => ({
            request,
            ...(request.startsWith('POST') ? { body: textOf(request) } : {}),
            expect: { body: textOf(request) },
          })),
        },
        { do: 'expectSockets', count: 1 },
      ],
    },
  ],
});

export default exercise;

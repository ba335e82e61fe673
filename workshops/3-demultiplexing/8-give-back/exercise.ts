import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { data, headers, reset } from '@interleave/judge/http2';

type Case = { title: string; steps: readonly Step[] };

const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
const post = (stream: number, path: string): Step =>
  send(`POST ${path} on stream ${stream}, without its body`, headers(stream, `POST ${path}`));
const begun = (request: string): Step => ({ do: 'expectBegun', request });
const each = (...cases: Case[]): Step => ({ do: 'each', cases });
const reply = (stream: number, path: string, body: Bytes): Step => ({
  do: 'expectStreamReply',
  stream,
  to: `POST ${path}`,
  status: 200,
  body,
});
const letters = (letter: string, times: number): Bytes => ({ repeat: letter, times });
/** A whole upload that gets through, and its reply. */
const upload = (stream: number, size: number): readonly Step[] => [
  post(stream, '/note'),
  { do: 'uploadData', stream, size },
  reply(stream, '/note', 'thank you'),
];

const MB = 1024 * 1024;

const handler: readonly HandlerRule[] = [
  { on: 'POST /note', reply: { body: 'thank you' } },
  { on: 'POST /kept/*', read: 'nothing', until: '/kept', reply: { body: 'later' } },
  { on: 'POST /unread', read: 'nothing', reply: { body: 'no need' } },
  { on: 'POST /echo', reply: { body: { echo: 'as it comes' } } },
  // Reads so much, and then waits with the rest of it in its hands.
  { on: 'POST /slow', read: 2_200_000, until: '/slow', reply: { body: 'some of it' } },
];

const scene = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [], handler } as const;

const exercise: Exercise = defineExercise({
  id: 'MX8',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/8-give-back',
  title: 'Give back what was read',
  idea: 'Credit is the receiver’s brake. Give it back when the handler has read, and not when bytes arrive.',
  minutes: 20,
  picture: 'credit',
  buildsOn: ['KA1', 'MX1', 'MX7'],
  contract: `export function serve(
  connection: Connection,
  handler: Handler,
  given: Pick<Given, 'hpack'>,
  options?: { signal?: AbortSignal; maxStreams?: number },
): Promise<void>; // writes WINDOW_UPDATE for what was read, and for what nobody will read`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/sender.ts', start: null, exports: [] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  carry: {
    from: 'workshops/3-demultiplexing/7-never-more-than-given/solution',
    fails: ['MX8-1', 'MX8-2', 'MX8-3', 'MX8-4', 'MX8-5', 'MX8-C'],
  },
  checks: [
    {
      id: 'MX8-1',
      title: 'an upload gets through, whatever its size and its padding',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'A window of 65,535 bytes is used up soon. Every byte that came was paid for twice, so it has to be given back twice, padding too.',
      scene,
      steps: [
        each(
          { title: '1 MB', steps: upload(1, MB) },
          {
            title: '150,000 bytes, with 256 bytes of padding in each frame of 500',
            steps: [
              post(1, '/note'),
              { do: 'uploadData', stream: 1, size: 150_000, each: 500, pad: 255 },
              reply(1, '/note', 'thank you'),
            ],
          },
          {
            title: 'ten uploads of 20,000 bytes, one after another',
            steps: Array.from({ length: 10 }, (_, i) => upload(2 * i + 1, 20_000)).flat(),
          },
          {
            title: 'two at the same time, the first one longer',
            steps: [
              post(1, '/note'),
              post(3, '/note'),
              { do: 'uploadData', stream: 3, size: 20_000, end: false },
              { do: 'uploadData', stream: 1, size: 150_000 },
              { do: 'uploadData', stream: 3, size: 100_000 },
              reply(1, '/note', 'thank you'),
              reply(3, '/note', 'thank you'),
            ],
          },
          {
            title: 'one whose reply begins before the body has come',
            steps: [
              post(1, '/echo'),
              { do: 'uploadData', stream: 1, size: 200_000 },
              reply(1, '/echo', letters('u', 200_000)),
            ],
          },
          {
            title: 'nothing but padding, 400 times',
            steps: [
              post(1, '/note'),
              ...Array.from({ length: 4 }, () =>
                send('100 DATA frames that are padding alone', { repeat: data(1, '', { pad: 150 }), times: 100 }),
              ),
              { do: 'uploadData', stream: 1, size: 60_000 },
              reply(1, '/note', 'thank you'),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX8-2',
      title: 'who does not read is not sent more, and stops nobody else',
      judge: 'raw',
      spec: rfc(9113, '5.2'),
      idea: 'A handler that does not read must be able to stop its upload, and only this one: the connection’s purse belongs to all.',
      scene,
      steps: [
        each(
          {
            title: 'one is not read, another one is',
            steps: [
              post(1, '/kept/1'),
              begun('POST /kept/1'),
              { do: 'fillWindow', stream: 1, atMost: 2 * MB },
              ...upload(3, 200_000),
            ],
          },
          {
            title: 'five are not read, a sixth one is',
            steps: [
              ...[1, 3, 5, 7, 9].flatMap((stream): Step[] => [
                post(stream, `/kept/${stream}`),
                begun(`POST /kept/${stream}`),
                { do: 'fillWindow', stream, atMost: 2 * MB },
              ]),
              ...upload(11, 200_000),
            ],
          },
          {
            title: 'one is read for a while',
            steps: [
              post(1, '/slow'),
              begun('POST /slow'),
              { do: 'uploadData', stream: 1, size: 2_200_000, end: false },
              { do: 'fillWindow', stream: 1, atMost: 2 * MB },
              ...upload(3, 100_000),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX8-3',
      title: 'what is dropped counts for the connection as well',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'Those bytes have come, and were paid from the connection’s purse. If nobody gives them back, it is empty one day, and all stand still.',
      scene: { ...scene, options: { maxStreams: 2 } },
      steps: [
        each(
          {
            title: 'ten uploads that the client resets',
            steps: [
              ...Array.from({ length: 10 }, (_, i): Step[] => [
                send(
                  `POST /kept/${i} on stream ${2 * i + 1}, and 15,000 bytes`,
                  headers(2 * i + 1, `POST /kept/${i}`),
                  data(2 * i + 1, letters('u', 15_000)),
                ),
                begun(`POST /kept/${i}`),
                send(`RST_STREAM on stream ${2 * i + 1}`, reset(2 * i + 1, 'CANCEL')),
              ]).flat(),
              ...upload(21, 100_000),
            ],
          },
          {
            title: 'ten that are refused, with their bytes on the way',
            steps: [
              post(1, '/kept/1'),
              post(3, '/kept/3'),
              begun('POST /kept/3'),
              ...Array.from({ length: 10 }, (_, i) =>
                send(
                  `POST /note on stream ${2 * i + 5}, and 15,000 bytes`,
                  headers(2 * i + 5, 'POST /note'),
                  data(2 * i + 5, letters('u', 15_000)),
                ),
              ),
              { do: 'expectReset', stream: 23, code: 'REFUSED_STREAM' },
              send('RST_STREAM on stream 1', reset(1, 'CANCEL')),
              ...upload(25, 100_000),
            ],
          },
          {
            title: 'ten whose reply is complete without them',
            steps: [
              ...Array.from({ length: 10 }, (_, i): Step[] => {
                const stream = 2 * i + 1;
                return [
                  send(
                    `POST /unread on stream ${stream}, and 8,000 bytes`,
                    headers(stream, 'POST /unread'),
                    data(stream, letters('u', 8000)),
                  ),
                  reply(stream, '/unread', 'no need'),
                  send('7,000 bytes that were on their way', data(stream, letters('u', 7000), { end: true })),
                ];
              }).flat(),
              ...upload(21, 100_000),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX8-4',
      title: 'more than the window is a fault',
      judge: 'raw',
      spec: rfc(9113, '6.9.1'),
      idea: 'A client that does not keep to the window would fill your memory. Only who counts can tell it from one that does.',
      scene,
      steps: [
        each(
          {
            title: 'one byte more than the window of a stream',
            steps: [
              post(1, '/kept/1'),
              begun('POST /kept/1'),
              { do: 'fillWindow', stream: 1, atMost: 2 * MB },
              send('one byte more', data(1, 'x')),
              { do: 'expectFault', stream: 1, code: 'FLOW_CONTROL_ERROR' },
            ],
          },
          {
            title: 'exactly the window of a stream',
            steps: [
              post(1, '/kept/1'),
              begun('POST /kept/1'),
              { do: 'fillWindow', stream: 1, atMost: 2 * MB },
              { do: 'expectQuiet' },
              { do: 'expectNoFrame', frame: { type: 'RST_STREAM' } },
              ...upload(3, 10_000),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX8-5',
      title: 'at most one pair of updates for a frame, and none of nothing',
      judge: 'raw',
      spec: rfc(9113, '6.9'),
      idea: 'Each update costs 13 bytes and a look on the other side. What was given back already is not there to be given again.',
      scene,
      steps: [
        each(
          {
            title: '40 frames of 2,000 bytes',
            steps: [
              post(1, '/note'),
              { do: 'uploadData', stream: 1, size: 80_000, each: 2000 },
              reply(1, '/note', 'thank you'),
              // One more pair may have opened the windows further to begin with.
              { do: 'expectFrame', frame: { type: 'WINDOW_UPDATE' }, times: 2 * 40 + 2, atMost: true },
            ],
          },
          {
            title: 'DATA frames without a byte',
            steps: [
              post(1, '/note'),
              send('three empty DATA frames', data(1, ''), data(1, ''), data(1, '', { end: true })),
              reply(1, '/note', 'thank you'),
              { do: 'expectFrame', frame: { type: 'WINDOW_UPDATE' }, times: 2, atMost: true },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX8-C',
      title: 'Chromium uploads 1 MB, and twice 60,000 bytes',
      judge: 'chromium',
      spec: rfc(9113, '6.9'),
      idea: 'Chromium sends 65,535 bytes and then waits for you. Two uploads of 60,000 are enough to empty what they share.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX8</title><p>Give back</p></html>',
            },
          },
          { on: 'POST /first', reply: { body: 'the first' } },
          { on: 'POST /second', reply: { body: 'the second' } },
          { on: 'POST /large', reply: { body: 'all of it' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Give back' } },
        {
          do: 'fetch',
          method: 'POST',
          path: '/first',
          body: letters('1', 60_000),
          expect: { status: 200, body: 'the first' },
        },
        {
          do: 'fetch',
          method: 'POST',
          path: '/second',
          body: letters('2', 60_000),
          expect: { status: 200, body: 'the second' },
        },
        {
          do: 'fetch',
          method: 'POST',
          path: '/large',
          body: letters('3', MB),
          expect: { status: 200, body: 'all of it' },
        },
        { do: 'expectConnections', paths: ['/', '/first', '/second', '/large'], count: 1 },
        {
          do: 'expectHandlerCalls',
          calls: [
            { request: 'GET /' },
            { request: 'POST /first', body: letters('1', 60_000) },
            { request: 'POST /second', body: letters('2', 60_000) },
            { request: 'POST /large', body: letters('3', MB) },
          ],
        },
      ],
    },
  ],
});

export default exercise;

import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { data, frame, headers, priority, sends } from '@interleave/judge/http2';

const reply = (stream: number, to: string, body: Bytes): Step => ({
  do: 'expectStreamReply',
  stream,
  to,
  status: 200,
  body,
});
const release = (name: string): Step => ({ do: 'release', name });
const calls = (...all: readonly (readonly [request: string, body?: Bytes])[]): Step => ({
  do: 'expectHandlerCalls',
  calls: all.map(([request, body]) => ({ request, ...(body === undefined ? {} : { body }) })),
});
const get = (stream: number, path: string): Bytes => headers(stream, `GET ${path}`, { end: true });

/** More than two frames may carry. */
const LONG: Bytes = { repeat: 'frame by frame, ', times: 2500 };

const rules: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'first' } },
  { on: 'GET /b', reply: { fields: [['content-type', 'text/plain']], body: 'second one' } },
  // No echo: a fault in the reply must not look like one in the request.
  { on: 'POST /note', reply: { body: 'noted' } },
  { on: 'GET /long', reply: { body: LONG } },
  { on: 'POST /memo', reply: { body: 'kept in mind' } },
  { on: 'POST /list', reply: { body: 'listed' } },
  { on: 'POST /held', until: 'held', reply: { body: 'held no more' } },
  { on: 'POST /unread', read: 'nothing', until: 'unread', reply: { body: 'not a byte of it' } },
  { on: 'POST /enough', read: 'nothing', cancel: true, until: 'enough', reply: { body: 'I have heard enough' } },
  { on: 'GET /gone', reply: { status: 404, body: 'nothing here' } },
  { on: 'GET /one', until: 'one', reply: { body: 'one is done' } },
  { on: 'GET /three', until: 'three', reply: { body: 'three is done' } },
  { on: 'GET /five', until: 'five', reply: { body: 'five is done' } },
  { on: 'GET /who', when: ['host', 'workshop'], reply: { body: 'the host is workshop' } },
  { on: 'GET /who', reply: { body: 'there is no host field' } },
  { on: 'GET /field', when: ['x-note', 'kept'], reply: { body: 'x-note is kept' } },
  { on: 'GET /field', reply: { body: 'there is no x-note field' } },
  {
    on: 'GET /pieces',
    reply: { body: { pieces: [{ bytes: 'one, ' }, { after: 100, bytes: 'two, ' }, { after: 100, bytes: 'three' }] } },
  },
];

const scene = {
  kind: 'http2',
  file: 'http2/server.ts',
  export: 'serve',
  handler: rules,
  given: ['hello', 'chores', 'fields', 'head'],
} as const;

/** Three bodies of the same length: DATA on 1, 3 and 5 in turn, a byte each. */
const [ALPHA, BRAVO, DELTA] = ['alpha', 'bravo', 'delta'] as const;
const inTurn: readonly Bytes[] = [...ALPHA].flatMap((_, i) =>
  [ALPHA, BRAVO, DELTA].map((word, n) => data(2 * n + 1, word[i] ?? '', { end: i === word.length - 1 })),
);

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX2</title><p>By stream id</p></html>';
const PARTS = Array.from({ length: 12 }, (_, i) => i + 1);
const NOTES = ['one note', 'another note', 'a third one'];
const site: readonly HandlerRule[] = [
  { on: 'GET /', reply: { fields: [['content-type', 'text/html; charset=utf-8']], body: PAGE } },
  { on: 'GET /part/*', together: { name: 'parts', size: 12 }, reply: { body: { starred: 'part *' } } },
  ...NOTES.map((_, i): HandlerRule => ({ on: `POST /note/${i + 1}`, reply: { body: { echo: true } } })),
];

const exercise: Exercise = defineExercise({
  id: 'MX2',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/2-by-stream-id',
  title: 'By stream id',
  idea: 'Frames of many exchanges come mixed; the id, not the order, says whose they are.',
  minutes: 30,
  picture: 'lanes',
  buildsOn: ['MX1'],
  contract: `export function serve(connection: Connection, handler: Handler, given: Given): Promise<void>;
type Given = {
  hello: Uint8Array; // what to write first
  chores(frame: Frame): Uint8Array | null; // what to write because of this frame
  fields(frame: Frame): [name: string, value: string][]; // what a HEADERS frame says; :authority is the host field
  head(streamId: number, status: number, headers: Headers): Uint8Array; // a HEADERS frame that begins a reply
  hpack(): Hpack;
};`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/server.ts', start: 'start/http2/server.ts', exports: ['serve'] },
  ],
  startFails: ['MX2-2', 'MX2-3', 'MX2-4', 'MX2-6', 'MX2-C'],
  checks: [
    {
      id: 'MX2-1',
      title: 'one body out of three DATA frames, and the reply on the same id',
      judge: 'raw',
      spec: rfc(9113, '8.1'),
      idea: 'HEADERS open a stream, DATA fill it. What answers it wears the same id.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'POST /note in three DATA frames',
          bytes: [headers(1, 'POST /note'), data(1, 'Dear '), data(1, 'frame'), data(1, 's', { end: true })],
          eachTime: [calls(['POST /note', 'Dear frames']), reply(1, 'POST /note', 'noted')],
        },
        {
          do: 'each',
          cases: [
            {
              title: 'the next request comes before the reply',
              steps: [
                sends(headers(1, 'POST /held'), data(1, 'wait', { end: true })),
                sends(get(3, '/a')),
                release('held'),
                reply(1, 'POST /held', 'held no more'),
                reply(3, 'GET /a', 'first'),
              ],
            },
            {
              title: 'ids need not follow each other',
              steps: [
                sends(get(7, '/b')),
                {
                  do: 'expectStreamReply',
                  stream: 7,
                  to: 'GET /b',
                  fields: [['content-type', 'text/plain']],
                  body: 'second one',
                },
                sends(get(2 ** 31 - 1, '/a')),
                reply(2 ** 31 - 1, 'GET /a', 'first'),
              ],
            },
            {
              title: 'fields reach the handler, :authority as host',
              steps: [
                sends(get(1, '/who'), headers(3, 'GET /field', { end: true, fields: [['x-note', 'kept']] })),
                reply(1, 'GET /who', 'the host is workshop'),
                reply(3, 'GET /field', 'x-note is kept'),
              ],
            },
            {
              title: 'the status is the handler’s, and the given parts say the rest',
              steps: [
                sends(get(1, '/gone')),
                { do: 'expectStreamReply', stream: 1, to: 'GET /gone', status: 404, body: 'nothing here' },
                { do: 'expectFrame', frame: { type: 'SETTINGS', ack: true } },
              ],
            },
            {
              title: 'a reply whose body comes in pieces',
              steps: [sends(get(1, '/pieces')), reply(1, 'GET /pieces', 'one, two, three')],
            },
            {
              title: 'a reply of 40,000 bytes, more than a frame may carry',
              steps: [sends(get(1, '/long')), reply(1, 'GET /long', LONG)],
            },
          ],
        },
      ],
    },
    {
      id: 'MX2-2',
      title: 'three bodies, a byte of each in turn',
      judge: 'raw',
      spec: rfc(9113, '5'),
      idea: 'Between two frames of one stream stand frames of all the others. Order belongs to a stream, not to the connection.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'the DATA of three streams, a byte in turn',
          bytes: [headers(1, 'POST /note'), headers(3, 'POST /memo'), headers(5, 'POST /list'), ...inTurn],
          deliveries: ['whole', 'bytes'],
          eachTime: [
            calls(['POST /note', ALPHA], ['POST /memo', BRAVO], ['POST /list', DELTA]),
            reply(1, 'POST /note', 'noted'),
            reply(3, 'POST /memo', 'kept in mind'),
            reply(5, 'POST /list', 'listed'),
          ],
        },
      ],
    },
    {
      id: 'MX2-3',
      title: 'a handler that never reads holds up nobody',
      judge: 'raw',
      spec: rfc(9113, '5'),
      idea: 'A stream that stands still is that stream’s business. The frames behind it belong to others, who wait for them.',
      scene,
      steps: [
        sends(headers(1, 'POST /unread'), data(1, { repeat: 'unread ', times: 100 })),
        sends(headers(3, 'POST /note'), data(1, { repeat: 'unread ', times: 1000 }), data(3, 'read', { end: true })),
        reply(3, 'POST /note', 'noted'),
        sends(get(5, '/a'), data(1, { repeat: 'unread ', times: 1000 }, { end: true })),
        reply(5, 'GET /a', 'first'),
        { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
        release('unread'),
        reply(1, 'POST /unread', 'not a byte of it'),
        calls(['POST /unread'], ['POST /note', 'read'], ['GET /a', '']),
        {
          do: 'each',
          cases: [
            {
              title: 'one that gives up its body, and more of it comes',
              steps: [
                sends(headers(1, 'POST /enough'), data(1, 'too ')),
                sends(data(1, 'much'), headers(3, 'POST /note'), data(1, ' of it', { end: true })),
                sends(data(3, 'read', { end: true })),
                reply(3, 'POST /note', 'noted'),
                release('enough'),
                reply(1, 'POST /enough', 'I have heard enough'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX2-4',
      title: 'whoever is ready first leaves first',
      judge: 'raw',
      spec: rfc(9113, '5'),
      idea: 'In HTTP/1.1 the order of the replies says whose they are, so a slow one holds all behind it. Here the id says it, and nobody has to wait.',
      scene,
      steps: [
        sends(get(1, '/one'), get(3, '/three'), get(5, '/five')),
        { do: 'expectTogether', requests: ['GET /one', 'GET /three', 'GET /five'] },
        release('five'),
        reply(5, 'GET /five', 'five is done'),
        { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
        release('three'),
        reply(3, 'GET /three', 'three is done'),
        release('one'),
        reply(1, 'GET /one', 'one is done'),
        { do: 'expectEndOrder', streams: [5, 3, 1] },
      ],
    },
    {
      id: 'MX2-5',
      title: 'END_STREAM ends the body, and nothing else does',
      judge: 'raw',
      spec: rfc(9113, '6.1'),
      idea: 'One bit says that a stream has no more to say. It can stand on HEADERS, on DATA with bytes, and on DATA without.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'on HEADERS',
              steps: [
                sends(headers(1, 'POST /note', { end: true })),
                calls(['POST /note', '']),
                reply(1, 'POST /note', 'noted'),
              ],
            },
            {
              title: 'on DATA',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'all of it', { end: true })),
                calls(['POST /note', 'all of it']),
                reply(1, 'POST /note', 'noted'),
              ],
            },
            {
              title: 'on an empty DATA, later',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'all of it')),
                { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
                sends(data(1, '', { end: true })),
                calls(['POST /note', 'all of it']),
                reply(1, 'POST /note', 'noted'),
              ],
            },
            {
              title: 'not by an empty DATA without the bit',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'one, '), data(1, '')),
                { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
                sends(data(1, 'two', { end: true })),
                calls(['POST /note', 'one, two']),
              ],
            },
            {
              title: 'not by the same bit on another type of frame',
              steps: [
                // Flags that a type does not define mean nothing (§4.1).
                sends(
                  headers(1, 'POST /note'),
                  data(1, 'one, '),
                  frame({ type: 'PRIORITY', stream: 1, flags: 1, payload: { hex: '00 00 00 00 0f' } }),
                ),
                { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
                sends(data(1, 'two', { end: true })),
                calls(['POST /note', 'one, two']),
                reply(1, 'POST /note', 'noted'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX2-6',
      title: 'padding is no body, and what you do not know is passed over',
      judge: 'raw',
      spec: rfc(9113, '6.1'),
      idea: 'PADDED puts a length before the data and as many bytes behind it, to hide how long it is. And types that nobody knows are how a protocol grows.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'ten bytes of padding',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'not ', { pad: 10 }), data(1, 'padded', { end: true })),
                calls(['POST /note', 'not padded']),
              ],
            },
            {
              title: 'padding of no bytes',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'all of it', { pad: 0, end: true })),
                calls(['POST /note', 'all of it']),
              ],
            },
            {
              title: 'padding is all there is',
              steps: [
                sends(
                  headers(1, 'POST /note'),
                  data(1, 'before '),
                  data(1, '', { pad: 255 }),
                  data(1, 'after'),
                  data(1, '', { pad: 1, end: true }),
                ),
                calls(['POST /note', 'before after']),
              ],
            },
            {
              title: 'types that nobody knows, and PRIORITY',
              steps: [
                sends(
                  frame({ type: 0xb7, flags: 0xff, stream: 0, payload: 'anything' }),
                  priority(9),
                  headers(1, 'POST /note'),
                  frame({ type: 0xb7, flags: 0xff, stream: 1, payload: 'anything' }),
                  data(1, 'one, '),
                  priority(1),
                  frame({ type: 0xb8, stream: 11 }),
                  data(1, 'two', { end: true }),
                ),
                calls(['POST /note', 'one, two']),
                reply(1, 'POST /note', 'noted'),
                sends(get(3, '/a')),
                reply(3, 'GET /a', 'first'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX2-7',
      title: 'the end of the connection is the end of all its streams',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'No frame comes any more, for no stream. Whoever waits for one has to learn that, and nobody else can tell.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'behind a whole exchange',
              steps: [
                sends(get(1, '/a')),
                reply(1, 'GET /a', 'first'),
                { do: 'endInput' },
                { do: 'expectEnd' },
                { do: 'expectSettled' },
              ],
            },
            {
              title: 'broken off inside two bodies',
              steps: [
                sends(headers(1, 'POST /note'), headers(3, 'POST /memo'), data(1, 'Dear '), data(3, 'not ')),
                { do: 'reset' },
                { do: 'expectNobodyWaits', cut: ['POST /note', 'POST /memo'] },
                { do: 'expectSettled' },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX2-C',
      title: 'Chromium: twelve fetches at once, three POSTs, one connection',
      judge: 'chromium',
      spec: rfc(9113, '5'),
      idea: 'Over HTTP/1.1 a browser opens six connections to ask for six things at once. Here it opens one, and asks for all of them.',
      scene: { ...scene, handler: site },
      steps: [
        { do: 'open', path: '/', expect: { text: 'By stream id' } },
        {
          do: 'fetchTogether',
          fetches: PARTS.map((n) => ({
            method: 'GET',
            path: `/part/${n}`,
            expect: { status: 200, body: `part ${n}` },
          })),
        },
        {
          do: 'fetchInTurn',
          fetches: NOTES.map((body, i) => ({
            method: 'POST',
            path: `/note/${i + 1}`,
            body,
            expect: { status: 200, body },
          })),
        },
        {
          do: 'expectConnections',
          paths: ['/', ...PARTS.map((n) => `/part/${n}`), ...NOTES.map((_, i) => `/note/${i + 1}`)],
          count: 1,
        },
      ],
    },
  ],
});

export default exercise;

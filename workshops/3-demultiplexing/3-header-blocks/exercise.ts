import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { data, frame, headers, ping, recall, remember, reset, sends, settings } from '@interleave/judge/http2';

const reply = (stream: number, to: string, body: string): Step => ({
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
const noReply = (stream: number): Step => ({ do: 'expectNoFrame', frame: { type: 'HEADERS', stream } });
const goodbye: Step = { do: 'expectGoaway', code: 'PROTOCOL_ERROR' };

/** Does not shrink much, and no two stretches of it are alike. */
const LONG = Array.from({ length: 5000 }, (_, i) => (i * 7919).toString(36))
  .join('-')
  .slice(0, 30_000);
const SHORT = LONG.slice(0, 300);

const rules: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'first' } },
  { on: 'GET /b', reply: { body: 'second one' } },
  { on: 'POST /note', reply: { body: 'noted' } },
  { on: 'GET /field', when: ['x-note', 'kept'], reply: { body: 'x-note is kept' } },
  { on: 'GET /field', when: ['x-note', 'kept too'], reply: { body: 'x-note is kept too' } },
  { on: 'GET /field', reply: { body: 'another x-note, or none' } },
  { on: 'POST /field', when: ['x-note', 'kept'], reply: { body: 'x-note is kept' } },
  { on: 'POST /field', reply: { body: 'another x-note, or none' } },
  { on: 'GET /one', until: 'one', reply: { fields: [['x-reply', 'one']], body: 'one is done' } },
  { on: 'GET /three', until: 'three', reply: { fields: [['x-reply', 'three']], body: 'three is done' } },
  {
    on: 'GET /held',
    reply: { fields: [['x-reply', 'held']], body: { pieces: [{ until: 'held', bytes: 'held no more' }] } },
  },
  { on: 'POST /enough', read: 'nothing', cancel: true, until: 'enough', reply: { body: 'I have heard enough' } },
  { on: 'GET /long-and-empty', until: 'long', reply: { status: 204, fields: [['x-long', LONG]] } },
  { on: 'GET /long', until: 'long', reply: { fields: [['x-long', LONG]], body: 'long is done' } },
  {
    on: 'GET /pieces',
    until: 'long',
    reply: { body: { pieces: [{ bytes: 'one, ' }, { bytes: 'two, ' }, { bytes: 'three' }] } },
  },
];

const scene = {
  kind: 'http2',
  file: 'http2/server.ts',
  export: 'serve',
  handler: rules,
  given: ['hello', 'chores'],
} as const;

/** The rest of a block, "a: b" spelled out. Its flags but END_HEADERS mean nothing on a CONTINUATION (§6.10). */
const REST = frame({ type: 'CONTINUATION', stream: 1, flags: 0x2d, payload: { hex: '00 01 61 01 62' } });
/** A request whose block goes on: whatever stands behind it stands inside the block. */
const opened = headers(1, 'GET /a', { end: true, open: true });
const inside = (title: string, ...frames: readonly Bytes[]): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [sends(opened, ...frames), goodbye, { do: 'expectEnd', anything: true }, calls()],
});

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX3</title><p>Header blocks</p></html>';
const site: readonly HandlerRule[] = [
  { on: 'GET /', reply: { fields: [['content-type', 'text/html; charset=utf-8']], body: PAGE } },
  ...[SHORT, LONG].map(
    (value): HandlerRule => ({
      on: 'GET /note/*',
      when: ['x-note', value],
      reply: { body: `${value.length} bytes of x-note` },
    }),
  ),
  { on: 'GET /note/*', reply: { body: 'another x-note, or none' } },
];
const noted = (
  n: number,
  value: string,
): {
  do: 'fetch';
  method: string;
  path: string;
  fields: [string, string][];
  expect: { status: number; body: string };
} => ({
  do: 'fetch',
  method: 'GET',
  path: `/note/${n}`,
  fields: [['x-note', value]],
  expect: { status: 200, body: `${value.length} bytes of x-note` },
});

const exercise: Exercise = defineExercise({
  id: 'MX3',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/3-header-blocks',
  title: 'Header blocks',
  idea: 'A block may come in pieces, wears padding and priority, and shares one memory with all other blocks of the connection.',
  minutes: 25,
  picture: 'tables',
  buildsOn: ['MX2'],
  contract: `export function serve(connection: Connection, handler: Handler, given: Given): Promise<void>;
type Given = {
  hpack(): { // a memory for one connection
    decode(block: Uint8Array): [name: string, value: string][]; // a whole block; throws when it is broken
    encode(fields: [name: string, value: string][]): Uint8Array; // :status first
  };
  hello: Uint8Array;
  chores(frame: Frame): Uint8Array | null;
  fields(frame: Frame): []; // gives nothing any more
  head(streamId: number, status: number, headers: Headers): Uint8Array; // empty from now on
};`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  carry: {
    from: 'workshops/3-demultiplexing/2-by-stream-id/solution',
    fails: ['MX3-1', 'MX3-2', 'MX3-3', 'MX3-4', 'MX3-5', 'MX3-6', 'MX3-C'],
  },
  checks: [
    {
      id: 'MX3-1',
      title: 'padding and priority stand around the block, and are no part of it',
      judge: 'raw',
      spec: rfc(9113, '6.2'),
      idea: 'Two flags say what is in front of the block: one byte with the length of the padding, five bytes of priority. The padding itself is behind it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'neither', steps: [sends(headers(1, 'GET /a', { end: true })), reply(1, 'GET /a', 'first')] },
            {
              title: 'PRIORITY',
              steps: [sends(headers(1, 'GET /a', { end: true, priority: true })), reply(1, 'GET /a', 'first')],
            },
            {
              title: 'PADDED',
              steps: [sends(headers(1, 'GET /a', { end: true, pad: 10 })), reply(1, 'GET /a', 'first')],
            },
            {
              title: 'PADDED with no padding',
              steps: [sends(headers(1, 'GET /a', { end: true, pad: 0 })), reply(1, 'GET /a', 'first')],
            },
            {
              title: 'both',
              steps: [
                sends(headers(1, 'GET /a', { end: true, pad: 100, priority: true })),
                reply(1, 'GET /a', 'first'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX3-2',
      title: 'a block in pieces, cut inside a field',
      judge: 'raw',
      spec: rfc(9113, '6.10'),
      idea: 'What does not fit into HEADERS goes on in CONTINUATION. Only all pieces together are a block; END_STREAM stands on the first of them.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...[[1], [12], [3, 4, 5], [20, 21, 41]].map((cuts) => ({
              title: `cut after ${cuts.join(', ')}`,
              steps: [
                sends(headers(1, 'GET /field', { end: true, fields: [['x-note', 'kept']], cuts })),
                reply(1, 'GET /field', 'x-note is kept'),
              ],
            })),
            {
              title: 'padding on the first piece only',
              steps: [
                sends(
                  headers(1, 'GET /field', {
                    end: true,
                    fields: [['x-note', 'kept']],
                    cuts: [9],
                    pad: 30,
                    priority: true,
                  }),
                ),
                reply(1, 'GET /field', 'x-note is kept'),
              ],
            },
            {
              title: 'END_STREAM on HEADERS, and a CONTINUATION behind it',
              steps: [
                sends(headers(1, 'POST /note', { end: true, cuts: [7] })),
                calls(['POST /note', '']),
                reply(1, 'POST /note', 'noted'),
              ],
            },
            {
              title: 'that bit, PADDED and PRIORITY on a CONTINUATION, where they mean nothing',
              steps: [
                sends(headers(1, 'POST /note', { open: true }), REST),
                sends(data(1, 'not over')),
                noReply(1),
                sends(data(1, ', now it is', { end: true })),
                calls(['POST /note', 'not over, now it is']),
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'HEADERS and two CONTINUATIONs',
          bytes: headers(1, 'GET /a', { end: true, cuts: [4, 30] }),
          deliveries: ['whole', 'bytes'],
          eachTime: [reply(1, 'GET /a', 'first')],
        },
      ],
    },
    {
      id: 'MX3-3',
      title: 'one memory for all blocks of a connection, in the order of the wire',
      judge: 'raw',
      spec: rfc(9113, '4.3'),
      idea: 'A block may say "the same as before". Before means: in any block of this connection that came earlier, whatever became of its stream.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'remembered on stream 1, recalled on stream 3',
              steps: [
                sends(headers(1, 'GET /field', { end: true, fields: [remember('x-note', 'kept')] })),
                reply(1, 'GET /field', 'x-note is kept'),
                sends(headers(3, 'GET /field', { end: true, fields: [recall(62)] })),
                reply(3, 'GET /field', 'x-note is kept'),
              ],
            },
            {
              title: 'the first of two requests is whole last',
              steps: [
                sends(
                  headers(1, 'POST /field', { fields: [remember('x-note', 'kept')] }),
                  headers(3, 'GET /field', { end: true, fields: [remember('x-note', 'kept too')] }),
                  headers(5, 'GET /field', { end: true, fields: [recall(62)] }),
                  headers(7, 'GET /field', { end: true, fields: [recall(63)] }),
                  data(1, 'whole', { end: true }),
                ),
                reply(7, 'GET /field', 'x-note is kept'),
                reply(5, 'GET /field', 'x-note is kept too'),
                reply(3, 'GET /field', 'x-note is kept too'),
                reply(1, 'POST /field', 'x-note is kept'),
              ],
            },
            {
              title: 'remembered in trailers that nobody looks at',
              steps: [
                sends(
                  headers(1, 'POST /note'),
                  data(1, 'all of it'),
                  headers(1, [remember('x-note', 'kept')], { end: true }),
                  headers(3, 'GET /field', { end: true, fields: [recall(62)] }),
                ),
                reply(3, 'GET /field', 'x-note is kept'),
              ],
            },
            {
              title: 'remembered on a stream that was given up at once',
              steps: [
                sends(
                  headers(1, 'GET /one', { fields: [remember('x-note', 'kept')] }),
                  reset(1, 'CANCEL'),
                  headers(3, 'GET /field', { end: true, fields: [recall(62)] }),
                ),
                reply(3, 'GET /field', 'x-note is kept'),
              ],
            },
            {
              title: 'replies in another order than their requests',
              steps: [
                sends(headers(1, 'GET /one', { end: true }), headers(3, 'GET /three', { end: true })),
                release('three'),
                {
                  do: 'expectStreamReply',
                  stream: 3,
                  to: 'GET /three',
                  fields: [['x-reply', 'three']],
                  body: 'three is done',
                },
                release('one'),
                {
                  do: 'expectStreamReply',
                  stream: 1,
                  to: 'GET /one',
                  fields: [['x-reply', 'one']],
                  body: 'one is done',
                },
                sends(headers(5, 'GET /three', { end: true })),
                {
                  do: 'expectStreamReply',
                  stream: 5,
                  to: 'GET /three',
                  fields: [['x-reply', 'three']],
                  body: 'three is done',
                },
              ],
            },
            {
              title: 'a reply has a head already, and its body waits',
              steps: [
                release('three'),
                sends(headers(1, 'GET /held', { end: true })),
                sends(headers(3, 'GET /three', { end: true })),
                {
                  do: 'expectStreamReply',
                  stream: 3,
                  to: 'GET /three',
                  fields: [['x-reply', 'three']],
                  body: 'three is done',
                },
                release('held'),
                {
                  do: 'expectStreamReply',
                  stream: 1,
                  to: 'GET /held',
                  fields: [['x-reply', 'held']],
                  body: 'held no more',
                },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX3-4',
      title: 'anything inside a block is a fault of the connection',
      judge: 'raw',
      spec: rfc(9113, '6.10'),
      idea: 'Between HEADERS and END_HEADERS nothing else may come, from no stream. Who breaks that has lost the thread, and no frame after it can be trusted.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            inside('HEADERS of another stream', headers(3, 'GET /b', { end: true })),
            inside('DATA of another stream', data(3, 'x')),
            inside('a PING', ping()),
            inside('SETTINGS', settings()),
            inside('a type that nobody knows', frame({ type: 0xb7, payload: 'x' })),
            inside(
              'a CONTINUATION of another stream',
              frame({ type: 'CONTINUATION', stream: 3, flags: ['END_HEADERS'] }),
            ),
            {
              title: 'a CONTINUATION behind a whole block',
              steps: [
                sends(headers(1, 'POST /note'), frame({ type: 'CONTINUATION', stream: 1, flags: ['END_HEADERS'] })),
                goodbye,
                { do: 'expectEnd', anything: true },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX3-5',
      title: 'a second block ends the body',
      judge: 'raw',
      spec: rfc(9113, '8.1'),
      idea: 'Behind the body there may be fields as well: trailers. They are no request; with them the stream has ended.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'behind a body',
              steps: [
                sends(headers(1, 'POST /note'), data(1, 'all of it'), headers(1, [['x-sum', '9']], { end: true })),
                reply(1, 'POST /note', 'noted'),
                sends(headers(3, 'GET /a', { end: true })),
                reply(3, 'GET /a', 'first'),
                calls(['POST /note', 'all of it'], ['GET /a', '']),
              ],
            },
            {
              title: 'without a body, in pieces',
              steps: [
                sends(headers(1, 'POST /note'), headers(1, [['x-sum', '0']], { end: true, cuts: [2] })),
                reply(1, 'POST /note', 'noted'),
                calls(['POST /note', '']),
              ],
            },
            {
              title: 'behind a body that the handler has given up',
              steps: [
                sends(headers(1, 'POST /enough'), data(1, 'too much')),
                sends(data(1, ' of it'), headers(1, [['x-sum', '14']], { end: true })),
                release('enough'),
                reply(1, 'POST /enough', 'I have heard enough'),
                calls(['POST /enough']),
              ],
            },
            {
              title: 'behind a later request',
              steps: [
                sends(
                  headers(1, 'POST /note'),
                  headers(3, 'GET /a', { end: true }),
                  data(1, 'all of it'),
                  headers(1, [['x-sum', '9']], { end: true }),
                ),
                reply(1, 'POST /note', 'noted'),
                calls(['POST /note', 'all of it'], ['GET /a', '']),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX3-6',
      title: 'a long head of a reply: HEADERS, CONTINUATION, and nothing between',
      judge: 'raw',
      spec: rfc(9113, '4.2'),
      idea: 'The peer takes 16,384 bytes in a frame. A longer block has to be cut, and its pieces stay together.',
      scene,
      steps: [
        sends(headers(1, 'GET /long', { end: true }), headers(3, 'GET /pieces', { end: true })),
        sends(headers(5, 'GET /long', { end: true }), headers(7, 'GET /long-and-empty', { end: true })),
        release('long'),
        { do: 'expectStreamReply', stream: 1, to: 'GET /long', fields: [['x-long', LONG]], body: 'long is done' },
        { do: 'expectStreamReply', stream: 3, to: 'GET /pieces', body: 'one, two, three' },
        { do: 'expectStreamReply', stream: 5, to: 'GET /long', fields: [['x-long', LONG]], body: 'long is done' },
        {
          do: 'expectStreamReply',
          stream: 7,
          to: 'GET /long-and-empty',
          status: 204,
          fields: [['x-long', LONG]],
          body: '',
        },
        { do: 'expectFrame', frame: { type: 'CONTINUATION', stream: 1 } },
      ],
    },
    {
      id: 'MX3-C',
      title: 'Chromium sends a long field twice, a huge one, and the long one again',
      judge: 'chromium',
      spec: rfc(9113, '4.3'),
      idea: 'The first time a field is spelled out and remembered; the second time it is a number. One that is larger than the table empties it.',
      scene: { ...scene, handler: site },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Header blocks' } },
        noted(1, SHORT),
        noted(2, SHORT),
        noted(3, LONG),
        noted(4, SHORT),
        { do: 'expectConnections', paths: ['/', '/note/1', '/note/2', '/note/3', '/note/4'], count: 1 },
      ],
    },
  ],
});

export default exercise;

import { type Bytes, defineExercise, type Exercise, type HandlerRule, rfc } from '@interleave/judge/exercise';
import { data, headers, priority, recall, remember, reset, windowUpdate } from '@interleave/judge/http2';
import {
  begun,
  closedOn,
  each,
  ends,
  get,
  goesOn,
  malformed,
  opened,
  pieces,
  release,
  reply,
  resets,
  send,
} from './steps.ts';

const handler: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'first' } },
  { on: 'GET /slow', until: '/slow', reply: { body: 'late, and whole' } },
  { on: 'GET /long', reply: pieces('/long') },
  { on: 'GET /other', reply: pieces('/other') },
  { on: 'POST /note', reply: { body: { echo: true } } },
  { on: 'POST /kept', until: '/kept', reply: { body: { echo: true } } },
  { on: 'POST /unread', read: 'nothing', reply: { body: 'I did not read it' } },
];

const scene = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [], handler } as const;

const SIX: readonly string[] = Array.from({ length: 6 }, (_, i) => `/part/${i + 1}`);

const METHOD = [':method', 'GET'] as const;
const SCHEME = [':scheme', 'http'] as const;
const PATH = [':path', '/a'] as const;
const note = (...fields: [string, string][]): Bytes => headers(3, 'POST /note', { fields });

const exercise: Exercise = defineExercise({
  id: 'MX5',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/5-the-life-of-a-stream',
  title: 'The life of a stream',
  idea: 'What a frame means depends on the state of its stream. Some faults cost the stream, some the connection.',
  minutes: 35,
  picture: 'states',
  buildsOn: ['KA1', 'MX1', 'MX4'],
  contract: `export function serve(
  connection: Connection,
  handler: Handler,
  given: Pick<Given, 'hpack'>,
  options?: { signal?: AbortSignal; maxStreams?: number }, // more open streams than that are refused
): Promise<void>;`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  carry: {
    from: 'workshops/3-demultiplexing/4-stream-zero/solution',
    fails: ['MX5-1', 'MX5-2', 'MX5-3', 'MX5-4', 'MX5-5', 'MX5-6', 'MX5-C'],
  },
  checks: [
    {
      id: 'MX5-1',
      title: 'RST_STREAM ends one stream, on both of its sides',
      judge: 'raw',
      spec: rfc(9113, '6.4'),
      idea: 'The client wants nothing more of this exchange. Your handler should know; the neighbours should not notice.',
      scene,
      steps: [
        each(
          {
            title: 'while the handler reads the body',
            steps: [
              send('POST /note on stream 1, and half of it', headers(1, 'POST /note'), data(1, 'half a note')),
              get(3, '/long'),
              begun('POST /note'),
              send('RST_STREAM on stream 1', reset(1, 'CANCEL')),
              { do: 'expectBodyError', request: 'POST /note' },
              release('/long'),
              reply(3, 'GET /long', 'piece one, piece two'),
              { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
              // To answer a reset with a reset would never end (§5.4.2).
              { do: 'expectNoFrame', frame: { type: 'RST_STREAM', stream: 1 } },
            ],
          },
          {
            title: 'while the reply is under way',
            steps: [
              get(1, '/long'),
              get(3, '/other'),
              { do: 'expectStreamPart', stream: 1, body: 'piece one, ' },
              send('RST_STREAM on stream 1', reset(1, 'CANCEL')),
              { do: 'expectCancelled', request: 'GET /long' },
              { do: 'expectNoFrame', frame: { type: 'DATA', stream: 1, end: true } },
              release('/other'),
              reply(3, 'GET /other', 'piece one, piece two'),
              { do: 'expectNoFrame', frame: { type: 'RST_STREAM', stream: 1 } },
            ],
          },
          {
            title: 'before the handler has answered',
            steps: [
              get(1, '/slow'),
              begun('GET /slow'),
              send('RST_STREAM on stream 1', reset(1, 'CANCEL')),
              release('/slow'),
              ...goesOn(3),
              { do: 'expectNoFrame', frame: { type: 'HEADERS', stream: 1 } },
            ],
          },
          {
            title: 'and frames for it that come late',
            steps: [
              send('POST /kept on stream 1, and half of it', headers(1, 'POST /kept'), data(1, 'half a note')),
              get(3, '/long'),
              send('RST_STREAM on stream 1', reset(1, 'CANCEL')),
              send(
                'late for stream 1: WINDOW_UPDATE, RST_STREAM, PRIORITY',
                windowUpdate(1, 10),
                reset(1, 'CANCEL'),
                priority(1),
              ),
              release('/long'),
              reply(3, 'GET /long', 'piece one, piece two'),
              ...goesOn(5),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX5-2',
      title: 'DATA where there can be none',
      judge: 'raw',
      spec: rfc(9113, '5.1'),
      idea: 'After END_STREAM there is nothing more to say on a stream. Before HEADERS there is no stream at all.',
      scene,
      steps: [
        each(
          {
            title: 'behind END_STREAM, while the handler works',
            steps: [
              send('POST /kept on stream 1, whole', headers(1, 'POST /kept'), data(1, 'a note', { end: true })),
              get(3, '/long'),
              send('DATA on stream 1, once more', data(1, 'and more')),
              closedOn(1),
            ],
          },
          {
            title: 'behind END_STREAM of a GET',
            steps: [get(1, '/slow'), send('DATA on stream 1', data(1, 'a body', { end: true })), closedOn(1)],
          },
          {
            title: 'DATA on stream 5, which was never opened',
            steps: [...opened, send('DATA on stream 5', data(5, 'whose?')), ...ends('PROTOCOL_ERROR')],
          },
          {
            title: 'RST_STREAM on stream 5, which was never opened',
            steps: [...opened, send('RST_STREAM on stream 5', reset(5, 'CANCEL')), ...ends('PROTOCOL_ERROR')],
          },
          {
            title: 'WINDOW_UPDATE on stream 5, which was never opened',
            steps: [...opened, send('WINDOW_UPDATE on stream 5', windowUpdate(5, 1)), ...ends('PROTOCOL_ERROR')],
          },
          {
            title: 'DATA on stream 2, which nobody can have opened',
            steps: [
              get(5, '/a'),
              reply(5, 'GET /a', 'first'),
              send('DATA on stream 2', data(2, 'whose?')),
              // Who keeps only the highest id takes it for a stream that is over.
              ...ends(['PROTOCOL_ERROR', 'STREAM_CLOSED']),
            ],
          },
          {
            title: 'WINDOW_UPDATE and RST_STREAM that cross the end of a reply',
            steps: [
              ...opened,
              send('late for stream 1: WINDOW_UPDATE, RST_STREAM', windowUpdate(1, 5), reset(1, 'CANCEL')),
              ...goesOn(3),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
          {
            title: 'PRIORITY on stream 5, which says nothing',
            steps: [
              send('PRIORITY on stream 5', priority(5)),
              ...goesOn(1),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX5-3',
      title: 'ids are odd, and each is higher than all before',
      judge: 'raw',
      spec: rfc(9113, '5.1.1'),
      idea: 'So both sides agree on what is new, what is over, and what was never there, without a list.',
      scene,
      steps: [
        each(
          {
            title: 'stream 2',
            steps: [...opened, get(2, '/a'), ...ends('PROTOCOL_ERROR')],
          },
          {
            title: 'stream 3 after stream 5',
            steps: [get(5, '/a'), reply(5, 'GET /a', 'first'), get(3, '/a'), ...ends('PROTOCOL_ERROR')],
          },
          {
            title: 'stream 1 once more, when it is over',
            steps: [
              ...opened,
              get(1, '/a'),
              { do: 'expectFault', stream: 1, code: ['PROTOCOL_ERROR', 'STREAM_CLOSED'] },
            ],
          },
          {
            title: 'stream 1, then 7: the ones between were passed over',
            steps: [...opened, get(7, '/a'), reply(7, 'GET /a', 'first'), get(9, '/a'), reply(9, 'GET /a', 'first')],
          },
          {
            title: 'stream 3 after stream 7, while 7 is open',
            steps: [
              get(7, '/slow'),
              begun('GET /slow'),
              get(3, '/a'),
              ...ends('PROTOCOL_ERROR'),
              { do: 'expectHandlerCalls', calls: [{ request: 'GET /slow' }] },
            ],
          },
        ),
      ],
    },
    {
      id: 'MX5-4',
      title: 'a malformed request costs its own stream',
      judge: 'raw',
      spec: rfc(9113, '8.1.1'),
      idea: 'The frames are right, the blocks can be read, only this message makes no sense. Nobody else has to pay for it.',
      scene,
      steps: [
        each(
          malformed('Content-Length of 5, and 3 bytes', note(['content-length', '5']), data(3, 'abc', { end: true })),
          malformed(
            'Content-Length of 5, and 7 bytes',
            note(['content-length', '5']),
            data(3, 'abcdefg', { end: true }),
          ),
          malformed(
            'Content-Length of 5, and no body',
            headers(3, 'POST /note', { fields: [['content-length', '5']], end: true }),
          ),
          malformed('no :path', headers(3, [METHOD, SCHEME, [':authority', 'workshop']], { end: true })),
          malformed('no :scheme', headers(3, [METHOD, PATH, [':authority', 'workshop']], { end: true })),
          malformed('no :method', headers(3, [PATH, SCHEME, [':authority', 'workshop']], { end: true })),
          malformed('a field "X-Name"', headers(3, 'GET /a', { fields: [['X-Name', 'loud']], end: true })),
          malformed('a field connection', headers(3, 'GET /a', { fields: [['connection', 'close']], end: true })),
          malformed(
            'a field transfer-encoding',
            headers(3, 'GET /a', { fields: [['transfer-encoding', 'chunked']], end: true }),
          ),
          malformed('two :path', headers(3, 'GET /a', { fields: [[':path', '/b']], end: true })),
          malformed('a :status', headers(3, [METHOD, SCHEME, PATH, [':status', '200']], { end: true })),
        ),
        each({
          title: 'no :path, and what was on its way behind it',
          steps: [
            send('an upload without :path on stream 1', headers(1, [[':method', 'POST'], SCHEME])),
            resets(1, 'PROTOCOL_ERROR'),
            send(
              'late for stream 1: DATA, WINDOW_UPDATE, trailers',
              data(1, 'it was on its way'),
              windowUpdate(1, 9),
              headers(1, [remember('late', 'yes')], { end: true }),
            ),
            send(
              'GET /a on stream 3, which recalls a field of those trailers',
              headers(3, 'GET /a', { end: true, fields: [recall(62)] }),
            ),
            reply(3, 'GET /a', 'first'),
            { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
          ],
        }),
        each({
          title: 'Content-Length of 5, 2 bytes of padding, 5 bytes: that is right',
          steps: [
            send(
              'POST /note on stream 3',
              note(['content-length', '5']),
              data(3, 'abc', { pad: 2 }),
              data(3, 'de', { end: true }),
            ),
            reply(3, 'POST /note', 'abcde'),
          ],
        }),
      ],
    },
    {
      id: 'MX5-5',
      title: 'more streams than you allow are refused, and a slot comes back',
      judge: 'raw',
      spec: rfc(9113, '5.1.2'),
      idea: 'REFUSED_STREAM is a promise: nothing was done, ask again. How many may be open is what your SETTINGS say.',
      scene: { ...scene, options: { maxStreams: 3 } },
      steps: [
        each(
          {
            title: 'four at once, of three',
            steps: [
              get(1, '/slow'),
              get(3, '/long'),
              send('POST /kept on stream 5, whole', headers(5, 'POST /kept'), data(5, 'a note', { end: true })),
              begun('POST /kept'),
              {
                do: 'expectFrame',
                frame: { type: 'SETTINGS', ack: false, setting: { name: 'MAX_CONCURRENT_STREAMS', value: 3 } },
              },
              send(
                'POST /note on stream 7, and its body',
                headers(7, 'POST /note', { fields: [remember('x-note', 'kept')] }),
                data(7, 'on its way', { end: true }),
              ),
              resets(7, 'REFUSED_STREAM'),
              release('/slow'),
              reply(1, 'GET /slow', 'late, and whole'),
              send(
                'GET /a on stream 9, which recalls a field of stream 7',
                headers(9, 'GET /a', { end: true, fields: [recall(62)] }),
              ),
              reply(9, 'GET /a', 'first'),
              release('/long'),
              release('/kept'),
              reply(3, 'GET /long', 'piece one, piece two'),
              reply(5, 'POST /kept', 'a note'),
              {
                do: 'expectHandlerCalls',
                calls: [
                  { request: 'GET /slow' },
                  { request: 'GET /long' },
                  { request: 'POST /kept' },
                  { request: 'GET /a' },
                ],
              },
            ],
          },
          {
            title: 'a slot that a reset gives back',
            steps: [
              get(1, '/slow'),
              get(3, '/long'),
              get(5, '/other'),
              begun('GET /other'),
              send('RST_STREAM on stream 3', reset(3, 'CANCEL')),
              send('POST /kept on stream 7, whole', headers(7, 'POST /kept'), data(7, 'a note', { end: true })),
              begun('POST /kept'),
              get(9, '/a'),
              resets(9, 'REFUSED_STREAM'),
            ],
          },
          {
            title: 'twelve, one after another',
            steps: Array.from({ length: 12 }, (_, i) => [
              get(2 * i + 1, '/a'),
              reply(2 * i + 1, 'GET /a', 'first'),
            ]).flat(),
          },
        ),
      ],
    },
    {
      id: 'MX5-6',
      title: 'a reply may be complete before the request is',
      judge: 'raw',
      spec: rfc(9113, '8.1'),
      idea: 'Nobody will read the rest. Saying so with NO_ERROR keeps the reply good; any other code takes it back.',
      scene,
      steps: [
        each(
          {
            title: 'the rest is of no use',
            steps: [
              send(
                'POST /unread on stream 1, and its first bytes',
                headers(1, 'POST /unread'),
                data(1, { repeat: 'u', times: 10_000 }),
              ),
              reply(1, 'POST /unread', 'I did not read it'),
              {
                do: 'expectNoFrame',
                frame: {
                  type: 'RST_STREAM',
                  stream: 1,
                  code: ['CANCEL', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'REFUSED_STREAM', 'STREAM_CLOSED'],
                },
              },
              send(
                'more of it, on its way already',
                data(1, { repeat: 'u', times: 9_000 }),
                data(1, 'the end', { end: true }),
              ),
              ...goesOn(3),
              { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
            ],
          },
          {
            title: 'the client must not wait for credit that never comes',
            steps: [
              send(
                'POST /unread on stream 1, and its first bytes',
                headers(1, 'POST /unread'),
                data(1, { repeat: 'u', times: 16_384 }),
              ),
              reply(1, 'POST /unread', 'I did not read it'),
              // Either way is right: told that nothing more is wanted, or given room for the rest.
              { do: 'expectLetGo', stream: 1, rest: 200_000 },
              ...goesOn(3),
            ],
          },
        ),
      ],
    },
    {
      id: 'MX5-C',
      title: 'one of six fetches is given up, and five finish',
      judge: 'chromium',
      spec: rfc(9113, '8.1'),
      idea: 'In HTTP/1.1 a fetch that is given up costs its connection. Here it costs a frame, and the others do not notice.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX5</title><p>The life of a stream</p></html>',
            },
          },
          {
            on: 'GET /part/*',
            reply: {
              fields: [['content-type', 'text/plain; charset=utf-8']],
              body: { pieces: [{ bytes: 'the first half, ' }, { until: 'rest', bytes: 'the second half' }] },
            },
          },
          { on: 'POST /unread', read: 'nothing', reply: { body: 'I did not read it' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'The life of a stream' } },
        {
          do: 'fetchAndAbort',
          paths: SIX,
          abort: '/part/3',
          release: 'rest',
          body: 'the first half, the second half',
        },
        {
          do: 'fetch',
          method: 'POST',
          path: '/unread',
          body: { repeat: 'unread! ', times: 131_072 },
          expect: { status: 200, body: 'I did not read it' },
        },
        { do: 'expectConnections', paths: ['/', ...SIX.filter((path) => path !== '/part/3'), '/unread'], count: 1 },
      ],
    },
  ],
});

export default exercise;

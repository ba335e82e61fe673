import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  type Http2Step,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import {
  data,
  frame,
  goaway,
  headers,
  ping,
  preface,
  recall,
  remember,
  settings,
  windowUpdate,
} from '@interleave/judge/http2';

const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
const get = (stream: number, path: string): Step =>
  send(`GET ${path} on stream ${stream}`, headers(stream, `GET ${path}`, { end: true }));
const reply = (stream: number, to: string, body: Bytes, status = 200): Step => ({
  do: 'expectStreamReply',
  stream,
  to,
  status,
  body,
});
const release = (name: string): Step => ({ do: 'release', name });
const calls = (...requests: string[]): Step => ({
  do: 'expectHandlerCalls',
  calls: requests.map((request) => ({ request })),
});
const begun = (request: string): Step => ({ do: 'expectBegun', request });
const came = (type: 'SETTINGS' | 'PING', times: number, bytes?: Bytes): Step => ({
  do: 'expectFrame',
  frame: { type, ack: true, ...(bytes === undefined ? {} : { bytes }) },
  times,
});
const isOver: readonly Step[] = [{ do: 'expectEnd', anything: true }, { do: 'expectSettled' }];
type Code = Extract<Http2Step, { do: 'expectGoaway' }>['code'];

const handler: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'first' } },
  { on: 'GET /b', reply: { body: 'second one' } },
  { on: 'GET /slow', until: '/slow', reply: { body: 'late, and whole' } },
  { on: 'GET /late', reply: { body: 'after the goodbye' } },
  { on: 'POST /note', reply: { body: { echo: true } } },
];

const scene = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [], handler } as const;

/** 24 bytes that are not these, and a request that an eager server would answer. */
const notThese = (title: string, first: Bytes): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [
    send(`${title}, SETTINGS and GET /a`, first, settings(), headers(1, 'GET /a', { end: true })),
    { do: 'expectEnd', anything: true },
    { do: 'expectNoFrame', frame: { type: 'HEADERS' } },
    calls(),
  ],
});

/** A fault of the connection, behind an exchange that went well. */
const fault = (title: string, code: Code, ...bytes: Bytes[]): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [
    get(1, '/a'),
    reply(1, 'GET /a', 'first'),
    send(title, ...bytes),
    { do: 'expectGoaway', code },
    { do: 'expectEnd', anything: true },
  ],
});

const exercise: Exercise = defineExercise({
  id: 'MX4',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/4-stream-zero',
  title: 'Stream 0',
  idea: 'The connection has a conversation of its own, beside those it carries: preface, settings, pings, goodbye.',
  minutes: 25,
  picture: 'connection',
  buildsOn: ['KA1', 'MX1', 'MX3'],
  contract: `export function serve(
  connection: Connection,
  handler: Handler,
  given: Pick<Given, 'hpack'>, // hello is empty, chores answers null: they are yours now
  options?: { signal?: AbortSignal }, // aborted: say GOAWAY, finish what is open, end
): Promise<void>;`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  carry: {
    from: 'workshops/3-demultiplexing/3-header-blocks/solution',
    fails: ['MX4-1', 'MX4-2', 'MX4-3', 'MX4-4', 'MX4-5', 'MX4-6', 'MX4-C'],
  },
  checks: [
    {
      id: 'MX4-1',
      title: 'SETTINGS first, and the client’s 24 bytes are checked',
      judge: 'raw',
      spec: rfc(9113, '3.4'),
      idea: 'Before the first exchange both sides say that they speak HTTP/2. Whoever does not say it is not a client of yours.',
      scene: { ...scene, peer: { greets: false } },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'a client that says nothing yet',
              steps: [
                send('the preface', preface),
                { do: 'expectFirstFrame', frame: { type: 'SETTINGS', ack: false } },
              ],
            },
            {
              title: 'preface, SETTINGS and GET /a at once',
              steps: [
                send('preface, SETTINGS and GET /a', preface, settings(), headers(1, 'GET /a', { end: true })),
                reply(1, 'GET /a', 'first'),
                { do: 'expectFirstFrame', frame: { type: 'SETTINGS', ack: false } },
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'preface, SETTINGS and GET /a',
          bytes: [preface, settings(), headers(1, 'GET /a', { end: true })],
          eachTime: [reply(1, 'GET /a', 'first')],
        },
        {
          do: 'each',
          cases: [
            notThese('a preface with another last byte', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r'),
            notThese('a preface of HTTP/3.0', 'PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n'),
            notThese('24 zeros', { repeat: { hex: '00' }, times: 24 }),
            {
              title: 'a request of HTTP/1.1',
              steps: [
                send('GET /a of HTTP/1.1', 'GET /a HTTP/1.1\r\nHost: workshop\r\nAccept: */*\r\n\r\n'),
                { do: 'expectEnd', anything: true },
                calls(),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX4-2',
      title: 'each SETTINGS is acknowledged once, an acknowledgement never',
      judge: 'raw',
      spec: rfc(9113, '6.5.3'),
      idea: 'The acknowledgement says: from here on I keep to what you said. If that were acknowledged too, it would never stop.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the client’s first SETTINGS',
              steps: [get(1, '/a'), reply(1, 'GET /a', 'first'), came('SETTINGS', 1)],
            },
            {
              title: 'two more of them',
              steps: [
                send('SETTINGS, empty', settings()),
                get(1, '/a'),
                send('SETTINGS with two values', settings({ MAX_CONCURRENT_STREAMS: 7, MAX_FRAME_SIZE: 20_000 })),
                reply(1, 'GET /a', 'first'),
                came('SETTINGS', 3),
              ],
            },
            {
              title: 'settings that nobody knows',
              steps: [
                send(
                  'SETTINGS with the ids 0xf3a1 and 0x4242',
                  settings([
                    [0xf3a1, 0xffff_ffff],
                    [0x4242, 1],
                  ]),
                ),
                get(1, '/a'),
                reply(1, 'GET /a', 'first'),
                came('SETTINGS', 2),
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'SETTINGS with two values, and GET /b',
          bytes: [
            settings({ MAX_CONCURRENT_STREAMS: 7, HEADER_TABLE_SIZE: 4096 }),
            headers(1, 'GET /b', { end: true }),
          ],
          eachTime: [reply(1, 'GET /b', 'second one'), came('SETTINGS', 2)],
        },
      ],
    },
    {
      id: 'MX4-3',
      title: 'a PING comes back with its eight bytes',
      judge: 'raw',
      spec: rfc(9113, '6.7'),
      idea: 'Whoever sends a PING measures a round trip, or asks whether you are still there. Its eight bytes say which one it was.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'one PING',
              steps: [send('PING "are you?"', ping('are you?')), came('PING', 1, 'are you?'), came('PING', 1)],
            },
            {
              title: 'two of them, while a reply is under way',
              steps: [
                get(1, '/slow'),
                send('two PINGs', ping({ hex: '00 01 02 03 fc fd fe ff' }), ping('number 2')),
                came('PING', 1, { hex: '00 01 02 03 fc fd fe ff' }),
                came('PING', 1, 'number 2'),
                release('/slow'),
                reply(1, 'GET /slow', 'late, and whole'),
              ],
            },
            {
              title: 'a PING with ACK, which answers one of yours',
              steps: [
                send('PING with ACK', ping('an echo?', { ack: true })),
                { do: 'expectNoFrame', frame: { type: 'PING', bytes: 'an echo?' } },
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'a PING',
          bytes: ping('in parts'),
          eachTime: [came('PING', 1, 'in parts')],
        },
      ],
    },
    {
      id: 'MX4-4',
      title: 'a fault of the connection: GOAWAY with its code, and the end',
      judge: 'raw',
      spec: rfc(9113, '5.4.1'),
      idea: 'After some faults nobody can say what the next bytes mean. The connection ends, and the code says why.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            fault(
              'SETTINGS of 5 bytes',
              'FRAME_SIZE_ERROR',
              frame({ type: 'SETTINGS', payload: { hex: '00 03 00 00 00' } }),
            ),
            fault(
              'an acknowledgement that holds a setting',
              'FRAME_SIZE_ERROR',
              frame({ type: 'SETTINGS', flags: ['ACK'], payload: { hex: '00 03 00 00 00 07' } }),
            ),
            fault('a PING of 7 bytes', 'FRAME_SIZE_ERROR', frame({ type: 'PING', payload: 'seven b' })),
            fault(
              'a WINDOW_UPDATE of 3 bytes',
              'FRAME_SIZE_ERROR',
              frame({ type: 'WINDOW_UPDATE', payload: { hex: '00 00 01' } }),
            ),
            fault(
              'a frame of 16,385 bytes',
              'FRAME_SIZE_ERROR',
              frame({ type: 'PING', payload: { repeat: 'x', times: 16_385 } }),
            ),
            fault('SETTINGS on stream 3', 'PROTOCOL_ERROR', frame({ type: 'SETTINGS', stream: 3 })),
            fault('a PING on stream 3', 'PROTOCOL_ERROR', frame({ type: 'PING', stream: 3, payload: 'on three' })),
            fault(
              'GOAWAY on stream 1',
              'PROTOCOL_ERROR',
              frame({ type: 'GOAWAY', stream: 1, payload: { repeat: { hex: '00' }, times: 8 } }),
            ),
            fault('DATA on stream 0', 'PROTOCOL_ERROR', data(0, 'whose is this?')),
            fault('HEADERS on stream 0', 'PROTOCOL_ERROR', headers(0, 'GET /b', { end: true })),
            fault('ENABLE_PUSH of 2', 'PROTOCOL_ERROR', settings({ ENABLE_PUSH: 2 })),
            fault(
              'MAX_FRAME_SIZE of 16,383, behind another setting',
              'PROTOCOL_ERROR',
              settings({ MAX_CONCURRENT_STREAMS: 7, MAX_FRAME_SIZE: 16_383 }),
            ),
            fault('MAX_FRAME_SIZE of 2^24', 'PROTOCOL_ERROR', settings({ MAX_FRAME_SIZE: 2 ** 24 })),
            fault('INITIAL_WINDOW_SIZE of 2^31', 'FLOW_CONTROL_ERROR', settings({ INITIAL_WINDOW_SIZE: 2 ** 31 })),
            fault(
              'a block that HPACK cannot read',
              'COMPRESSION_ERROR',
              frame({
                type: 'HEADERS',
                stream: 3,
                flags: ['END_HEADERS', 'END_STREAM'],
                payload: { hex: 'ff ff ff ff ff ff' },
              }),
            ),
          ],
        },
        {
          do: 'each',
          cases: [
            {
              title: 'WINDOW_UPDATE for the connection, an unknown type on stream 0',
              steps: [
                // The judge gives the largest window to begin with, so there is nothing to add to it: the one on a stream counts.
                get(1, '/slow'),
                send('WINDOW_UPDATE, and type 0xfe', windowUpdate(1, 0x10), frame({ type: 0xfe, payload: 'a future' })),
                release('/slow'),
                reply(1, 'GET /slow', 'late, and whole'),
                { do: 'expectNoFrame', frame: { type: 'GOAWAY' } },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX4-5',
      title: 'the client says goodbye: what is open is finished, then the end',
      judge: 'raw',
      spec: rfc(9113, '6.8'),
      idea: 'GOAWAY says that nothing new will be asked. It takes nothing back.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'two replies are under way',
              steps: [
                get(1, '/slow'),
                get(3, '/a'),
                send(
                  'GOAWAY with a word behind the code',
                  frame({ type: 'GOAWAY', payload: [{ repeat: { hex: '00' }, times: 8 }, 'so long'] }),
                ),
                reply(3, 'GET /a', 'first'),
                release('/slow'),
                reply(1, 'GET /slow', 'late, and whole'),
                ...isOver,
              ],
            },
            {
              title: 'a body is still coming',
              steps: [
                send('POST /note on stream 1, and its first half', headers(1, 'POST /note'), data(1, 'half a note, ')),
                send('GOAWAY', goaway(0)),
                send('the second half', data(1, 'and the rest', { end: true })),
                reply(1, 'POST /note', 'half a note, and the rest'),
                ...isOver,
              ],
            },
            {
              title: 'nothing is open',
              steps: [get(1, '/a'), reply(1, 'GET /a', 'first'), send('GOAWAY', goaway(0)), ...isOver],
            },
          ],
        },
      ],
    },
    {
      id: 'MX4-6',
      title: 'you say goodbye: the last id in it, and that one is still answered',
      judge: 'raw',
      spec: rfc(9113, '6.8'),
      idea: 'The id in GOAWAY is a promise. Up to it everything is answered; above it nothing was done, so it may be asked elsewhere.',
      scene: { ...scene, options: { signal: true } },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'a reply is under way, and one more request crosses the goodbye',
              steps: [
                get(1, '/a'),
                reply(1, 'GET /a', 'first'),
                get(3, '/slow'),
                begun('GET /slow'),
                { do: 'abort' },
                { do: 'expectGoaway', code: 'NO_ERROR', last: 3 },
                get(5, '/late'),
                release('/slow'),
                reply(3, 'GET /slow', 'late, and whole'),
                ...isOver,
                calls('GET /a', 'GET /slow'),
              ],
            },
            {
              title: 'a body is still coming',
              steps: [
                send('POST /note on stream 1, and its first half', headers(1, 'POST /note'), data(1, 'half a note, ')),
                begun('POST /note'),
                { do: 'abort' },
                { do: 'expectGoaway', code: 'NO_ERROR', last: 1 },
                send('the second half', data(1, 'and the rest', { end: true })),
                reply(1, 'POST /note', 'half a note, and the rest'),
                ...isOver,
              ],
            },
            {
              title: 'a request comes too late, and trailers recall its field',
              steps: [
                send('POST /note on stream 1, and its first half', headers(1, 'POST /note'), data(1, 'half a note, ')),
                begun('POST /note'),
                { do: 'abort' },
                send(
                  'a late request that is remembered, the second half of the note, and trailers',
                  headers(3, 'GET /late', { end: true, fields: [remember('x-note', 'kept')] }),
                  data(1, 'and the rest'),
                  headers(1, [recall(62)], { end: true }),
                ),
                reply(1, 'POST /note', 'half a note, and the rest'),
                ...isOver,
                calls('POST /note'),
              ],
            },
            {
              title: 'nothing is open',
              steps: [
                get(1, '/a'),
                reply(1, 'GET /a', 'first'),
                { do: 'abort' },
                { do: 'expectGoaway', code: 'NO_ERROR', last: 1 },
                ...isOver,
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX4-C',
      title: 'Chromium goes on elsewhere after your goodbye, and nothing fails',
      judge: 'chromium',
      spec: rfc(9113, '6.8'),
      idea: 'Said in time, a goodbye costs nobody anything. A browser opens another connection, and the page never knows.',
      scene: {
        ...scene,
        options: { signal: true },
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX4</title><p>Stream 0</p></html>',
            },
          },
          { on: 'GET /before', reply: { body: 'on the first connection' } },
          { on: 'GET /after', reply: { body: 'on the second one' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Stream 0' } },
        { do: 'fetch', method: 'GET', path: '/before', expect: { status: 200, body: 'on the first connection' } },
        { do: 'expectConnections', paths: ['/', '/before'], count: 1 },
        { do: 'signal' },
        { do: 'fetch', method: 'GET', path: '/after', expect: { status: 200, body: 'on the second one' } },
        { do: 'expectConnections', paths: ['/before', '/after'], count: 2 },
        {
          do: 'expectHandlerCalls',
          calls: [{ request: 'GET /' }, { request: 'GET /before' }, { request: 'GET /after' }],
        },
      ],
    },
  ],
});

export default exercise;

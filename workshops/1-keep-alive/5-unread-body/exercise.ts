import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Spec,
  type Step,
} from '@interleave/judge/exercise';

const HOST = 'Host: workshop\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
const post = (path: string, size: number): string => `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${size}\r\n\r\n`;
const chunkedPost = (path: string): string => `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;
const CHUNKED = chunkedPost('/note');
const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const reply = (to: string, status: number, body: string): Step => ({ do: 'expectReply', to, status, body });
const contract: Spec = { text: 'contract', url: '' };

const KIB = 1024;
const MIB = 1024 * KIB;
/** What may be taken for nobody: a pipe's worth. */
const AHEAD = 256 * KIB;
const DROPPED = 1 * MIB + AHEAD;
/** What really comes of a long body. Who wants all of it waits for ever, and needs not be fed for it. */
const OFFERED = 4 * MIB;

/** Ten thousand bytes in two writes; the second begins with a request, where a handler that stops half-way has stopped. */
const EVIL = `GET /evil HTTP/1.1\r\n${HOST}\r\n`;
const FIRST: Bytes = { repeat: 'x', times: 5000 };
const SECOND: Bytes = [EVIL, { repeat: 'y', times: 5000 - EVIL.length }];

const rules: readonly HandlerRule[] = [
  { on: 'POST /note', reply: { body: 'noted' } },
  { on: 'POST /ignored', read: 'nothing', reply: { status: 413, body: 'too large' } },
  { on: 'POST /half', read: 4096, cancel: true, reply: { status: 413, body: 'half is enough' } },
  { on: 'POST /waits', read: 'nothing', after: 5000, reply: { status: 413, body: 'too large' } },
  { on: 'POST /some', read: 64 * KIB, after: 5000, reply: { status: 413, body: 'too large' } },
  { on: 'GET /next', reply: { body: 'next' } },
];
const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: rules } as const;

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const PLAIN = ['content-type', 'text/plain; charset=utf-8'] as const;
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA5</title><p>The body nobody read</p></html>';

/** A body that is read while it comes ends where it says, and the next request begins there. */
const bodyThenNext = (note: readonly string[]): Step => ({
  do: 'everyCut',
  what: 'POST /note with its body, then GET /next',
  bytes: [...note, get('/next')],
  eachTime: [
    reply('POST /note', 200, 'noted'),
    {
      do: 'expectHandlerCalls',
      calls: [{ request: 'POST /note', body: 'hello there' }, { request: 'GET /next' }],
      atMost: true,
    },
    { do: 'expectNextOrEnd', to: 'GET /next', body: 'next' },
  ],
});

/** A small body that nobody reads: the next request is answered, or the end was announced, and comes. */
const smallCase = (path: string, body: string, title: string, first: Bytes, second: Bytes) => ({
  title,
  steps: [
    send(`POST ${path} and half of its body`, first),
    send('the other half, which begins with GET /evil', second),
    reply(`POST ${path}`, 413, body),
    { do: 'expectNextOrEnd', to: 'GET /next', bytes: get('/next'), body: 'next' } as const,
    {
      do: 'expectHandlerCalls',
      calls: [{ request: `POST ${path}` }, { request: 'GET /next' }],
      atMost: true,
    } as const,
  ],
});
const small = (path: string, body: string): Step => ({
  do: 'each',
  cases: [
    smallCase(path, body, 'Content-Length: 10000', [post(path, 10_000), FIRST], SECOND),
    smallCase(
      path,
      body,
      'two chunks of 5,000 bytes',
      [chunkedPost(path), '1388\r\n', FIRST, '\r\n1388\r\n'],
      [SECOND, '\r\n0\r\n\r\n'],
    ),
  ],
});

/** A body that is too long to be dropped: the reply whole, then the end, soon. Of chunks nobody knows how long they get. */
const large = (path: string, body: string): Step => ({
  do: 'each',
  cases: [
    ['Content-Length: 100 MiB', post(path, 100 * MIB)],
    ['a chunk of 100 MiB', `${chunkedPost(path)}${(100 * MIB).toString(16)}\r\n`],
  ].map(([title = '', head = '']) => ({
    title,
    steps: [
      { do: 'upload', what: `POST ${path}`, head, size: OFFERED },
      reply(`POST ${path}`, 413, body),
      // Who reads on for ever never ends either; the reading is the cause.
      { do: 'expectAppetite', beyond: DROPPED },
      { do: 'expectEnd' },
      { do: 'expectAppetite', beyond: DROPPED },
      { do: 'expectSettled' },
    ],
  })),
});

const broken = (title: string, how: Step, head: string, part: Bytes) => ({
  title,
  steps: [
    send('POST /note with a part of its body', [head, part]),
    { do: 'expectBegun', request: 'POST /note' } as const,
    how,
    { do: 'expectBodyError', request: 'POST /note' } as const,
    { do: 'expectSettled' } as const,
    { do: 'expectHandlerCalls', calls: [{ request: 'POST /note' }], atMost: true } as const,
  ],
});

const exercise: Exercise = defineExercise({
  id: 'KA5',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/5-unread-body',
  title: 'The body nobody read',
  idea: 'A connection can go on only from the end of a message, so an unread body must be drained or the connection given up.',
  minutes: 30,
  buildsOn: ['KA4'],
  contract:
    'export function serve(connection: Connection, handler: Handler): Promise<void>; // request.body is read while it comes',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  // It has no file of its own: it starts from what the last exercise left.
  startFails: [],
  carry: {
    from: 'workshops/1-keep-alive/4-no-body/solution',
    fails: ['KA5-1', 'KA5-2', 'KA5-4', 'KA5-5', 'KA5-6'],
  },
  checks: [
    {
      id: 'KA5-1',
      title: 'the handler runs when the head is complete',
      judge: 'raw',
      spec: contract,
      idea: 'A handler can refuse, or begin to work, before the last byte of a body exists. It needs the head for that, and no more.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'Content-Length',
              steps: [
                send('the head of POST /note', post('/note', 11)),
                { do: 'expectBegun', request: 'POST /note' },
                send('its body', 'hello there'),
                reply('POST /note', 200, 'noted'),
                { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body: 'hello there' }] },
              ],
            },
            {
              title: 'chunks',
              steps: [
                send('the head of POST /note', CHUNKED),
                { do: 'expectBegun', request: 'POST /note' },
                send('its body', 'b\r\nhello there\r\n0\r\n\r\n'),
                reply('POST /note', 200, 'noted'),
                { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body: 'hello there' }] },
              ],
            },
          ],
        },
        bodyThenNext([post('/note', 11), 'hello there']),
        bodyThenNext([CHUNKED, '5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n']),
      ],
    },
    {
      id: 'KA5-2',
      title: 'no more is taken than the handler reads, and a little',
      judge: 'raw',
      spec: contract,
      idea: 'Bytes that are not taken stay with the peer, who then waits. Bytes that are taken stay with you, as many as the peer likes.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the handler reads nothing for five seconds',
              steps: [
                { do: 'upload', what: 'POST /waits', head: post('/waits', 10 * MIB), size: OFFERED },
                { do: 'expectBegun', request: 'POST /waits' },
                { do: 'expectAppetite', beyond: AHEAD },
              ],
            },
            {
              title: 'the handler reads 64 KiB and pauses',
              steps: [
                { do: 'upload', what: 'POST /some', head: post('/some', 10 * MIB), size: OFFERED },
                { do: 'expectBegun', request: 'POST /some' },
                { do: 'expectAppetite', beyond: AHEAD },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA5-3',
      title: 'a small body that nobody reads is not a request',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'The next request begins where this message ends. Until you have found that place, nothing that comes is a request.',
      scene,
      steps: [small('/ignored', 'too large')],
    },
    {
      id: 'KA5-4',
      title: 'a huge body that nobody reads costs the connection, not the reply',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'Reading what nobody wants costs as much as the peer likes to send. Past some size a new connection is the cheaper way on.',
      scene,
      steps: [large('/ignored', 'too large')],
    },
    {
      id: 'KA5-5',
      title: 'a body read by half and given up is no other case',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'A handler that gives up a body has said that it wants no more of it. It has not said anything about the connection.',
      scene,
      steps: [small('/half', 'half is enough'), large('/half', 'half is enough')],
    },
    {
      id: 'KA5-6',
      title: 'a body that breaks off fails in the handler',
      judge: 'raw',
      spec: rfc(9112, '8'),
      idea: 'A message that ends before its length is not a short message, it is a broken one. Whoever reads it must be able to tell.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            broken(
              'the peer ends inside Content-Length',
              { do: 'endInput' },
              post('/note', 100),
              'forty bytes, or nearly so',
            ),
            broken('the peer breaks off inside Content-Length', { do: 'reset' }, post('/note', 100), 'some'),
            broken('the peer ends inside a chunk', { do: 'endInput' }, CHUNKED, 'a\r\nfive!'),
            broken('the peer ends between two chunks', { do: 'endInput' }, CHUNKED, '5\r\nfive!\r\n'),
          ],
        },
      ],
    },
    {
      id: 'KA5-C',
      title: 'Chromium uploads 8 MB, is refused, and asks again',
      judge: 'chromium',
      spec: rfc(9112, '9.6'),
      idea: 'A browser sends its whole upload before it looks at the reply. A refusal that reaches nobody looks like a broken network.',
      scene: {
        ...scene,
        handler: [
          { on: 'GET /', reply: { fields: [HTML], body: PAGE } },
          { on: 'POST /upload', read: 'nothing', reply: { status: 413, fields: [PLAIN], body: 'too large' } },
          { on: 'GET /next', reply: { fields: [PLAIN], body: 'next' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'The body nobody read' } },
        {
          do: 'fetch',
          method: 'POST',
          path: '/upload',
          body: { repeat: 'u', times: 8_000_000 },
          expect: { status: 413, body: 'too large' },
        },
        { do: 'fetch', method: 'GET', path: '/next', expect: { status: 200, body: 'next' } },
      ],
    },
  ],
});

export default exercise;

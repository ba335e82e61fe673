import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: workshop\r\n${more}\r\n`;
const post = (path: string, body: string, name = 'Content-Length'): string =>
  `POST ${path} HTTP/1.1\r\nHost: workshop\r\n${name}: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`;
const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const reply = (to: string, body: string): Step => ({ do: 'expectReply', to, status: 200, body });

/** A body that would be a request, if anybody read it as one. */
const TRICK = 'GET /evil HTTP/1.1\r\nHost: workshop\r\n\r\n';
/** The same with a character of two bytes, for whoever turns chunks into text one by one. */
const TRICK_CAFE = `Café? ${TRICK}`;
const NO_TEXT: Bytes = { hex: '00 ff c3 28 0d 0a 0d 0a 80' };

const pages: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { body: 'first' } },
  { on: 'GET /b', reply: { body: 'second one' } },
  { on: 'GET /c', reply: { body: 'third' } },
  // No echo: a fault in the reply must not look like one in the request.
  { on: 'POST /note', reply: { body: 'noted' } },
  { on: 'GET /after', reply: { body: 'after' } },
];

const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: pages } as const;

const three: readonly Step[] = [reply('GET /a', 'first'), reply('GET /b', 'second one'), reply('GET /c', 'third')];

/** A POST and the GET behind it: whoever misjudges the end of the body misreads the GET. */
const noteThenGet = (title: string, request: Bytes, body: Bytes): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [
    send('POST /note', request),
    { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body }] },
    reply('POST /note', 'noted'),
    send('GET /a', get('/a')),
    reply('GET /a', 'first'),
  ],
});

const exercise: Exercise = defineExercise({
  id: 'KA2',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/2-one-connection',
  title: 'One connection, many exchanges',
  idea: 'The connection outlives the exchange; every exchange is still a message of its own.',
  minutes: 30,
  buildsOn: [],
  contract:
    'export function serve(connection: Connection, handler: Handler): Promise<void>; // resolves when the connection is over',
  files: [{ path: 'http1/server.ts', start: 'start/http1/server.ts', exports: ['serve'] }],
  startFails: ['KA2-1', 'KA2-2', 'KA2-3', 'KA2-4', 'KA2-5', 'KA2-C'],
  checks: [
    {
      id: 'KA2-1',
      title: 'three exchanges, one after another, on one connection',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'In HTTP/1.1 a connection goes on after a reply unless somebody says otherwise. So each reply must say where it ends.',
      scene,
      steps: [
        send('GET /a', get('/a')),
        { do: 'expectReply', to: 'GET /a', status: 200, body: 'first', connection: 'stays' },
        send('GET /b', get('/b')),
        { do: 'expectReply', to: 'GET /b', status: 200, body: 'second one', connection: 'stays' },
        send('GET /c', get('/c')),
        { do: 'expectReply', to: 'GET /c', status: 200, body: 'third', connection: 'stays' },
      ],
    },
    {
      id: 'KA2-2',
      title: 'the same bytes, cut anywhere or all at once',
      judge: 'raw',
      spec: rfc(9112, '2.2'),
      idea: 'TCP gives you bytes, not requests: one chunk can hold two requests, or half of one. What you did not use is still yours.',
      // The first answer takes longest: order must come from the requests, not from luck.
      scene: {
        ...scene,
        handler: [
          { on: 'GET /a', after: 30, reply: { body: 'first' } },
          { on: 'GET /b', after: 10, reply: { body: 'second one' } },
          { on: 'GET /c', reply: { body: 'third' } },
        ],
      },
      steps: [
        {
          do: 'everyCut',
          what: 'GET /a, GET /b and GET /c',
          bytes: [get('/a'), get('/b'), get('/c')],
          eachTime: [
            ...three,
            { do: 'expectHandlerCalls', calls: [{ request: 'GET /a' }, { request: 'GET /b' }, { request: 'GET /c' }] },
          ],
        },
      ],
    },
    {
      id: 'KA2-3',
      title: 'a body is read to its end, and is not a request',
      judge: 'raw',
      spec: rfc(9112, '6.3'),
      idea: 'The head says how many bytes of body follow. Those bytes are data, whatever they look like; the next request begins behind them.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            noteThenGet('a body that looks like a request', post('/note', TRICK), TRICK),
            noteThenGet('a small body', post('/note', 'Hello, server'), 'Hello, server'),
            noteThenGet(
              'content-length in small letters',
              post('/note', 'small letters', 'content-length'),
              'small letters',
            ),
            noteThenGet('CONTENT-LENGTH in capitals', post('/note', 'capitals', 'CONTENT-LENGTH'), 'capitals'),
            noteThenGet('no space behind the colon', post('/note', 'no space').replaceAll(': ', ':'), 'no space'),
            noteThenGet(
              'spaces and a tab around the value',
              post('/note', 'around').replace(': 6', ': \t 6 \t'),
              'around',
            ),
            noteThenGet('a body of no bytes', post('/note', ''), ''),
            noteThenGet(
              'a body that is no text',
              [`POST /note HTTP/1.1\r\nHost: workshop\r\nContent-Length: 9\r\n\r\n`, NO_TEXT],
              NO_TEXT,
            ),
          ],
        },
        {
          do: 'everyCut',
          what: 'POST /note with a body that looks like a request, then GET /a',
          bytes: [post('/note', TRICK_CAFE), get('/a')],
          eachTime: [
            { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body: TRICK_CAFE }, { request: 'GET /a' }] },
            reply('POST /note', 'noted'),
            reply('GET /a', 'first'),
          ],
        },
      ],
    },
    {
      id: 'KA2-4',
      title: 'the length of a reply counts bytes, and not one stands between',
      judge: 'raw',
      spec: rfc(9112, '6.2'),
      idea: 'A reader finds the next reply by counting. One byte too many or too few, and everything after it is misread.',
      scene: {
        ...scene,
        handler: [
          { on: 'GET /cafe', reply: { body: 'café' } },
          { on: 'GET /empty', reply: { body: '' } },
          { on: 'GET /nothing', reply: {} },
          { on: 'GET /bytes', reply: { body: { hex: '00 ff 0d 0a 0d 0a c3' } } },
          { on: 'GET /wave', reply: { body: '👋 hello' } },
        ],
      },
      steps: [
        send('GET /cafe', get('/cafe')),
        { do: 'expectReply', to: 'GET /cafe', status: 200, body: 'café', exact: true },
        send('GET /empty', get('/empty')),
        { do: 'expectReply', to: 'GET /empty', status: 200, body: '', exact: true },
        send('GET /nothing', get('/nothing')),
        { do: 'expectReply', to: 'GET /nothing', status: 200, body: '', exact: true },
        send('GET /bytes', get('/bytes')),
        { do: 'expectReply', to: 'GET /bytes', status: 200, body: { hex: '00 ff 0d 0a 0d 0a c3' }, exact: true },
        send('GET /wave', get('/wave')),
        { do: 'expectReply', to: 'GET /wave', status: 200, body: '👋 hello', exact: true },
        { do: 'expectSilence' },
      ],
    },
    {
      id: 'KA2-5',
      title: 'Connection: close ends the connection after the reply',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'The one who says close sends nothing more. After the reply the connection ends, and bytes behind that request are nobody’s.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ['Connection: close', 'Connection: close\r\n'],
            ['Connection: x, Close', 'Connection: x, Close\r\n'],
            ['connection: CLOSE ,x', 'connection: CLOSE ,x\r\n'],
            ['two Connection fields', 'Connection: x\r\nConnection: close\r\n'],
          ].map(([title = '', field = '']) => ({
            title,
            steps: [send(`GET /a with ${title}`, get('/a', field)), reply('GET /a', 'first'), { do: 'expectEnd' }],
          })),
        },
        {
          do: 'each',
          cases: [
            {
              title: 'Connection: keep-alive, and then another request',
              steps: [
                send('GET /a with Connection: keep-alive', get('/a', 'Connection: keep-alive\r\n')),
                { do: 'expectReply', to: 'GET /a', status: 200, body: 'first', connection: 'stays' },
                send('GET /b', get('/b')),
                reply('GET /b', 'second one'),
              ],
            },
          ],
        },
        {
          do: 'each',
          cases: [
            {
              // Some servers take bytes behind a close as an error and end at once. So only the handler is judged here.
              title: 'GET /after in the same write',
              steps: [
                send('GET /a with Connection: close, and GET /after behind it', [
                  get('/a', 'Connection: close\r\n'),
                  get('/after'),
                ]),
                { do: 'expectEnd', anything: true },
                { do: 'expectHandlerCalls', calls: [{ request: 'GET /a' }], atMost: true },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA2-6',
      title: 'when the peer ends, serve ends too',
      judge: 'raw',
      spec: rfc(9112, '8'),
      idea: 'A request that breaks off in its head was never asked. Nobody waits for its answer, and nothing of it may reach the handler.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the peer ends at once',
              steps: [
                { do: 'endInput' },
                { do: 'expectEnd', anything: true },
                { do: 'expectSettled' },
                { do: 'expectHandlerCalls', calls: [] },
              ],
            },
            {
              title: 'the peer ends after one exchange',
              steps: [
                send('GET /a', get('/a')),
                reply('GET /a', 'first'),
                { do: 'endInput' },
                { do: 'expectEnd', anything: true },
                { do: 'expectSettled' },
                { do: 'expectHandlerCalls', calls: [{ request: 'GET /a' }] },
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'GET /a',
          bytes: get('/a'),
          deliveries: ['prefix'],
          eachTime: [
            { do: 'endInput' },
            { do: 'expectEnd', anything: true },
            { do: 'expectSettled' },
            { do: 'expectHandlerCalls', calls: [] },
          ],
        },
      ],
    },
    {
      id: 'KA2-C',
      title: 'Chromium asks four times on one connection',
      judge: 'chromium',
      spec: rfc(9112, '9.3'),
      idea: 'A page can look right while the browser pays for a new connection each time. Count the connections, not the pixels.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA2</title><p>One connection, many exchanges</p></html>',
            },
          },
          {
            on: 'GET /one',
            reply: { fields: [['content-type', 'text/plain; charset=utf-8']], body: 'the first café' },
          },
          {
            on: 'POST /note',
            reply: { fields: [['content-type', 'text/plain; charset=utf-8']], body: { echo: true } },
          },
          { on: 'GET /two', reply: { fields: [['content-type', 'text/plain; charset=utf-8']], body: 'the second' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'One connection, many exchanges' } },
        { do: 'fetch', method: 'GET', path: '/one', expect: { status: 200, body: 'the first café' } },
        {
          do: 'fetch',
          method: 'POST',
          path: '/note',
          body: 'a note, und ein Gruß',
          expect: { status: 200, body: 'a note, und ein Gruß' },
        },
        { do: 'fetch', method: 'GET', path: '/two', expect: { status: 200, body: 'the second' } },
        { do: 'expectConnections', paths: ['/', '/one', '/note', '/two'], count: 1 },
        {
          do: 'expectHandlerCalls',
          calls: [
            { request: 'GET /' },
            { request: 'GET /one' },
            { request: 'POST /note', body: 'a note, und ein Gruß' },
            { request: 'GET /two' },
          ],
        },
      ],
    },
  ],
});

export default exercise;

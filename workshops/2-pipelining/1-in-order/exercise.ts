import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: workshop\r\n${more}\r\n`;
const post = (path: string, body: string, method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: workshop\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const send = (what: string, ...bytes: Bytes[]): Step => ({ do: 'send', what, bytes });
const reply = (to: string, body: Bytes, status = 200): Step => ({ do: 'expectReply', to, status, body });
const release = (...names: string[]): Step[] => names.map((name) => ({ do: 'release', name }));
const held = (reply: string, before: string, bytes: Bytes): Step => ({ do: 'expectHeld', reply, before, bytes });

const three: Step = send('GET /a, GET /b and GET /c', get('/a'), get('/b'), get('/c'));
const replies: readonly Step[] = [reply('GET /a', 'first'), reply('GET /b', 'second one'), reply('GET /c', 'third')];

/** Each handler ends when the judge says so. */
const waiting: readonly HandlerRule[] = [
  { on: 'GET /a', until: '/a', reply: { body: 'first' } },
  { on: 'GET /b', until: '/b', reply: { body: 'second one' } },
  { on: 'GET /c', until: '/c', reply: { body: 'third' } },
];

const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: waiting } as const;

const IDLE = 5000;
/** The clock starts with the last reply. That it ends at all is judged where it is asked for. */
const idle: Step = { do: 'expectOpen', for: IDLE - 1 };

const TWELVE: readonly number[] = Array.from({ length: 12 }, (_, i) => i + 1);

const exercise: Exercise = defineExercise({
  id: 'PL1',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/1-in-order',
  title: 'Answer in the order asked',
  idea: 'Handlers may run side by side. Replies leave in the order of the requests, because nothing else says whose they are.',
  minutes: 30,
  buildsOn: ['KA6'],
  contract:
    'export function serve(connection: Connection, handler: Handler): Promise<void>; // handlers of safe methods run side by side',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  startFails: [],
  // A server that answers one request after another is legal; it is slow.
  carry: { from: 'workshops/1-keep-alive/6-idle/solution', fails: ['PL1-1'] },
  checks: [
    {
      id: 'PL1-1',
      title: 'three handlers run before one ends',
      judge: 'raw',
      spec: { ...rfc(9112, '9.3.2'), text: 'contract' },
      idea: 'The next request is there already. A server may begin with it before the one before it is answered, when both only ask.',
      scene,
      steps: [
        three,
        { do: 'expectTogether', requests: ['GET /a', 'GET /b', 'GET /c'] },
        ...release('/a', '/b', '/c'),
        ...replies,
      ],
    },
    {
      id: 'PL1-2',
      title: 'replies leave in the order asked, each as soon as it may',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'A reply has no number and no name. The client knows whose it is only by its place in the line.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the handlers end 3, 2, 1',
              steps: [
                three,
                ...release('/c'),
                held('GET /c', 'GET /a', 'third'),
                ...release('/b'),
                held('GET /b', 'GET /a', 'second one'),
                ...release('/a'),
                ...replies,
                {
                  do: 'expectHandlerCalls',
                  calls: [{ request: 'GET /a' }, { request: 'GET /b' }, { request: 'GET /c' }],
                },
              ],
            },
            {
              title: 'the handlers end 1, 3, 2',
              steps: [
                three,
                ...release('/a'),
                reply('GET /a', 'first'),
                ...release('/c'),
                held('GET /c', 'GET /b', 'third'),
                ...release('/b'),
                reply('GET /b', 'second one'),
                reply('GET /c', 'third'),
                { do: 'expectSilence' },
              ],
            },
            {
              title: 'the next request comes while the one before it is worked on',
              steps: [
                send('GET /a', get('/a')),
                send('GET /b', get('/b')),
                ...release('/b'),
                held('GET /b', 'GET /a', 'second one'),
                ...release('/a'),
                reply('GET /a', 'first'),
                reply('GET /b', 'second one'),
                send('GET /c', get('/c')),
                ...release('/c'),
                reply('GET /c', 'third'),
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'GET /a, GET /b and GET /c',
          bytes: [get('/a'), get('/b'), get('/c')],
          eachTime: [...release('/c', '/b', '/a'), ...replies],
        },
      ],
    },
    {
      id: 'PL1-3',
      title: 'what changes something runs alone',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'What a POST changes, the request before it must not see yet, and the one behind it must. Only safe methods may run side by side.',
      scene: {
        ...scene,
        handler: [
          ...waiting,
          { on: 'POST /note', until: '/note', reply: { body: 'noted' } },
          { on: 'PUT /note', until: '/note', reply: { body: 'noted' } },
          { on: 'DELETE /note', until: '/note', reply: { body: 'noted' } },
        ],
      },
      steps: [
        {
          do: 'each',
          cases: ['POST', 'PUT', 'DELETE'].map((method) => ({
            title: `GET, ${method}, GET in one write`,
            steps: [
              send(`GET /a, ${method} /note and GET /b`, get('/a'), post('/note', 'Hello', method), get('/b')),
              { do: 'expectAlone', request: 'GET /a' },
              ...release('/a'),
              reply('GET /a', 'first'),
              { do: 'expectAlone', request: `${method} /note` },
              ...release('/note'),
              reply(`${method} /note`, 'noted'),
              ...release('/b'),
              reply('GET /b', 'second one'),
              {
                do: 'expectHandlerCalls',
                calls: [{ request: 'GET /a' }, { request: `${method} /note`, body: 'Hello' }, { request: 'GET /b' }],
              },
            ],
          })),
        },
        {
          do: 'each',
          cases: [
            {
              title: 'GET, GET, POST, and the second GET ends first',
              steps: [
                send('GET /a, GET /b and POST /note', get('/a'), get('/b'), post('/note', 'Hello')),
                ...release('/b'),
                held('GET /b', 'GET /a', 'second one'),
                { do: 'expectAlone', request: 'GET /a' },
                ...release('/a', '/note'),
                reply('GET /a', 'first'),
                reply('GET /b', 'second one'),
                reply('POST /note', 'noted'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL1-4',
      title: 'a reply is over with its last byte, not before',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'A reply ends with its last byte, not with its head. Whatever stands before that byte is read as part of it, and whatever it is made of is needed until then.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /a',
            reply: { body: { pieces: [{ bytes: 'one half, ' }, { until: 'more', bytes: 'and the other half' }] } },
          },
          { on: 'GET /b', reply: { body: 'second one' } },
          { on: 'POST /note', reply: { body: { echo: 'as it comes' } } },
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'reply 1 comes in halves',
              steps: [
                send('GET /a and GET /b', get('/a'), get('/b')),
                held('GET /b', 'GET /a', 'second one'),
                ...release('more'),
                reply('GET /a', 'one half, and the other half'),
                reply('GET /b', 'second one'),
                { do: 'expectSilence' },
              ],
            },
            {
              title: 'reply 1 is made of its request’s body, while it leaves',
              steps: [
                send('POST /note and GET /b', post('/note', 'Hello, note'), get('/b')),
                reply('POST /note', 'Hello, note'),
                reply('GET /b', 'second one'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL1-5',
      title: 'what fails keeps its place in the line',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'An answer that is left out moves all answers behind it one place up, and each goes to the wrong question.',
      scene: {
        ...scene,
        handler: [
          { on: 'GET /a', until: '/a', reply: { body: 'first' } },
          { on: 'GET /b', throws: true, reply: {} },
          { on: 'GET /c', reply: { body: 'third' } },
          // A server that looks no closer may ask its handler; what is judged here is the place of the answer.
          { on: 'What is', reply: { status: 400 } },
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'a handler that throws',
              steps: [
                three,
                ...release('/a'),
                reply('GET /a', 'first'),
                { do: 'expectReply', to: 'GET /b', status: 500 },
                reply('GET /c', 'third'),
              ],
            },
            {
              title: 'a request that nobody can read',
              steps: [
                send('GET /a, and a line that is no request', get('/a'), 'What is this?\r\n\r\n'),
                held('the line that is no request', 'GET /a', ' 400 '),
                ...release('/a'),
                reply('GET /a', 'first'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL1-6',
      title: 'behind a close nothing is begun',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'The client that says close asks nothing more. The replies before it are still owed; what stands behind it is nobody’s.',
      scene: { ...scene, handler: [...waiting, { on: 'GET /d', until: '/d', reply: { body: 'fourth' } }] },
      steps: [
        send(
          'four GETs, the second one with Connection: close',
          get('/a'),
          get('/b', 'Connection: close\r\n'),
          get('/c'),
          get('/d'),
        ),
        // A server that worked ahead would be seen here, before anything ends.
        { do: 'expectHandlerCalls', calls: [{ request: 'GET /a' }, { request: 'GET /b' }], atMost: true },
        ...release('/d', '/c', '/b', '/a'),
        reply('GET /a', 'first'),
        reply('GET /b', 'second one'),
        { do: 'expectEnd' },
        { do: 'expectSettled' },
        { do: 'expectHandlerCalls', calls: [{ request: 'GET /a' }, { request: 'GET /b' }] },
      ],
    },
    {
      id: 'PL1-7',
      title: 'while a reply is owed, the connection is not idle',
      judge: 'raw',
      spec: { ...rfc(9112, '9.5'), text: 'contract' },
      idea: 'Idle is a connection on which nothing is under way. With several replies owed, the end of one says nothing about the others.',
      scene: { ...scene, options: { idle: IDLE } },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'all handlers take 20 s',
              steps: [three, { do: 'expectOpen', for: 4 * IDLE }, ...release('/a', '/b', '/c'), ...replies, idle],
            },
            {
              title: 'the first reply leaves at once, the others after 20 s',
              steps: [
                three,
                ...release('/a'),
                reply('GET /a', 'first'),
                { do: 'expectOpen', for: 4 * IDLE },
                ...release('/b', '/c'),
                reply('GET /b', 'second one'),
                reply('GET /c', 'third'),
                idle,
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL1-C',
      title: 'twelve fetches at once, twelve right answers',
      judge: 'chromium',
      spec: rfc(9112, '9.3.2'),
      idea: 'Chromium never pipelines: it opens up to six connections, each with one request at a time. All of them meet in one server.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html']],
              body: '<!doctype html><link rel=icon href="data:,"><title>PL1</title><p>twelve at once',
            },
          },
          // The first ones take longest, so that they are overtaken.
          ...TWELVE.map((n) => ({ on: `GET /n/${n}`, after: 3 * (12 - n), reply: { body: `answer ${n}` } })),
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'twelve at once' } },
        {
          do: 'fetchTogether',
          fetches: TWELVE.map((n) => ({
            method: 'GET',
            path: `/n/${n}`,
            expect: { status: 200, body: `answer ${n}` },
          })),
        },
      ],
    },
  ],
});

export default exercise;

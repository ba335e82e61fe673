import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Spec,
  type Step,
} from '@interleave/judge/exercise';

type Case = { readonly title: string; readonly steps: readonly Step[] };

const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: workshop\r\n${fields}\r\n`;
const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const reply = (to: string, body: string): Step => ({ do: 'expectReply', to, status: 200, body });
const last = (to: string, body: string): Step => ({ do: 'expectReply', to, status: 200, body, connection: 'ends' });
const askA: readonly Step[] = [send('GET /a', get('/a')), reply('GET /a', 'first')];
const calls = (...requests: string[]): Step => ({
  do: 'expectHandlerCalls',
  calls: requests.map((request) => ({ request })),
});

const contract: Spec = { text: 'contract', url: '' };

const IDLE = 5000;
/** Who looks once in a while finds out later; twice the time is enough for that. */
const OVER = 2 * IDLE;
/** At once: not when the next request comes, and not when the connection has been idle for long. */
const AT_ONCE = 1000;
const open: Step = { do: 'expectOpen', for: IDLE - 1 };
const over: Step = { do: 'expectIdleEnd', within: OVER - IDLE + 1 };
const pause: Step = { do: 'expectOpen', for: 4000 };
const ended: Step = { do: 'expectIdleEnd', within: AT_ONCE };
const left: Step = { do: 'expectNothingLeft' };

const rules: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { fields: [['content-length', '5']], body: 'first' } },
  { on: 'GET /slow', after: 20_000, reply: { fields: [['content-length', '4']], body: 'slow' } },
  { on: 'GET /pause', after: 3000, reply: { fields: [['content-length', '5']], body: 'pause' } },
  {
    on: 'GET /drops',
    reply: {
      body: { pieces: Array.from({ length: 16 }, (_, i) => (i === 0 ? { bytes: '.' } : { after: 4000, bytes: '.' })) },
    },
  },
  { on: 'GET /gap', reply: { body: { pieces: [{ bytes: 'before, ' }, { after: 30_000, bytes: 'after' }] } } },
];
const scene = {
  kind: 'server',
  file: 'http1/server.ts',
  export: 'serve',
  handler: rules,
  options: { idle: IDLE, signal: true },
} as const;

/** So long that a head could be whole many times over. */
const SLOW = get('/a', 'X-Filler: never ending\r\n');
const slowHead: Step = { do: 'expectSlowHeadEnds', bytes: SLOW, every: 4000, within: OVER };

const notIdle = (title: string, path: string, body: string): Case => ({
  title,
  steps: [send(`GET ${path}`, get(path)), reply(`GET ${path}`, body), ...askA],
});

const TEXT = ['content-type', 'text/plain; charset=utf-8'] as const;
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA6</title><p>Nobody is here</p></html>';

const exercise: Exercise = defineExercise({
  id: 'KA6',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/6-idle',
  title: 'Idle',
  idea: 'Somebody has to end an unused connection; an exchange that takes long is not idle.',
  minutes: 25,
  buildsOn: ['KA5'],
  contract:
    'export function serve(connection: Connection, handler: Handler, options?: Options): Promise<void>; // options.idle: milliseconds; options.signal: end soon',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  startFails: [],
  carry: {
    from: 'workshops/1-keep-alive/5-unread-body/solution',
    fails: ['KA6-1', 'KA6-3', 'KA6-4', 'KA6-5', 'KA6-C'],
  },
  checks: [
    {
      id: 'KA6-1',
      title: 'unused for 5 s: open at 4,999 ms, ended by 10 s',
      judge: 'raw',
      spec: rfc(9112, '9.5'),
      idea: 'An open connection costs memory on both sides. Only a clock can tell that nobody will come, and it starts anew whenever an exchange is over.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'after one exchange', steps: [...askA, open, over] },
            {
              title: 'three exchanges, four seconds apart',
              steps: [...askA, pause, ...askA, pause, ...askA, open, over],
            },
            { title: 'nothing is ever sent', steps: [open, over] },
          ],
        },
      ],
    },
    {
      id: 'KA6-2',
      title: 'an exchange that takes long is not idle',
      judge: 'raw',
      spec: rfc(9112, '9.5'),
      idea: 'While a handler works or a reply still comes, somebody waits at the other end. Silence in an exchange is not the silence after it.',
      scene,
      limits: { patience: 120_000 },
      steps: [
        {
          do: 'each',
          cases: [
            notIdle('a handler of 20 s', '/slow', 'slow'),
            notIdle('a reply of a byte every four seconds, for a minute', '/drops', '.'.repeat(16)),
            notIdle('a reply with a gap of 30 s', '/gap', 'before, after'),
            {
              title: 'a handler of 20 s, the second request',
              steps: [...askA, pause, send('GET /slow', get('/slow')), reply('GET /slow', 'slow'), open, ...askA],
            },
          ],
        },
      ],
    },
    {
      id: 'KA6-3',
      title: 'a head is whole within its time, however often a byte comes',
      judge: 'raw',
      spec: rfc(9110, '15.5.9'),
      idea: 'A byte every few seconds keeps a connection busy and is no request. A clock that every byte winds up again can be held by anybody, for ever.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'a head in two parts, three seconds apart',
              steps: [
                send('half of GET /a', get('/a').slice(0, 12)),
                { do: 'advance', ms: 3000 },
                send('the other half', get('/a').slice(12)),
                reply('GET /a', 'first'),
              ],
            },
            { title: 'one byte every four seconds', steps: [slowHead, calls()] },
            { title: 'one byte every four seconds, after an exchange', steps: [...askA, slowHead, calls('GET /a')] },
            {
              title: 'half of a head, and then nothing',
              steps: [send('half of GET /a', get('/a').slice(0, 12)), { do: 'expectIdleEnd', within: OVER }, calls()],
            },
          ],
        },
      ],
    },
    {
      id: 'KA6-4',
      title: 'the signal ends what is idle, and lets an exchange finish',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'Whoever stops a server wants no more work, and wants the work that has begun to be whole. A reply that says close tells the client where to go on.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'before any request', steps: [pause, { do: 'abort' }, ended] },
            { title: 'after an exchange', steps: [...askA, { do: 'abort' }, ended, calls('GET /a')] },
            {
              title: 'while a handler runs',
              steps: [
                send('GET /pause', get('/pause')),
                { do: 'expectBegun', request: 'GET /pause' },
                { do: 'abort' },
                send('GET /a', get('/a')),
                last('GET /pause', 'pause'),
                ended,
                calls('GET /pause'),
              ],
            },
            {
              title: 'while a reply is on its way',
              steps: [
                send('GET /drops', get('/drops')),
                { do: 'expectPiece', to: 'GET /drops', body: '.' },
                { do: 'abort' },
                send('GET /a', get('/a')),
                reply('GET /drops', '.'.repeat(16)),
                ended,
                calls('GET /drops'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA6-5',
      title: 'nothing is left when it is over',
      judge: 'raw',
      spec: contract,
      idea: 'A server has thousands of connections in a day. What each of them leaves behind adds up, and nobody is there any more to end it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'ended because it was idle',
              steps: [...askA, { do: 'expectIdleEnd', within: OVER }, { do: 'endInput' }, left],
            },
            { title: 'the peer ends', steps: [...askA, { do: 'endInput' }, { do: 'expectEnd' }, left] },
            {
              title: 'the peer ends before any request',
              steps: [pause, { do: 'endInput' }, { do: 'expectEnd' }, left],
            },
            { title: 'the peer breaks off', steps: [...askA, { do: 'reset' }, left] },
            {
              title: 'the peer breaks off inside a head',
              steps: [send('half of GET /a', get('/a').slice(0, 12)), { do: 'reset' }, left],
            },
            {
              title: 'the request says close',
              steps: [
                send('GET /a with close', get('/a', 'Connection: close\r\n')),
                last('GET /a', 'first'),
                { do: 'expectEnd' },
                { do: 'endInput' },
                left,
              ],
            },
            {
              title: 'the signal',
              steps: [...askA, { do: 'abort' }, { do: 'expectIdleEnd', within: OVER }, { do: 'endInput' }, left],
            },
            {
              title: 'the signal comes when it is over',
              steps: [...askA, { do: 'endInput' }, { do: 'expectEnd' }, { do: 'abort' }, left],
            },
          ],
        },
      ],
    },
    {
      id: 'KA6-C',
      title: 'Chromium finds its connection ended, and opens another one',
      judge: 'chromium',
      spec: rfc(9112, '9.5'),
      idea: 'A browser sees the end of an unused connection before it has anything to ask. It costs the page nothing, as long as it comes when nobody is there.',
      scene: {
        ...scene,
        options: { idle: IDLE },
        handler: [
          { on: 'GET /', reply: { fields: [['content-type', 'text/html; charset=utf-8']], body: PAGE } },
          { on: 'GET /one', reply: { fields: [TEXT], body: 'one' } },
          { on: 'GET /two', reply: { fields: [TEXT], body: 'two' } },
          { on: 'GET /three', reply: { fields: [TEXT], body: 'three' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Nobody is here' } },
        { do: 'fetch', method: 'GET', path: '/one', expect: { status: 200, body: 'one' } },
        { do: 'fetch', method: 'GET', path: '/two', expect: { status: 200, body: 'two' } },
        { do: 'expectConnections', paths: ['/one', '/two'], count: 1 },
        { do: 'expectEndAfter', request: 'GET /two', within: OVER },
        { do: 'fetch', method: 'GET', path: '/three', expect: { status: 200, body: 'three' } },
        { do: 'expectConnections', paths: ['/two', '/three'], count: 2 },
      ],
    },
  ],
});

export default exercise;

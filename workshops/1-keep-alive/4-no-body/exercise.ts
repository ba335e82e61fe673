import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

type Case = { readonly title: string; readonly steps: readonly Step[] };
type Claims = Partial<Omit<Extract<Step, { do: 'expectReply' }>, 'do' | 'to'>>;

/** A request of HTTP/1.1 names its host; one of 1.0 need not. */
const ask = (line: string, fields = '', version = '1.1'): string =>
  `${line} HTTP/${version}\r\n${version === '1.1' ? 'Host: workshop\r\n' : ''}${fields}\r\n`;
const KEEP = 'Connection: keep-alive\r\n';
const one = (line: string, fields = ''): string => ask(line, fields, '1.0');

const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const reply = (to: string, body: string, claims: Claims = {}): Step => ({
  do: 'expectReply',
  to,
  status: 200,
  body,
  ...claims,
});
const end: Step = { do: 'expectEnd' };
const thenA: readonly Step[] = [send('GET /a', ask('GET /a')), reply('GET /a', 'first')];

const TYPE = ['content-type', 'text/plain; charset=utf-8'] as const;
const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const TAG = ['etag', '"v1"'] as const;
const ELEVEN = ['content-length', '11'] as const;
const HELLO = 'hello world';
/** A body of that length, in two pieces: nobody knows how long it gets. */
const UNKNOWN = { pieces: [{ bytes: 'hello ' }, { bytes: 'world' }] };

const rules: readonly HandlerRule[] = [
  { on: 'GET /a', reply: { fields: [['content-length', '5']], body: 'first' } },
  { on: 'GET /plain', reply: { fields: [ELEVEN], body: HELLO } },
  { on: 'GET /close', reply: { fields: [ELEVEN, ['connection', 'close']], body: HELLO } },
  { on: 'GET /list', reply: { fields: [ELEVEN, ['connection', 'x, Close']], body: HELLO } },
  { on: 'GET /keep', reply: { fields: [ELEVEN, ['connection', 'keep-alive']], body: HELLO } },
  { on: 'GET /last', reply: { fields: [['connection', 'close']], body: UNKNOWN } },
  { on: 'GET /unknown', reply: { fields: [TYPE, TAG], body: UNKNOWN } },
  { on: 'GET /empty', reply: {} },
  { on: 'HEAD /page', reply: { fields: [TYPE, TAG, ELEVEN], body: HELLO } },
  { on: 'HEAD /unknown', reply: { fields: [TYPE, TAG], body: UNKNOWN } },
  { on: 'HEAD /length', reply: { fields: [TYPE, TAG, ELEVEN] } },
  { on: 'GET /gone', reply: { status: 204 } },
  { on: 'GET /zero', reply: { status: 204, fields: [['content-length', '0']] } },
  { on: 'GET /same', reply: { status: 304, fields: [TAG] } },
  { on: 'GET /same-length', reply: { status: 304, fields: [TAG, ELEVEN] } },
  { on: 'GET /throws', throws: true, reply: {} },
];
const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: rules } as const;

/** One row of the table: who asks, in which version, with which Connection, and what the handler's reply says there. */
const row = (
  version: '1.1' | '1.0',
  asked: string | null,
  path: string,
  answered: string | null,
  stays: boolean,
): Case => {
  const to = `GET ${path}`;
  const again = ask(to, asked === null ? '' : `Connection: ${asked}\r\n`, version);
  const who = `HTTP/${version}, ${asked === null ? 'no Connection' : `Connection: ${asked}`}`;
  return {
    title: `${who}; the handler says ${answered ?? 'nothing'}: ${stays ? 'stays' : 'ends'}`,
    steps: stays
      ? [
          send(to, again),
          reply(to, HELLO, { connection: 'stays' }),
          send(`${to} again`, again),
          reply(to, HELLO, { connection: 'stays' }),
        ]
      : [send(to, again), reply(to, HELLO), end],
  };
};

/** A reply without a body, and a GET behind it that is answered at the right place. */
const headless = (line: string, title: string, claims: Claims): Case => ({
  title,
  steps: [send(line, ask(line)), reply(line, '', claims), ...thenA],
});
const cuts = (line: string, claims: Claims): Step => ({
  do: 'everyCut',
  what: `${line}, then GET /a`,
  bytes: [ask(line), ask('GET /a')],
  eachTime: [reply(line, '', claims), reply('GET /a', 'first')],
});

const NO_CHUNKS = ['Transfer-Encoding'];
/** The length is known, and the client asked to stay: another one of the same kind follows. */
const known = (title: string, path: string, claims: Claims): Case => {
  const line = `GET ${path}`;
  const staying = reply(line, '', { absent: NO_CHUNKS, says: 'keep-alive', ...claims });
  return {
    title,
    steps: [send(`${line} with keep-alive`, one(line, KEEP)), staying, send(`${line} again`, one(line, KEEP)), staying],
  };
};

/** No body, and keep-alive is asked for. It goes on, or ends in order: whether a body of nothing has a known length is a matter of taste. */
const either = (title: string, path: string, claims: Claims): Case => ({
  title,
  steps: [
    send(`GET ${path} with keep-alive`, one(`GET ${path}`, KEEP)),
    reply(`GET ${path}`, '', { absent: NO_CHUNKS, ...claims }),
    { do: 'expectNextOrEnd', to: 'GET /a', bytes: one('GET /a', KEEP), body: 'first' },
  ],
});

const refused = (title: string, bytes: string, to = title): Case => ({
  title,
  steps: [send(title, bytes), { do: 'expectReply', to, status: 400 }, end, { do: 'expectHandlerCalls', calls: [] }],
});
const HOST = 'Host: workshop\r\n\r\n';

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA4</title><p>Bodies that are not there</p></html>';

const exercise: Exercise = defineExercise({
  id: 'KA4',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/4-no-body',
  title: 'Who ends it, and bodies that are not there',
  idea: 'Version, fields, method and status decide, by one table, whether the connection stays and where the message ends.',
  minutes: 25,
  buildsOn: ['KA3'],
  contract:
    'export function serve(connection: Connection, handler: Handler): Promise<void>; // HTTP/1.1 and 1.0; replies without a body; Connection on both sides',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  startFails: [],
  carry: {
    from: 'workshops/1-keep-alive/3-chunked/solution',
    fails: ['KA4-1', 'KA4-2', 'KA4-3', 'KA4-4', 'KA4-5', 'KA4-6', 'KA4-C'],
  },
  checks: [
    {
      id: 'KA4-1',
      title: 'stays or ends, by version and Connection',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'HTTP/1.1 stays unless somebody says close. HTTP/1.0 ends unless the client asks for keep-alive, and gets it. Both sides have a say.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            row('1.1', null, '/plain', null, true),
            row('1.1', 'keep-alive', '/plain', null, true),
            row('1.1', 'x', '/plain', null, true),
            row('1.1', 'close', '/plain', null, false),
            row('1.1', null, '/close', 'close', false),
            row('1.1', 'keep-alive', '/list', 'x, Close', false),
            row('1.1', 'close', '/keep', 'keep-alive', false),
            row('1.0', null, '/plain', null, false),
            row('1.0', 'keep-alive', '/plain', null, true),
            row('1.0', 'x, Keep-Alive', '/plain', null, true),
            row('1.0', 'keep-alive', '/close', 'close', false),
          ],
        },
      ],
    },
    {
      id: 'KA4-2',
      title: 'HEAD: the head of GET, and nothing behind it',
      judge: 'raw',
      spec: rfc(9110, '9.3.2'),
      idea: 'To HEAD a length is what a GET would have got. Whoever asked knows that no body comes, and takes the next byte for the next reply.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            headless('HEAD /page', 'the handler gives a body and its length', { fields: [TYPE, TAG, ELEVEN] }),
            headless('HEAD /unknown', 'the handler gives a body in pieces', {
              fields: [TYPE, TAG],
              ifPresent: [ELEVEN],
            }),
            headless('HEAD /length', 'the handler gives a length and no body', { fields: [TYPE, TAG, ELEVEN] }),
          ],
        },
        cuts('HEAD /page', { fields: [TYPE, TAG, ELEVEN] }),
      ],
    },
    {
      id: 'KA4-3',
      title: '204 and 304 end with their head',
      judge: 'raw',
      spec: rfc(9112, '6.3'),
      idea: 'A 204 has no body, and a 304 stands for one that the client has already. Their status alone says where they end.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            headless('GET /gone', '204', { status: 204, absent: ['Transfer-Encoding', 'Content-Length'] }),
            headless('GET /zero', '204, and the handler gives a length of 0', {
              status: 204,
              absent: ['Transfer-Encoding', 'Content-Length'],
            }),
            headless('GET /same', '304; a GET would get 11 bytes', { status: 304, fields: [TAG], ifPresent: [ELEVEN] }),
            headless('GET /same-length', '304, and the handler gives the length of what the client has', {
              status: 304,
              fields: [TAG],
              ifPresent: [ELEVEN],
            }),
          ],
        },
        cuts('GET /same-length', { status: 304, fields: [TAG], ifPresent: [ELEVEN] }),
      ],
    },
    {
      id: 'KA4-4',
      title: 'HTTP/1.0 gets a length, or the end',
      judge: 'raw',
      spec: rfc(9112, '6.1'),
      idea: 'Chunks are younger than HTTP/1.0; a client of that age would show them as text. It knows two ends: a length, and the end of the connection.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            known('the length is given, keep-alive is asked for', '/plain', { body: HELLO }),
            either('no body at all, keep-alive is asked for', '/empty', {}),
            either('204, keep-alive is asked for', '/gone', { status: 204 }),
            {
              title: 'nobody knows the length',
              steps: [
                send('GET /unknown of HTTP/1.0', one('GET /unknown')),
                reply('GET /unknown', HELLO, { absent: NO_CHUNKS }),
                end,
              ],
            },
            {
              title: 'nobody knows the length, keep-alive is asked for',
              steps: [
                send('GET /unknown with keep-alive', one('GET /unknown', KEEP)),
                reply('GET /unknown', HELLO, { absent: NO_CHUNKS }),
                { do: 'expectNextOrEnd', to: 'GET /a', bytes: one('GET /a', KEEP), body: 'first' },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA4-5',
      title: 'who will close says so, and closes',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'A client that hears close sends its next request elsewhere. One that hears nothing may have sent it already, and never learns what became of it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...[
              ['the handler says close', '/close'],
              ['the handler says x, Close', '/list'],
              ['the handler says close, in a reply without length', '/last'],
            ].map(([title = '', path = '']) => ({
              title,
              steps: [
                send(`GET ${path}`, ask(`GET ${path}`)),
                reply(`GET ${path}`, HELLO, { connection: 'ends' }),
                end,
              ],
            })),
            {
              title: 'the request says close',
              steps: [
                send('GET /plain with close', ask('GET /plain', 'Connection: close\r\n')),
                reply('GET /plain', HELLO, { connection: 'ends' }),
                end,
              ],
            },
            {
              title: 'a request line that nobody can read',
              steps: [
                send('what is no request', `hello\r\n${HOST}`),
                { do: 'expectReply', to: 'what is no request', status: 400, connection: 'ends' },
                end,
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA4-6',
      title: 'what is no request gets 400, what throws gets 500',
      judge: 'raw',
      spec: rfc(9112, '3.2'),
      idea: 'Behind a request that cannot be read nobody knows where the next one begins. A handler that fails is another matter: its request was whole.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            refused('GET /a of HTTP/1.1 without Host', 'GET /a HTTP/1.1\r\nAccept: */*\r\n\r\n', 'GET /a'),
            refused('GET /a HTTP/one', `GET /a HTTP/one\r\n${HOST}`),
            refused('GET/aHTTP/1.1, without a space', `GET/aHTTP/1.1\r\n${HOST}`),
            refused('hello', `hello\r\n${HOST}`),
            {
              title: 'the handler throws',
              steps: [
                send('GET /throws', ask('GET /throws')),
                { do: 'expectReply', to: 'GET /throws', status: 500 },
                { do: 'expectNextOrEnd', to: 'GET /a', bytes: ask('GET /a'), body: 'first' },
              ],
            },
            {
              title: 'the handler throws, and the next request has come already',
              steps: [
                send('GET /throws and GET /a', [ask('GET /throws'), ask('GET /a')]),
                { do: 'expectReply', to: 'GET /throws', status: 500 },
                { do: 'expectNextOrEnd', to: 'GET /a', body: 'first' },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA4-C',
      title: 'Chromium: HEAD, 204, 304 and GET share a connection, until one says close',
      judge: 'chromium',
      spec: rfc(9112, '9.3'),
      idea: 'A page looks right whatever stands behind a 204. The browser throws the connection away for it, and every such reply costs a new one.',
      scene: {
        ...scene,
        handler: [
          { on: 'GET /', reply: { fields: [HTML], body: PAGE } },
          { on: 'HEAD /page', reply: { fields: [TYPE, ELEVEN], body: HELLO } },
          { on: 'GET /gone', reply: { status: 204 } },
          { on: 'GET /tagged', when: ['if-none-match', '"v1"'], reply: { status: 304, fields: [TAG] } },
          { on: 'GET /tagged', reply: { fields: [TYPE, TAG], body: HELLO } },
          { on: 'GET /last', reply: { fields: [TYPE, ['connection', 'close']], body: 'the last one' } },
          { on: 'GET /next', reply: { fields: [TYPE], body: 'elsewhere' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Bodies that are not there' } },
        { do: 'fetch', method: 'HEAD', path: '/page', expect: { status: 200, body: '' } },
        { do: 'fetch', method: 'GET', path: '/gone', expect: { status: 204, body: '' } },
        { do: 'fetch', method: 'GET', path: '/tagged', expect: { status: 200, body: HELLO } },
        {
          do: 'fetch',
          method: 'GET',
          path: '/tagged',
          fields: [['If-None-Match', '"v1"']],
          expect: { status: 304, body: '' },
        },
        { do: 'fetch', method: 'GET', path: '/last', expect: { status: 200, body: 'the last one' } },
        { do: 'expectConnections', paths: ['/', '/page', '/gone', '/tagged', '/tagged', '/last'], count: 1 },
        { do: 'fetch', method: 'GET', path: '/next', expect: { status: 200, body: 'elsewhere' } },
        { do: 'expectConnections', paths: ['/last', '/next'], count: 2 },
      ],
    },
  ],
});

export default exercise;

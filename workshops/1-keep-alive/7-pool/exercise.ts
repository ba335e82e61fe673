import { type Bytes, type ClientStep, defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;

const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
const sent = (request: string, more: Of<'expectRequest'> = {}): Step => ({ do: 'expectRequest', request, ...more });
const answer = (request: string, bytes: Bytes, what?: string, ends?: 'end' | 'reset'): Step => ({
  do: 'answer',
  request,
  bytes,
  ...(what === undefined ? {} : { what }),
  ...(ends === undefined ? {} : { ends }),
});
const got = (request: string, body?: Bytes, status = 200): Step => ({
  do: 'expectAnswer',
  request,
  status,
  ...(body === undefined ? {} : { body }),
});
const reply = (body: string, fields = ''): string =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`;

/** A whole exchange of which nothing is in question. */
const whole = (request: string, body: string, where: Of<'expectRequest'> = {}, more: Of<'ask'> = {}): Step[] => [
  ask(request, more),
  sent(request, where),
  answer(request, reply(body), `"${body}"`),
  got(request, body),
];

const scene = { kind: 'client', file: 'http1/client.ts', export: 'pool' } as const;
const one = { ...scene, limit: 1 } as const;

const ONE = 'http://one.test';
const TWO = 'http://two.test:8080';
const numbers = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `GET /${n}`);

/** Twenty-six bytes: 1A of them. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const NO_TEXT: Bytes = { hex: '00 ff c3 28 0d 0a 0d 0a 80' };

/** A reply at every cut; then the next request goes out behind it. */
const form = (what: string, request: string, bytes: Bytes, status: number, body: Bytes): Step => ({
  do: 'everyCut',
  what,
  first: [ask(request), sent(request)],
  bytes,
  eachTime: [got(request, body, status), ...whole('GET /next', 'next', { with: request })],
});

/** After this reply the connection is not used again. */
const last = (title: string, steps: readonly Step[]): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [ask('GET /a'), sent('GET /a'), ...steps, ...whole('GET /b', 'second', { apart: 'GET /a' })],
});

/** Twelve requests of a page: for each its body, and what comes back. */
const TWELVE = Array.from({ length: 12 }, (_, i) => (i % 4 === 3 ? `POST /${i + 1}` : `GET /${i + 1}`));
const textOf = (request: string): string => `${request}: ☕ `.repeat(request.length * 40);

const exercise: Exercise = defineExercise({
  id: 'KA7',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/7-pool',
  title: 'The client’s side: a pool',
  idea: 'The client decides which exchange goes on which connection: an idle one first, else a new one up to six, else it waits.',
  minutes: 30,
  buildsOn: [],
  contract:
    'export function pool(dial: (origin: string) => Promise<Connection>, limit?: number): (request: Outgoing) => Promise<Response>; // limit: connections to one origin, 6 unless told',
  files: [{ path: 'http1/client.ts', start: 'start/http1/client.ts', exports: ['pool'] }],
  startFails: ['KA7-1', 'KA7-2', 'KA7-3', 'KA7-4', 'KA7-6', 'KA7-C'],
  checks: [
    {
      id: 'KA7-1',
      title: 'the next request goes on the connection that is idle',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'A connection that has carried a whole exchange is still there. Each new one costs a handshake before the first byte.',
      scene,
      steps: [
        ...whole('GET /a', 'first'),
        ...whole('GET /b', 'second', { with: 'GET /a' }, { fields: [['x-note', 'kept']] }),
        ...whole('POST /c', 'third', { with: 'GET /a' }, { body: 'a note, und ein Gruß' }),
        { do: 'expectDials', count: 1 },
      ],
    },
    {
      id: 'KA7-2',
      title: 'six connections to one origin, and then requests wait in order',
      judge: 'raw',
      spec: rfc(9112, '9.4'),
      idea: 'Each connection carries one exchange at a time. The limit holds for each origin by itself; who asked first goes first.',
      scene,
      steps: [
        ...numbers.map((request) => ask(request, { origin: ONE, atOnce: true })),
        ask('GET /x', { origin: TWO, atOnce: true }),
        ask('GET /y', { origin: TWO }),
        ...numbers.slice(0, 6).map((request) => sent(request)),
        sent('GET /x'),
        sent('GET /y'),
        { do: 'expectDials', count: 6, origin: ONE },
        { do: 'expectDials', count: 2, origin: TWO },
        { do: 'expectUnsent', requests: ['GET /7', 'GET /8'] },
        answer('GET /3', reply('three'), '"three"'),
        got('GET /3', 'three'),
        sent('GET /7', { with: 'GET /3' }),
        { do: 'expectUnsent', requests: ['GET /8'] },
        answer('GET /x', reply('x'), '"x"'),
        got('GET /x', 'x'),
        { do: 'expectUnsent', requests: ['GET /8'] },
        answer('GET /1', reply('one'), '"one"'),
        got('GET /1', 'one'),
        sent('GET /8', { with: 'GET /1' }),
        answer('GET /8', reply('eight'), '"eight"'),
        answer('GET /7', reply('seven'), '"seven"'),
        got('GET /7', 'seven'),
        got('GET /8', 'eight'),
        { do: 'expectDials', count: 6, origin: ONE },
      ],
    },
    {
      id: 'KA7-3',
      title: 'a connection is free when the body has been read, not before',
      judge: 'raw',
      spec: rfc(9112, '9.3'),
      idea: 'While bytes of a body are still to come, the connection belongs to that exchange. A body that nobody wants leaves bytes behind.',
      scene: one,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the body comes later, and is read',
              steps: [
                ask('GET /a'),
                sent('GET /a'),
                answer('GET /a', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfi', 'a head and 2 of 5 bytes'),
                got('GET /a'),
                ask('GET /b'),
                { do: 'expectUnsent', requests: ['GET /b'] },
                answer('GET /a', 'rst', 'the other 3 bytes'),
                got('GET /a', 'first'),
                sent('GET /b', { with: 'GET /a' }),
                answer('GET /b', reply('second'), '"second"'),
                got('GET /b', 'second'),
              ],
            },
            {
              title: 'the body is cancelled',
              steps: [
                ask('GET /a'),
                sent('GET /a'),
                answer('GET /a', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfi', 'a head and 2 of 5 bytes'),
                got('GET /a'),
                { do: 'cancelAnswer', request: 'GET /a' },
                ...whole('GET /b', 'second', { apart: 'GET /a' }),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA7-4',
      title: 'each kind of reply ends where it says, and the next one begins there',
      judge: 'raw',
      spec: rfc(9112, '6.3'),
      idea: 'Method, status and fields say where a reply ends. Wait for a byte too many and you wait for ever; stop one too early and the next reply begins with it.',
      scene: one,
      steps: [
        form('a reply with a length', 'GET /a', reply('first'), 200, 'first'),
        form('a reply of no bytes', 'GET /a', reply(''), 200, ''),
        form(
          'a chunked reply with an extension and a trailer',
          'GET /a',
          `HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n02;x=y\r\nfi\r\n3\r\nr\r\n\r\n1a\r\n${LETTERS}\r\n00D\r\n, and back:\r\n\r\n0\r\nX-Sum: 7\r\n\r\n`,
          200,
          `fir\r\n${LETTERS}, and back:\r\n`,
        ),
        form(
          'a reply that is no text',
          'GET /a',
          ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', NO_TEXT],
          200,
          NO_TEXT,
        ),
        form('a reply to HEAD', 'HEAD /a', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200, ''),
        form('a 204', 'GET /a', 'HTTP/1.1 204 No Content\r\nX-Note: none\r\n\r\n', 204, ''),
        {
          do: 'each',
          cases: [
            {
              title: 'the fields of a reply',
              steps: [
                ask('GET /a'),
                sent('GET /a'),
                answer('GET /a', reply('first', 'X-Note: returned\r\nx-more:\tas well \r\n'), '"first"'),
                {
                  do: 'expectAnswer',
                  request: 'GET /a',
                  status: 200,
                  body: 'first',
                  fields: [
                    ['x-note', 'returned'],
                    ['x-more', 'as well'],
                  ],
                },
              ],
            },
          ],
        },
        form('a 304', 'GET /a', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304, ''),
        form(
          'a 103 and a reply',
          'GET /a',
          `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${reply('first')}`,
          200,
          'first',
        ),
        {
          do: 'each',
          cases: [
            last('a body until the connection ends', [
              answer('GET /a', 'HTTP/1.1 200 OK\r\n\r\nfir', 'a head without length, and "fir"'),
              answer('GET /a', 'st', '"st"', 'end'),
              got('GET /a', 'first'),
            ]),
          ],
        },
      ],
    },
    {
      id: 'KA7-5',
      title: 'a connection that is over, or holds bytes of nobody, is ended, not used',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'Whoever says close sends no other reply. Bytes behind a reply belong to no request: taken for the next reply, they answer the wrong question.',
      scene: one,
      steps: [
        {
          do: 'each',
          cases: [
            ...['Connection: close', 'connection: x, Close'].map((field) =>
              last(field, [
                answer('GET /a', reply('first', `${field}\r\n`), `"first" with ${field}`),
                got('GET /a', 'first'),
              ]),
            ),
            last('a reply of HTTP/1.0', [
              answer('GET /a', reply('first').replace('1.1', '1.0'), '"first" by HTTP/1.0'),
              got('GET /a', 'first'),
            ]),
            last('bytes behind the reply', [
              answer('GET /a', `${reply('first')}${reply('evil')}`, '"first" and a reply that nobody asked for'),
              got('GET /a', 'first'),
            ]),
          ],
        },
      ],
    },
    {
      id: 'KA7-6',
      title: 'a dial that fails takes one request with it, and no place',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'A dial that fails is no connection, so it holds no place. Those who wait have lost nothing.',
      scene: one,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'one dial is refused while two requests wait',
              steps: [
                { do: 'dials', will: 'be refused', times: 1 },
                ask('GET /a', { atOnce: true }),
                ask('GET /b', { atOnce: true }),
                ask('GET /c'),
                { do: 'expectRejects', request: 'GET /a' },
                sent('GET /b'),
                { do: 'expectUnsent', requests: ['GET /c'] },
                answer('GET /b', reply('second'), '"second"'),
                got('GET /b', 'second'),
                sent('GET /c', { with: 'GET /b' }),
                answer('GET /c', reply('third'), '"third"'),
                got('GET /c', 'third'),
              ],
            },
            {
              title: 'three dials are refused one after another',
              steps: [
                { do: 'dials', will: 'be refused', times: 3 },
                ...['GET /a', 'GET /b', 'GET /c'].flatMap((request): Step[] => [
                  ask(request),
                  { do: 'expectRejects', request },
                ]),
                ...whole('GET /d', 'fourth'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA7-C',
      title: 'the same file in a page, on six WebSockets',
      judge: 'chromium',
      spec: rfc(9112, '9.4'),
      idea: 'A connection is two streams of bytes, whatever carries them. In a page it is a WebSocket, and Chromium counts each one.',
      scene: {
        ...scene,
        handler: TWELVE.map((request) => ({
          on: request,
          // Long enough for a place to be waited for.
          after: 20,
          reply: { body: request.startsWith('POST') ? { echo: true } : textOf(request) },
        })),
      },
      steps: [
        {
          do: 'askInPage',
          requests: TWELVE.map((request) => ({
            request,
            ...(request.startsWith('POST') ? { body: textOf(request) } : {}),
            expect: { body: textOf(request) },
          })),
        },
        { do: 'expectSockets', count: 6 },
        { do: 'fetchBeside' },
      ],
    },
  ],
});

export default exercise;

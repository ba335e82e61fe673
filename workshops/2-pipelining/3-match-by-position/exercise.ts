import { type Bytes, type ClientStep, defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;

const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
/** All of them in one turn, before anything has come of the first. */
const askAll = (...requests: readonly string[]): Step[] =>
  requests.map((request, i) => ask(request, { atOnce: i < requests.length - 1 }));
const sent = (request: string, more: Of<'expectRequest'> = {}): Step => ({ do: 'expectRequest', request, ...more });
const sentAll = (first: string, ...others: readonly string[]): Step[] => [
  sent(first),
  ...others.map((request) => sent(request, { with: first })),
];
const unsent = (...requests: readonly string[]): Step => ({ do: 'expectUnsent', requests });
const answer = (request: string, bytes: Bytes, what: string): Step => ({ do: 'answer', request, bytes, what });
const got = (request: string, body: Bytes, status = 200): Step => ({ do: 'expectAnswer', request, status, body });
const reply = (body: string, fields = ''): string =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (...pieces: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...pieces, ''].map((p) => `${p.length.toString(16)}\r\n${p}\r\n`).join('')}`;

const scene = { kind: 'client', file: 'http1/client.ts', export: 'pipeline' } as const;

/** GET, the request in question, GET: the reply in the middle must not take a byte of the one behind it. */
const between = (what: string, request: string, bytes: string, status: number): Step => ({
  do: 'everyCut',
  what,
  first: [...askAll('GET /a', request, 'GET /c'), ...sentAll('GET /a', request, 'GET /c')],
  bytes: [reply('first'), bytes, reply('third')],
  deliveries: ['whole', 'bytes'],
  eachTime: [got('GET /a', 'first'), got(request, '', status), got('GET /c', 'third')],
});

const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** An unsafe request between two others: before its final status, nothing follows. */
const unsafe = (request: string, interim: string): { title: string; steps: readonly Step[] } => ({
  title: `${request}, and ${interim.slice(9, 12)} before its reply`,
  steps: [
    ask('GET /a'),
    sent('GET /a'),
    ask(request, { body: 'one ticket', atOnce: true }),
    ask('GET /c'),
    unsent('GET /c'),
    answer('GET /a', reply('first'), '"first"'),
    got('GET /a', 'first'),
    sent(request, { with: 'GET /a' }),
    unsent('GET /c'),
    answer(request, interim, `an interim reply, ${interim.slice(9, 12)}`),
    ask('GET /d'),
    unsent('GET /c', 'GET /d'),
    answer(request, reply('done'), '"done"'),
    got(request, 'done'),
    sent('GET /c', { with: 'GET /a' }),
    answer('GET /c', reply('third'), '"third"'),
    got('GET /c', 'third'),
    sent('GET /d', { with: 'GET /a' }),
    answer('GET /d', reply('fourth'), '"fourth"'),
    got('GET /d', 'fourth'),
  ],
});

/** Of a body that nobody reads, so much may be taken. */
const UNREAD = 256 * 1024;
const LONG: Bytes = { repeat: 'long '.repeat(200), times: 600 };

/** Twelve requests of a page, and what comes back. */
const TWELVE = Array.from({ length: 12 }, (_, i) => (i % 5 === 3 ? `POST /${i + 1}` : `GET /${i + 1}`));
const textOf = (request: string): string => `${request}: ☕ `.repeat(request.length * 40);

const exercise: Exercise = defineExercise({
  id: 'PL3',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/3-match-by-position',
  title: 'Match by position',
  idea: 'Nothing in a reply says which request it answers. The client’s only key is its own queue.',
  minutes: 30,
  buildsOn: ['KA7', 'KA8'],
  contract: 'export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response>;',
  files: [{ path: 'http1/client.ts', start: 'start/http1/client.ts', exports: ['pipeline'] }],
  startFails: ['PL3-1', 'PL3-2', 'PL3-3', 'PL3-4', 'PL3-6'],
  checks: [
    {
      id: 'PL3-1',
      title: 'three requests are on the wire before any reply',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'Whoever knows what it wants next need not wait for what it wanted before. A round trip is paid once, not three times.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'asked in one turn',
              steps: [
                ...askAll('GET /a', 'GET /b', 'GET /c'),
                ...sentAll('GET /a', 'GET /b', 'GET /c'),
                { do: 'expectDials', count: 1 },
              ],
            },
            {
              title: 'asked one after another, while the first is under way',
              steps: [
                ask('GET /a'),
                sent('GET /a'),
                ask('GET /b'),
                sent('GET /b', { with: 'GET /a' }),
                ask('HEAD /c', { fields: [['x-note', 'kept']] }),
                sent('HEAD /c', { with: 'GET /a' }),
                { do: 'expectDials', count: 1 },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL3-2',
      title: 'each promise gets its own reply, however the bytes are cut',
      judge: 'raw',
      spec: rfc(9112, '9.2'),
      idea: 'The first reply answers the first request, and so on. Whatever a reply says of itself, only its place says whose it is.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'three replies',
          first: [...askAll('GET /a', 'GET /b', 'GET /c'), ...sentAll('GET /a', 'GET /b', 'GET /c')],
          bytes: [
            reply('first', 'Content-Location: /c\r\n'),
            chunked('sec', 'ond'),
            reply('third', 'Content-Location: /b\r\n'),
          ],
          eachTime: [got('GET /a', 'first'), got('GET /b', 'second'), got('GET /c', 'third')],
        },
        {
          do: 'each',
          cases: [
            {
              title: 'a reply comes between two requests',
              steps: [
                ...askAll('GET /a', 'GET /b'),
                ...sentAll('GET /a', 'GET /b'),
                answer('GET /a', reply('first'), '"first"'),
                got('GET /a', 'first'),
                ask('GET /c'),
                sent('GET /c', { with: 'GET /a' }),
                answer('GET /a', reply('second'), '"second"'),
                got('GET /b', 'second'),
                answer('GET /a', reply('third'), '"third"'),
                got('GET /c', 'third'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL3-3',
      title: 'a reply without a body takes nothing of the next one',
      judge: 'raw',
      spec: rfc(9112, '6.3'),
      idea: 'Where a reply ends depends on the request that it answers. A body that is waited for and does not come is taken from the next reply.',
      scene,
      steps: [
        between('HEAD in the middle', 'HEAD /b', 'HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n', 200),
        between('HEAD in the middle, chunked', 'HEAD /b', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200),
        between('204 in the middle', 'GET /b', 'HTTP/1.1 204 No Content\r\nX-Note: none\r\n\r\n', 204),
        between('304 in the middle', 'GET /b', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 38\r\n\r\n', 304),
        between('an empty body in the middle', 'GET /b', reply(''), 200),
      ],
    },
    {
      id: 'PL3-4',
      title: 'an interim reply takes no place',
      judge: 'raw',
      spec: rfc(9110, '15.2'),
      idea: 'A request is answered once, by its final reply. What comes before it (1xx) belongs to the same request.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'two replies with interim ones before them',
          first: [...askAll('GET /a', 'GET /b'), ...sentAll('GET /a', 'GET /b')],
          bytes: [EARLY, reply('first'), CONTINUE, EARLY, reply('second')],
          eachTime: [got('GET /a', 'first'), got('GET /b', 'second')],
        },
      ],
    },
    {
      id: 'PL3-5',
      title: 'after a POST nothing is sent until its final status',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'If the connection breaks, nobody knows whether a POST was done. What stands behind it was asked without that knowledge.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [unsafe('POST /b', CONTINUE), unsafe('POST /b', EARLY), unsafe('PATCH /b', CONTINUE)],
        },
      ],
    },
    {
      id: 'PL3-6',
      title: 'an unread body holds those behind it, and memory stays bounded',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'The next reply stands behind the last byte of this body. To hand it out early, all of the body has to be kept somewhere.',
      scene,
      steps: [
        ...askAll('GET /a', 'GET /b'),
        ...sentAll('GET /a', 'GET /b'),
        {
          do: 'answer',
          request: 'GET /a',
          bytes: ['HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n', LONG],
          what: 'a body of 600,000 bytes',
          pieces: 16_384,
        },
        answer('GET /a', reply('second'), '"second"'),
        { do: 'expectAnswer', request: 'GET /a', status: 200 },
        { do: 'expectTakenFor', request: 'GET /a', atMost: UNREAD },
        { do: 'expectPending', request: 'GET /b' },
        { do: 'readAnswer', request: 'GET /a', atLeast: 200_000 },
        { do: 'expectTakenFor', request: 'GET /a', atMost: 200_000 + UNREAD },
        got('GET /a', LONG),
        got('GET /b', 'second'),
      ],
    },
    {
      id: 'PL3-C',
      title: 'the same file in a page, over one WebSocket',
      judge: 'chromium',
      spec: { text: 'contract', url: '' },
      idea: 'Chromium itself never pipelines. Your client in its page does: twelve answers, and one connection.',
      scene: {
        ...scene,
        handler: TWELVE.map((request) => ({
          on: request,
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
        { do: 'expectSockets', count: 1 },
      ],
    },
  ],
});

export default exercise;

import { type Bytes, type ClientStep, defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;
type How = 'end' | 'reset';

const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
const sent = (request: string, more: Of<'expectRequest'> = {}): Step => ({ do: 'expectRequest', request, ...more });
const answer = (request: string, bytes: Bytes, what: string): Step => ({ do: 'answer', request, bytes, what });
const got = (request: string, body: Bytes): Step => ({ do: 'expectAnswer', request, status: 200, body });
/** The connection of this request ends (FIN) or breaks off (RST), after a part of a reply perhaps. */
const ends = (request: string, how: How, bytes: Bytes = '', what = 'a part of a reply'): Step => ({
  do: 'answer',
  request,
  bytes,
  what,
  ends: how,
});
const reply = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const whole = (request: string, body: string, where: Of<'expectRequest'> = {}, more: Of<'ask'> = {}): Step[] => [
  ask(request, more),
  sent(request, where),
  answer(request, reply(body), `"${body}"`),
  got(request, body),
];

const scene = { kind: 'client', file: 'http1/client.ts', export: 'pool' } as const;
const HOW: Readonly<Record<How, string>> = { end: 'the connection ends', reset: 'the connection breaks off' };
const both = (steps: (how: How) => readonly Step[], title = ''): { title: string; steps: readonly Step[] }[] =>
  (['end', 'reset'] as const).map((how) => ({ title: `${title}${HOW[how]}`, steps: steps(how) }));

/** A reply that breaks off after this much of it. */
const BROKEN: readonly (readonly [title: string, bytes: string])[] = [
  ['after one byte', 'H'],
  ['inside the head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['behind the head', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n'],
  ['inside the body', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsec'],
  ['inside the chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n'],
];

const exercise: Exercise = defineExercise({
  id: 'KA8',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/8-died-while-idle',
  title: 'It died while idle',
  idea: 'The server may end an idle connection in the very moment in which you use it. What you may send again depends on the method, and on what you have seen.',
  minutes: 20,
  buildsOn: ['KA7'],
  contract:
    'export function pool(dial: (origin: string) => Promise<Connection>, limit?: number): (request: Outgoing) => Promise<Response>; // GET, HEAD, OPTIONS, TRACE, PUT and DELETE may be sent twice',
  files: [{ path: 'http1/client.ts', start: null, exports: ['pool'] }],
  startFails: [],
  carry: { from: 'workshops/1-keep-alive/7-pool/solution', fails: ['KA8-1', 'KA8-2'] },
  checks: [
    {
      id: 'KA8-1',
      title: 'nothing is written to a connection that has ended',
      judge: 'raw',
      spec: rfc(9112, '9.5'),
      idea: 'An idle connection can end at any moment, and nobody has asked for anything then. Its end is there to be read.',
      scene: { ...scene, limit: 2 },
      steps: [
        {
          do: 'each',
          cases: both((how) => [
            ...whole('GET /a', 'first'),
            ends('GET /a', how),
            ...whole('GET /b', 'second', { apart: 'GET /a' }),
            ...whole('POST /c', 'third', { with: 'GET /b' }, { body: 'a note' }),
            { do: 'expectDials', count: 2 },
          ]),
        },
        {
          do: 'each',
          cases: [
            ['GET /a', 'GET /b', 'the first of two: '] as const,
            ['GET /b', 'GET /a', 'the second of two: '] as const,
          ].flatMap(([dies, lives, title]) =>
            both(
              (how) => [
                ask('GET /a', { atOnce: true }),
                ask('GET /b'),
                sent('GET /a'),
                sent('GET /b'),
                answer('GET /a', reply('first'), '"first"'),
                answer('GET /b', reply('second'), '"second"'),
                got('GET /a', 'first'),
                got('GET /b', 'second'),
                ends(dies, how),
                ...whole('POST /c', 'third', { with: lives }, { body: 'a note' }),
              ],
              title,
            ),
          ),
        },
        {
          do: 'each',
          // A place that is not given back is missed only when all are gone.
          cases: both(
            (how) => [
              ...whole('GET /a', 'first'),
              ends('GET /a', how),
              ...whole('GET /b', 'second', { apart: 'GET /a' }),
              ends('GET /b', how),
              ...whole('GET /c', 'third', { apart: 'GET /b' }),
            ],
            'twice, with two places: ',
          ),
        },
      ],
    },
    {
      id: 'KA8-2',
      title: 'GET and PUT are sent once more when a used connection ends without a byte',
      judge: 'raw',
      spec: rfc(9112, '9.3.1'),
      idea: 'The end and the request may have crossed on their way. A method that does the same when done twice may be sent again by itself.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...both(
              (how) => [
                ...whole('GET /a', 'first'),
                ask('GET /b'),
                sent('GET /b', { with: 'GET /a' }),
                ends('GET /b', how),
                sent('GET /b', { time: 2, apart: 'GET /b' }),
                answer('GET /b', reply('second'), '"second"'),
                got('GET /b', 'second'),
                ...whole('GET /c', 'third', { with: 'GET /b' }),
              ],
              'GET, ',
            ),
            ...both(
              (how) => [
                ...whole('GET /a', 'first'),
                ask('PUT /b', { body: 'the whole of it' }),
                sent('PUT /b', { with: 'GET /a' }),
                ends('PUT /b', how),
                sent('PUT /b', { time: 2, apart: 'PUT /b' }),
                answer('PUT /b', reply('stored'), '"stored"'),
                got('PUT /b', 'stored'),
              ],
              'PUT, ',
            ),
          ],
        },
      ],
    },
    {
      id: 'KA8-3',
      title: 'a POST is not sent again',
      judge: 'raw',
      spec: rfc(9110, '9.2.2'),
      idea: 'Nobody knows whether the server has done it. To do it twice may be worse than not at all; only whoever asked can tell.',
      scene,
      steps: [
        {
          do: 'each',
          cases: both((how) => [
            ...whole('GET /a', 'first'),
            ask('POST /b', { body: 'one ticket' }),
            sent('POST /b', { with: 'GET /a' }),
            ends('POST /b', how),
            { do: 'expectSent', request: 'POST /b', times: 1 },
            { do: 'expectRejects', request: 'POST /b' },
            ...whole('GET /c', 'third', { apart: 'POST /b' }),
          ]),
        },
      ],
    },
    {
      id: 'KA8-4',
      title: 'a server that never answers is not asked without end',
      judge: 'raw',
      spec: rfc(9112, '9.3.1'),
      idea: 'A new connection was not idle, so its end did not cross anything: the server does not want this request. Asking again and again changes nothing.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...both(
              (how) => [
                { do: 'dials', will: how },
                ask('GET /a'),
                { do: 'expectRejects', request: 'GET /a' },
                { do: 'expectSent', request: 'GET /a', times: 2, atMost: true },
                { do: 'dials', will: 'succeed' },
                ...whole('GET /b', 'second'),
              ],
              'new from the start: ',
            ),
            ...both(
              (how) => [
                ...whole('GET /a', 'first'),
                { do: 'dials', will: how },
                ask('GET /b'),
                sent('GET /b', { with: 'GET /a' }),
                ends('GET /b', how),
                { do: 'expectRejects', request: 'GET /b' },
                { do: 'expectSent', request: 'GET /b', times: 3, atMost: true },
              ],
              'a used one, then new ones: ',
            ),
          ],
        },
      ],
    },
    {
      id: 'KA8-5',
      title: 'once a byte of the reply was seen, nothing is sent again',
      judge: 'raw',
      spec: rfc(9112, '9.3.1'),
      idea: 'A byte of the reply says that the server has begun. What is there is not whole, and whoever asked must hear so.',
      scene,
      steps: [
        {
          do: 'each',
          cases: BROKEN.flatMap(([title, bytes]) =>
            both(
              (how) => [
                ...whole('GET /a', 'first'),
                ask('GET /b'),
                sent('GET /b', { with: 'GET /a' }),
                ends('GET /b', how, bytes, title === 'after one byte' ? 'the first byte of a reply' : undefined),
                { do: 'expectSent', request: 'GET /b', times: 1 },
                { do: 'expectBroken', request: 'GET /b', body: 'second' },
                ...whole('GET /c', 'third', { apart: 'GET /b' }),
              ],
              `${title}, `,
            ),
          ),
        },
      ],
    },
  ],
});

export default exercise;

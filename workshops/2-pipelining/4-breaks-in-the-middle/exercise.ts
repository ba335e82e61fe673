import { type Bytes, type ClientStep, defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

type Of<K extends ClientStep['do']> = Omit<Extract<ClientStep, { do: K }>, 'do' | 'request'>;
type How = 'end' | 'reset';
type Case = { title: string; steps: readonly Step[] };

const ask = (request: string, more: Of<'ask'> = {}): Step => ({ do: 'ask', request, ...more });
const sent = (request: string, more: Of<'expectRequest'> = {}): Step => ({ do: 'expectRequest', request, ...more });
const sentTimes = (request: string, times: number, atMost = false): Step => ({
  do: 'expectSent',
  request,
  times,
  ...(atMost ? { atMost } : {}),
});
const answer = (request: string, bytes: Bytes, what: string): Step => ({ do: 'answer', request, bytes, what });
/** The connection of this request ends (FIN) or breaks off (RST), behind these bytes perhaps. */
const ends = (request: string, how: How, bytes: Bytes = '', what = 'a part of a reply'): Step => ({
  do: 'answer',
  request,
  bytes,
  what,
  ends: how,
});
const got = (request: string, body: Bytes): Step => ({ do: 'expectAnswer', request, status: 200, body });
const rejects = (request: string): Step => ({ do: 'expectRejects', request });
const reply = (body: string, fields = ''): string =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

const whole = (request: string, body: string, where: Of<'expectRequest'> = {}, more: Of<'ask'> = {}): Step[] => [
  ask(request, more),
  sent(request, where),
  ...answered(request, body),
];
const answered = (request: string, body: string): Step[] => [
  answer(request, reply(body), `"${body}"`),
  got(request, body),
];

/** Asked together, and all on one connection. */
const under = (...requests: readonly string[]): Step[] => [
  ...requests.map((request, i) => ask(request, { atOnce: i < requests.length - 1 })),
  ...requests.map((request) => sent(request, { with: requests[0] ?? request })),
];
/** Each goes out a second time, on another connection than before, and is answered there. A client may take them one by one. */
const again = (...rest: readonly (readonly [request: string, body: string])[]): Step[] =>
  rest.flatMap(([request, body]) => [sent(request, { time: 2, apart: request }), ...answered(request, body)]);

const scene = { kind: 'client', file: 'http1/client.ts', export: 'pipeline' } as const;
const HOW: Readonly<Record<How, string>> = { end: 'the connection ends', reset: 'the connection breaks off' };
const both = (steps: (how: How) => readonly Step[], title = ''): Case[] =>
  (['end', 'reset'] as const).map((how) => ({ title: `${title}${HOW[how]}`, steps: steps(how) }));

const FIVE = ['GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5'] as const;
const two: readonly Step[] = [...under(...FIVE), ...answered('GET /1', 'first'), ...answered('GET /2', 'second')];
const REST = [
  ['GET /3', 'third'],
  ['GET /4', 'fourth'],
  ['GET /5', 'fifth'],
] as const;

/** A body that breaks off after this much of its reply. */
const BROKEN: readonly (readonly [title: string, bytes: string])[] = [
  ['behind the head', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n'],
  ['inside the body', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsec'],
  ['inside a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsec'],
  ['between two chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n'],
];
const EVIL = reply('evil');

const exercise: Exercise = defineExercise({
  id: 'PL4',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/4-breaks-in-the-middle',
  title: 'When it breaks in the middle',
  idea: 'The place in the line also says what was not answered. That may be asked again, if it may be asked twice.',
  minutes: 25,
  buildsOn: ['KA7', 'KA8', 'PL3'],
  contract:
    'export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response>; // GET, HEAD, OPTIONS, TRACE, PUT and DELETE may be sent again',
  files: [{ path: 'http1/client.ts', start: null, exports: ['pipeline'] }],
  startFails: [],
  carry: {
    from: 'workshops/2-pipelining/3-match-by-position/solution',
    fails: ['PL4-1', 'PL4-2', 'PL4-3', 'PL4-4', 'PL4-5', 'PL4-6'],
  },
  checks: [
    {
      id: 'PL4-1',
      title: 'it ends after reply 2 of 5: the other three are sent again, no more',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'Replies come in order, so their number says exactly which requests have none. Those that have one are done.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...both((how) => [
              ...two,
              ends('GET /2', how),
              sentTimes('GET /1', 1),
              sentTimes('GET /2', 1),
              ...again(...REST),
            ]),
            {
              title: 'two replies and the end come together',
              steps: [
                ...under(...FIVE),
                ends('GET /1', 'end', [reply('first'), reply('second')], 'two replies'),
                got('GET /1', 'first'),
                got('GET /2', 'second'),
                sentTimes('GET /1', 1),
                sentTimes('GET /2', 1),
                ...again(...REST),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL4-2',
      title: 'after such a failure one request goes alone first',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'Perhaps the first unanswered request is what ended the connection. Sent in a line again, it would take all those behind it down once more.',
      scene,
      steps: [
        {
          do: 'each',
          cases: both((how) => [
            ...two,
            ends('GET /2', how),
            sent('GET /3', { time: 2, apart: 'GET /3' }),
            sentTimes('GET /4', 1),
            sentTimes('GET /5', 1),
            ...answered('GET /3', 'third'),
            sent('GET /4', { time: 2, with: 'GET /3' }),
            sent('GET /5', { time: 2, with: 'GET /3' }),
            answer('GET /3', [reply('fourth'), reply('fifth')], 'two replies'),
            got('GET /4', 'fourth'),
            got('GET /5', 'fifth'),
          ]),
        },
      ],
    },
    {
      id: 'PL4-3',
      title: 'reply 2 says close: what comes behind it is nobody’s',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'A reply that says close is the last one on its connection. What comes behind it answers nobody, however much it looks like an answer.',
      scene,
      steps: [
        {
          do: 'each',
          cases: (
            [
              ['the connection stays open', undefined, EVIL],
              ['the connection ends', 'end', EVIL],
              ['nothing comes behind it, and no end', undefined, ''],
            ] as const
          ).map(([title, how, behind]) => ({
            title,
            steps: [
              ...under(...FIVE),
              ...answered('GET /1', 'first'),
              {
                do: 'answer',
                request: 'GET /2',
                bytes: [reply('second', 'Connection: close\r\n'), behind],
                what: behind === '' ? '"second" with close' : '"second" with close, and another reply behind it',
                ...(how === undefined ? {} : { ends: how }),
              } as const,
              got('GET /2', 'second'),
              { do: 'expectPending', request: 'GET /3' } as const,
              ...again(...REST),
              sentTimes('GET /2', 1),
            ],
          })),
        },
      ],
    },
    {
      id: 'PL4-4',
      title: 'it ends inside body 2: that body errors, and is not asked for again',
      judge: 'raw',
      spec: rfc(9112, '8'),
      idea: 'Half of this answer is in somebody’s hands. It cannot become whole: what comes on another connection is another answer.',
      scene,
      steps: [
        {
          do: 'each',
          cases: BROKEN.flatMap(([title, bytes]) =>
            both(
              (how) => [
                ...under('GET /1', 'GET /2', 'GET /3'),
                ...answered('GET /1', 'first'),
                answer('GET /2', bytes, 'a part of a reply'),
                { do: 'expectAnswer', request: 'GET /2', status: 200 },
                ends('GET /2', how),
                { do: 'expectBroken', request: 'GET /2', body: 'second' },
                sentTimes('GET /2', 1),
                ...again(['GET /3', 'third']),
              ],
              `${title}, `,
            ),
          ),
        },
      ],
    },
    {
      id: 'PL4-5',
      title: 'a POST without an answer rejects; what is behind it goes on',
      judge: 'raw',
      spec: rfc(9110, '9.2.2'),
      idea: 'Nobody knows whether the server has done it, so nobody does it twice. Those behind it have not been sent, and have lost nothing.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...both((how) => [
              ...whole('GET /1', 'first'),
              ask('POST /2', { body: 'one ticket', atOnce: true }),
              ask('GET /3', { atOnce: true }),
              ask('GET /4'),
              sent('POST /2', { with: 'GET /1' }),
              ends('POST /2', how),
              sentTimes('POST /2', 1),
              rejects('POST /2'),
              sent('GET /3', { apart: 'POST /2' }),
              ...answered('GET /3', 'third'),
              sent('GET /4', { with: 'GET /3' }),
              ...answered('GET /4', 'fourth'),
            ]),
            ...both(
              (how) => [
                ask('GET /1', { atOnce: true }),
                ask('POST /2', { body: 'one ticket' }),
                sent('GET /1'),
                ends('GET /1', how),
                ...again(['GET /1', 'first']),
                sentTimes('POST /2', 1, true),
              ],
              'with a GET before it, ',
            ),
          ],
        },
      ],
    },
    {
      id: 'PL4-6',
      title: 'when every connection dies without a reply, it ends after three',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'Three connections that bring nothing are an answer too. To go on only keeps everybody waiting.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...both(
              (how) => [
                { do: 'dials', will: how },
                ask('GET /1'),
                rejects('GET /1'),
                sentTimes('GET /1', 3, true),
                { do: 'dials', will: 'succeed' },
                ...whole('GET /2', 'second'),
              ],
              'one request, ',
            ),
            ...both(
              (how) => [
                { do: 'dials', will: how },
                ...FIVE.map((request, i) => ask(request, { atOnce: i < 4 })),
                ...FIVE.flatMap((request) => [rejects(request), sentTimes(request, 3, true)]),
                { do: 'dials', will: 'succeed' },
                ...whole('GET /6', 'sixth'),
              ],
              'five requests, ',
            ),
            ...both(
              (how) => [
                ...whole('GET /1', 'first'),
                { do: 'dials', will: how },
                ends('GET /1', how),
                ask('GET /2'),
                rejects('GET /2'),
                // Who had not seen that end asks there first, and that connection has brought a reply.
                sentTimes('GET /2', 4, true),
                { do: 'dials', will: 'succeed' },
                ...whole('GET /3', 'third'),
              ],
              'behind a connection with a reply, ',
            ),
            ...both(
              (how) => [
                { do: 'dials', will: how, times: 2 },
                { do: 'dials', will: 'succeed', times: 1 },
                { do: 'dials', will: how, times: 1 },
                ask('GET /1'),
                sent('GET /1', { time: 3 }),
                ...answered('GET /1', 'first'),
                ask('GET /2'),
                sent('GET /2', { with: 'GET /1' }),
                ends('GET /2', how),
                sent('GET /2', { time: 3 }),
                ...answered('GET /2', 'second'),
              ],
              'two without a reply, one with, and one without, ',
            ),
          ],
        },
      ],
    },
  ],
});

export default exercise;

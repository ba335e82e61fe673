import {
  type Bytes,
  type CrowdPart,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

const HOST = 'Host: workshop\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
const post = (path: string, body: string): Bytes => [
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${new TextEncoder().encode(body).length}\r\n\r\n`,
  body,
];
const chunkedPost = (path: string, ...pieces: string[]): Bytes => [
  `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`,
  ...pieces.map((piece): Bytes => [`${new TextEncoder().encode(piece).length.toString(16)}\r\n`, piece, '\r\n']),
  '0\r\n\r\n',
];

/** Fifty connections; what each says tells its name, so that nothing can cross over unseen. */
const ALL: readonly number[] = Array.from({ length: 50 }, (_, i) => i + 1);
const id = (n: number): string => `c${n}`;
const note = (n: number): string => `c${n} says é`;

type Broken = {
  readonly bytes: (n: number) => Bytes;
  readonly ends: 'end' | 'reset';
  readonly rules?: readonly HandlerRule[];
};

/** How peers break off: one of each kind, among the fifty. */
const BROKEN: ReadonlyMap<number, Broken> = new Map<number, Broken>([
  [4, { bytes: (n) => `GET /c${n}/a HTTP/1.1\r\nHost: wor`, ends: 'reset' }],
  [9, { bytes: (n) => `GET /c${n}/a HTTP/1.1\r\nHost: wor`, ends: 'end' }],
  [14, { bytes: (n) => `POST /c${n}/note HTTP/1.1\r\n${HOST}Content-Length: 40\r\n\r\nhalf`, ends: 'reset' }],
  [
    19,
    { bytes: (n) => `POST /c${n}/note HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\na\r\nhalf`, ends: 'end' },
  ],
  [29, { bytes: (n) => get(`/c${n}/late`), ends: 'end' }],
  [34, { bytes: (n) => [get(`/c${n}/late`), get(`/c${n}/never`).slice(0, 20)], ends: 'reset' }],
]);
/** These break off later: while the handler runs, inside a reply, and between two exchanges. */
const ASKED = 24;
const STREAMING = 39;
const IDLE_RESET = 44;
const IDLE_END = 49;
const WHOLE: readonly number[] = ALL.filter((n) => !BROKEN.has(n) && n !== ASKED);
const STAYING: readonly number[] = WHOLE.filter((n) => n !== STREAMING && n !== IDLE_RESET && n !== IDLE_END);

/** Replies of different connections take different times, so that they interleave too. */
const rulesOf = (n: number): readonly HandlerRule[] => [
  { on: `GET /c${n}/a`, after: (n * 7) % 30, reply: { body: `a of c${n}` } },
  { on: `POST /c${n}/note`, after: (n * 11) % 30, reply: { body: { echo: true } } },
  { on: `GET /c${n}/late`, after: 40, reply: { body: `late of c${n}` } },
  { on: `GET /c${n}/b`, reply: { body: `b of c${n}` } },
  { on: `GET /c${n}/c`, reply: { body: `c of c${n}` } },
];
const first = (n: number): { bytes: Bytes; to: string; body: string } => {
  if (n % 3 === 1) return { bytes: post(`/c${n}/note`, note(n)), to: `POST /c${n}/note`, body: note(n) };
  if (n % 3 === 2)
    return { bytes: chunkedPost(`/c${n}/note`, `c${n} says `, 'é'), to: `POST /c${n}/note`, body: note(n) };
  return { bytes: get(`/c${n}/a`), to: `GET /c${n}/a`, body: `a of c${n}` };
};
const firstPart = (n: number): CrowdPart => {
  const broken = BROKEN.get(n);
  if (broken !== undefined) return { on: id(n), bytes: broken.bytes(n), ends: broken.ends };
  return { on: id(n), bytes: n === ASKED ? get('/slow') : first(n).bytes };
};

/** One more GET on each of these connections, at the same time. */
const again = (on: readonly number[], name: string, seed: number): readonly Step[] => [
  {
    do: 'sendTogether',
    what: 'another request each',
    parts: on.map((n) => ({ on: id(n), bytes: get(`/c${n}/${name}`) })),
    most: 9,
    seed,
  },
  {
    do: 'expectOwn',
    answers: on.map((n) => ({ on: id(n), to: `GET /c${n}/${name}`, status: 200, body: `${name} of c${n}` })),
  },
];

const crowd: readonly Step[] = [
  { do: 'sendTogether', what: 'a request each', parts: ALL.map(firstPart), most: 9, seed: 9 },
  // Its handler runs, or waits its turn; the reply will meet a broken connection.
  { do: 'reset', on: id(ASKED) },
  {
    do: 'expectOwn',
    answers: WHOLE.map((n) => ({ on: id(n), to: first(n).to, status: 200, body: first(n).body })),
  },
  ...again(WHOLE, 'b', 10),
  { do: 'send', on: id(STREAMING), what: 'GET /stream', bytes: get('/stream') },
  // One piece of three has left, where pieces leave as they are made; that they do is no matter here.
  { do: 'advance', ms: 1000 },
  { do: 'reset', on: id(STREAMING) },
  { do: 'reset', on: id(IDLE_RESET) },
  { do: 'endInput', on: id(IDLE_END) },
  ...again(STAYING, 'c', 11),
  { do: 'expectResolved', on: [...BROKEN.keys(), ASKED, STREAMING, IDLE_RESET, IDLE_END].map(id) },
  { do: 'expectHandlerCalls', on: 'c4', calls: [] },
];

const IDLE = 5000;
const answered = (on: string, path: string): readonly Step[] => [
  { do: 'send', on, what: `GET ${path}`, bytes: get(path) },
  { do: 'expectReply', on, to: `GET ${path}`, status: 200, body: path },
];

/** c1 never sends; c2 and c3 never send and go; c4 works all the while, and c5 comes when c1 is gone. */
const silent: readonly Step[] = [
  { do: 'openSilent', on: ['c1', 'c2', 'c3'] },
  ...answered('c4', '/1'),
  { do: 'advance', ms: 3000 },
  { do: 'endInput', on: 'c2' },
  { do: 'reset', on: 'c3' },
  ...answered('c4', '/2'),
  { do: 'advance', ms: 1900 },
  { do: 'expectSilence', on: 'c1', for: 99 },
  ...answered('c4', '/3'),
  { do: 'advance', ms: 3000 },
  ...answered('c4', '/4'),
  { do: 'advance', ms: 2100 },
  { do: 'expectEnd', on: 'c1', anything: true },
  ...answered('c4', '/5'),
  ...answered('c5', '/6'),
  { do: 'expectResolved', on: ['c1', 'c2', 'c3'] },
  { do: 'expectHandlerCalls', on: 'c1', calls: [] },
];

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const SVG = ['content-type', 'image/svg+xml'] as const;
const PLAIN = ['content-type', 'text/plain; charset=utf-8'] as const;
const TWELVE: readonly number[] = Array.from({ length: 12 }, (_, i) => i + 1);
const FORTY: readonly number[] = Array.from({ length: 40 }, (_, i) => i + 1);
/** What a browser opens to one origin at most; each image waits until as many are in flight. */
const SIX = 6;
const image = (n: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64" viewBox="0 0 96 64"><rect width="96" height="64" fill="#e4ecf7"/><text x="48" y="42" font-family="serif" font-size="30" text-anchor="middle" fill="#0f62ac">${n}</text></svg>`;
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>KA9</title>
<style>body{font:1.1rem/1.5 serif;max-width:42rem;margin:3rem auto;padding:0 1rem}img{display:inline-block;margin:.2rem}</style>
<h1>Chromium moves in</h1><p>This page and its twelve images came over your connections.</p>
<p>${TWELVE.map((n) => `<img src="/image/${n}" width="96" height="64" alt="${n}">`).join('')}</p></html>`;

/** More bytes than one read brings. */
const pageOf = (n: number): string => `page ${n} é `.repeat(4000);

const server = { kind: 'server', file: 'http1/server.ts', export: 'serve' } as const;

const exercise: Exercise = defineExercise({
  id: 'KA9',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/9-chromium-moves-in',
  title: 'Chromium moves in',
  idea: 'A server has many connections at the same time, and each of them is alone in the world.',
  minutes: 20,
  buildsOn: ['KA2', 'KA3', 'KA4', 'KA5', 'KA6', 'KA8'],
  contract:
    'export function serve(connection: Connection, handler: Handler, options?: Options): Promise<void>; // the same file: it resolves when its connection is over, in whatever way',
  files: [
    { path: 'http1/client.ts', start: null, exports: ['pool'] },
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  capstone: true,
  checks: [
    {
      id: 'KA9-1',
      title: 'fifty connections at once, some of which break off',
      judge: 'raw',
      spec: rfc(9112, '9.4'),
      idea: 'Connections know nothing of each other. What one of them keeps, waits for or loses is its own.',
      scene: {
        ...server,
        handler: [
          ...ALL.flatMap(rulesOf),
          { on: 'GET /slow', after: 50, reply: { body: { repeat: 'slow ', times: 1000 } } },
          {
            on: 'GET /stream',
            reply: {
              body: { pieces: [{ bytes: 'one, ' }, { after: 2000, bytes: 'two, ' }, { after: 2000, bytes: 'three' }] },
            },
          },
        ],
      },
      steps: crowd,
    },
    {
      id: 'KA9-2',
      title: 'a connection that never sends harms nobody, and ends when idle',
      judge: 'raw',
      spec: rfc(9112, '9.5'),
      idea: 'Browsers open connections before they know what to ask. Some never carry a request, and that is no error.',
      scene: {
        ...server,
        options: { idle: IDLE },
        handler: [1, 2, 3, 4, 5, 6].map((n) => ({ on: `GET /${n}`, reply: { body: `/${n}` } })),
      },
      steps: silent,
    },
    {
      id: 'KA9-C1',
      title: 'twelve images on six connections, forty fetches on one',
      judge: 'chromium',
      spec: rfc(9112, '9.4'),
      idea: 'Six connections are six conversations. While one waits for its reply, the others go on.',
      scene: {
        ...server,
        handler: [
          { on: 'GET /', reply: { fields: [HTML], body: PAGE } },
          ...TWELVE.map((n) => ({
            on: `GET /image/${n}`,
            together: { name: 'images', size: SIX },
            reply: { fields: [SVG], body: image(n) },
          })),
          ...FORTY.map((n) => ({ on: `GET /step/${n}`, reply: { fields: [PLAIN], body: `step ${n}` } })),
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Chromium moves in', images: TWELVE.length } },
        { do: 'expectConnections', paths: TWELVE.map((n) => `/image/${n}`), count: SIX, each: 2 },
        {
          do: 'fetchInTurn',
          fetches: FORTY.map((n) => ({
            method: 'GET',
            path: `/step/${n}`,
            expect: { status: 200, body: `step ${n}` },
          })),
        },
        { do: 'expectConnections', paths: FORTY.map((n) => `/step/${n}`), count: 1 },
      ],
    },
    {
      id: 'KA9-C2',
      title: 'your pool in the page, your server at the other end',
      judge: 'smoke',
      spec: { text: 'contract', url: '' },
      idea: 'A client and a server need to agree on nothing but the bytes. Now both ends of each connection are yours.',
      scene: {
        kind: 'client',
        file: 'http1/client.ts',
        export: 'pool',
        behind: { file: 'http1/server.ts', export: 'serve' },
        handler: TWELVE.map((n) =>
          n % 4 === 0
            ? { on: `POST /note/${n}`, reply: { body: { echo: true } } }
            : { on: `GET /page/${n}`, reply: { fields: [PLAIN], body: pageOf(n) } },
        ),
      },
      steps: [
        {
          do: 'askInPage',
          requests: TWELVE.map((n) =>
            n % 4 === 0
              ? { request: `POST /note/${n}`, body: pageOf(n), expect: { body: pageOf(n) } }
              : { request: `GET /page/${n}`, expect: { body: pageOf(n) } },
          ),
        },
        { do: 'expectSockets', count: SIX },
      ],
    },
  ],
});

export default exercise;

import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { data, goaway, headers, recall, remember, sendsOn, settings } from '@interleave/judge/http2';

/** Twenty connections; what each says tells its name, so that nothing can cross over unseen. */
const ALL: readonly number[] = Array.from({ length: 20 }, (_, i) => i + 1);
const id = (n: number): string => `c${n}`;
/** These break off while their replies wait: one without a word, one at the end of its direction, one with a GOAWAY. */
const [BROKEN, ENDED, GONE] = [7, 12, 17] as const;
const STAYING = ALL.filter((n) => n !== BROKEN && n !== ENDED && n !== GONE);
/** This one takes little at a time, for a while. */
const NARROW = 2;
const WIDE = STAYING.filter((n) => n !== NARROW);
const HELD: readonly number[] = [5, 7, 9, 11, 13];
const LAST_HELD = 13;
const LONG = 12_000;

const reply = (n: number, stream: number, to: string, body: Bytes): Step => ({
  do: 'expectStreamReply',
  on: id(n),
  stream,
  to,
  status: 200,
  fields: [['x-of', id(n)]],
  body,
});

const crowdRules = (n: number): readonly HandlerRule[] => {
  const fields = [['x-of', id(n)]] as const;
  return [
    { on: `POST /c${n}/note`, until: 'notes', reply: { fields, body: { echo: true } } },
    { on: `GET /c${n}/who`, when: ['x-who', id(n)], reply: { fields, body: `I am c${n}` } },
    { on: `GET /c${n}/who`, reply: { fields, body: 'I do not know who asks' } },
    { on: `GET /c${n}/held/*`, until: 'notes', reply: { fields, body: 'held' } },
    { on: `GET /c${n}/long`, reply: { fields, body: { repeat: id(n).padEnd(4), times: LONG / 4 } } },
  ];
};

/** One step for each of these connections, before the next step of any. */
const onEach = (on: readonly number[], step: (n: number) => Step): readonly Step[] => on.map(step);

const crowd: readonly Step[] = [
  // Each tells its own table a name. The next request of the connection says it in one byte.
  ...onEach(ALL, (n) =>
    sendsOn(id(n), headers(1, `POST /c${n}/note`, { fields: [remember('x-who', id(n))] }), data(1, `c${n} says `)),
  ),
  ...onEach(ALL, (n) => sendsOn(id(n), data(1, 'é', { end: true }))),
  ...onEach(ALL, (n) => sendsOn(id(n), headers(3, `GET /c${n}/who`, { fields: [recall(62)], end: true }))),
  ...onEach(ALL, (n) => reply(n, 3, `GET /c${n}/who`, `I am c${n}`)),
  // Six are open on each, and 120 in all.
  ...onEach(ALL, (n) =>
    sendsOn(id(n), ...HELD.map((stream) => headers(stream, `GET /c${n}/held/${stream}`, { end: true }))),
  ),
  { do: 'reset', on: id(BROKEN) },
  { do: 'endInput', on: id(ENDED) },
  sendsOn(id(GONE), goaway(0, 'INTERNAL_ERROR')),
  { do: 'release', name: 'notes' },
  ...onEach(STAYING, (n) => reply(n, 1, `POST /c${n}/note`, `c${n} says é`)),
  ...onEach(STAYING, (n) => reply(n, LAST_HELD, `GET /c${n}/held/${LAST_HELD}`, 'held')),
  // What one of them asks for holds for its own streams.
  sendsOn(id(NARROW), settings({ INITIAL_WINDOW_SIZE: 100 })),
  // Together they are more than one connection may send without credit.
  ...onEach(STAYING, (n) => sendsOn(id(n), headers(15, `GET /c${n}/long`, { end: true }))),
  ...onEach(WIDE, (n) => reply(n, 15, `GET /c${n}/long`, { repeat: id(n).padEnd(4), times: LONG / 4 })),
  sendsOn(id(NARROW), settings({ INITIAL_WINDOW_SIZE: 65_535 })),
  reply(NARROW, 15, `GET /c${NARROW}/long`, { repeat: id(NARROW).padEnd(4), times: LONG / 4 }),
  ...onEach(STAYING, (n) => sendsOn(id(n), headers(17, `GET /c${n}/who`, { fields: [recall(62)], end: true }))),
  ...onEach(STAYING, (n) => reply(n, 17, `GET /c${n}/who`, `I am c${n}`)),
];

/** How many streams one connection carries, one after another, and how many of them go out at a time. */
const STREAMS = 2_000;
const AT_ONCE = 50;
/** Whoever remembers the last thousand of them has a bound. Whoever remembers all has none. */
const REMEMBERED = 1_200;
const one = (i: number): Bytes => {
  const stream = 2 * i + 1;
  // Most have a body, so that whoever keeps only those is seen as well.
  return i % 5 > 0
    ? [headers(stream, 'POST /note'), data(stream, 'a note', { end: true })]
    : headers(stream, 'GET /a', { end: true });
};
const many: readonly Step[] = Array.from({ length: STREAMS / AT_ONCE }, (_, at): readonly Step[] => {
  const first = at * AT_ONCE;
  const last = 2 * (first + AT_ONCE) - 1;
  return [
    {
      do: 'send',
      what: `requests ${first + 1} to ${first + AT_ONCE}`,
      bytes: Array.from({ length: AT_ONCE }, (_, i) => one(first + i)),
    },
    { do: 'expectStreamReply', stream: last, to: 'POST /note', status: 200, body: 'a note' },
  ];
}).flat();

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const CSS = ['content-type', 'text/css; charset=utf-8'] as const;
const SVG = ['content-type', 'image/svg+xml'] as const;
const IMAGES = 48;
const FORTY_EIGHT: readonly number[] = Array.from({ length: IMAGES }, (_, i) => i + 1);
/** The same page at two places, each with images of its own. */
const page = (at: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>MX10</title>
<link rel="stylesheet" href="${at}/style.css">
<h1>48 images, one connection</h1><p>This page, its stylesheet and its images came over a connection of yours.</p>
<p>${FORTY_EIGHT.map((n) => `<img src="${at}/image/${n}" width="72" height="48" alt="${n}">`).join('')}</p></html>`;
const STYLE = 'body{font:1.1rem/1.5 serif;max-width:42rem;margin:3rem auto;padding:0 1rem}img{margin:.2rem}';
const [DRAWN, NUMBER] = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="72" height="48" viewBox="0 0 72 48"><rect width="72" height="48" fill="#e4ecf7"/>',
  '<circle cx="36" cy="24" r="14" fill="#0f62ac"/></svg>',
] as const;
const site = (at: string, image: Omit<HandlerRule, 'on'>): readonly HandlerRule[] => [
  { on: `GET ${at === '' ? '/' : at}`, reply: { fields: [HTML], body: page(at) } },
  { on: `GET ${at}/style.css`, reply: { fields: [CSS], body: STYLE } },
  { on: `GET ${at}/image/*`, ...image },
];
const inTwo: Omit<HandlerRule, 'on'> = {
  reply: { fields: [SVG], body: { pieces: [{ bytes: DRAWN }, { until: 'images', bytes: NUMBER }] } },
};
/** Each is a little work, so that one sees what is under way side by side. */
const whole: Omit<HandlerRule, 'on'> = { after: 10, reply: { fields: [SVG], body: [DRAWN, NUMBER] } };

const TWELVE = Array.from({ length: 12 }, (_, i) => (i % 4 === 3 ? `POST /note/${i + 1}` : `GET /page/${i + 1}`));
/** Twelve of them are more than a connection may send without credit. */
const textOf = (request: string): string => `${request} é `.repeat(1000);

const server = { kind: 'http2', file: 'http2/server.ts', export: 'serve', given: [] } as const;

const exercise: Exercise = defineExercise({
  id: 'MX10',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/10-capstone',
  title: '48 images, one connection',
  idea: 'A connection carries a whole page, and a server many such connections. What is over leaves nothing behind.',
  minutes: 20,
  picture: 'protocols',
  capstone: true,
  buildsOn: ['KA9', 'MX2', 'MX5', 'MX6', 'MX7', 'MX8', 'MX9'],
  contract: `export function serve(connection: Connection, handler: Handler, given: Pick<Given, 'hpack'>, options?: Options): Promise<void>;
export function connect(connection: Connection, given: Pick<Given, 'hpack'>): Promise<(request: Outgoing) => Promise<Response>>;`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
    { path: 'http2/frames.ts', start: null, exports: ['frames'] },
    { path: 'http2/sender.ts', start: null, exports: [] },
    { path: 'http2/client.ts', start: null, exports: ['connect'] },
    { path: 'http2/server.ts', start: null, exports: ['serve'] },
  ],
  startFails: [],
  checks: [
    {
      id: 'MX10-1',
      title: 'twenty connections at once share no state',
      judge: 'raw',
      spec: rfc(9113, '4.3'),
      idea: 'Ids, windows and the memory of the header blocks belong to one connection. Another one begins with none of them.',
      scene: {
        ...server,
        handler: ALL.flatMap(crowdRules),
        peer: { settings: { INITIAL_WINDOW_SIZE: 65_535 }, connectionWindow: 65_535 },
      },
      steps: crowd,
    },
    {
      id: 'MX10-2',
      title: '2,000 streams, one after another, leave nothing behind',
      judge: 'raw',
      spec: rfc(9113, '5.1'),
      idea: 'A page is loaded in a second; a connection may live for days. What grows with each stream ends the server some night.',
      limits: { written: 4 * 1024 * 1024 },
      scene: {
        ...server,
        handler: [
          { on: 'GET /a', reply: { body: 'first' } },
          { on: 'POST /note', reply: { body: { echo: true } } },
        ],
      },
      steps: [...many, { do: 'expectForgotten', atMost: REMEMBERED }],
    },
    {
      id: 'MX10-C1',
      title: 'a page and 48 images on one connection, while that of a second tab is lost half-way',
      judge: 'chromium',
      spec: rfc(9113, '5'),
      idea: 'Each tab here has a connection of its own. What one of them asks for, waits for or gives up is nothing to the other.',
      scene: { ...server, handler: [...site('', inTwo), ...site('/other', inTwo)] },
      steps: [
        { do: 'tabs', path: '/', leaves: '/other', images: IMAGES, release: 'images' },
        {
          do: 'expectConnections',
          paths: ['/', '/style.css', ...FORTY_EIGHT.map((n) => `/image/${n}`)],
          count: 1,
        },
      ],
    },
    {
      id: 'MX10-C2',
      title: 'one port: HTTP/2 for whoever knows it, your HTTP/1.1 server for the rest',
      judge: 'smoke',
      spec: { text: 'RFC 7301', url: 'https://www.rfc-editor.org/rfc/rfc7301' },
      idea: 'The client says in its first message which protocols it knows, and the server takes one. The handler need not know which.',
      scene: { ...server, http1: { file: 'http1/server.ts', export: 'serve' }, handler: site('', whole) },
      steps: [
        { do: 'open', path: '/', expect: { text: '48 images', images: IMAGES } },
        { do: 'expectBothProtocols', path: '/', images: IMAGES },
      ],
    },
    {
      id: 'MX10-C3',
      title: 'your client in the page, your server at the other end, over one WebSocket',
      judge: 'smoke',
      spec: { text: 'contract', url: '' },
      idea: 'A client and a server need to agree on nothing but the bytes. Both ends of this connection are yours.',
      scene: {
        kind: 'http2-client',
        file: 'http2/client.ts',
        export: 'connect',
        behind: { file: 'http2/server.ts', export: 'serve' },
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

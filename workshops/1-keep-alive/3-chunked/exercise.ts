import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: workshop\r\n\r\n`;
const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const reply = (to: string, body: string): Step => ({ do: 'expectReply', to, status: 200, body, exact: true });
const length = (text: string): number => new TextEncoder().encode(text).length;

/** One chunk; the size as its author likes to write it. */
const chunk = (data: string, size: string = length(data).toString(16)): string => `${size}\r\n${data}\r\n`;
const chunked = (chunks: string, end = '0\r\n\r\n', fields = 'Transfer-Encoding: chunked\r\n'): string =>
  `POST /note HTTP/1.1\r\nHost: workshop\r\n${fields}\r\n${chunks}${end}`;

const EVIL = 'GET /evil HTTP/1.1\r\nHost: workshop\r\n\r\n';
const SIXTEEN = 'sixteen bytes: é';
const LONG = 'A body of twenty-six bytes.'.slice(0, 26);
/** What would end a body, were it not data. */
const LOOKS_OVER = `1\r\n0\r\n\r\n${EVIL}`;

const pages: readonly HandlerRule[] = [
  // Replies without a body: how a server frames its own bodies is judged where it is asked for.
  { on: 'POST /note', reply: {} },
  { on: 'GET /a', reply: {} },
];
const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: pages } as const;
const streaming = (path: string, pieces: readonly Bytes[], fails = false): HandlerRule => ({
  on: `GET ${path}`,
  reply: {
    // Long enough for the judge to look at the wire in between; the clock is the judge's, so nobody waits.
    body: { pieces: pieces.map((bytes, i) => (i === 0 ? { bytes } : { after: 5000, bytes })), fails },
  },
});

/** The body arrives, is answered, and the GET behind it is still one. */
const noted = (body: string): readonly Step[] => [
  { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body }, { request: 'GET /a' }] },
  reply('POST /note', ''),
  reply('GET /a', ''),
];
const note = (title: string, bytes: string, body: string): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [send('POST /note in chunks, then GET /a', [bytes, get('/a')]), ...noted(body)],
});
const everyCut = (bytes: string, body: string): Step => ({
  do: 'everyCut',
  what: 'POST /note in chunks, then GET /a',
  bytes: [bytes, get('/a')],
  eachTime: noted(body),
});

const piece = (to: string, body: string): Step => ({ do: 'expectPiece', to, body });
const thenA: readonly Step[] = [send('GET /a', get('/a')), reply('GET /a', '')];
/** A reply in pieces, and a GET behind it on the same connection. */
const pieces = (title: string, path: string, body: string): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [
    send(`GET ${path}`, get(path)),
    { do: 'expectReply', to: `GET ${path}`, status: 200, body, exact: true, connection: 'stays' },
    ...thenA,
    { do: 'expectSilence' },
  ],
});

const both = (
  title: string,
  fields: string,
  body: string,
  text: string,
): { title: string; steps: readonly Step[] } => ({
  title,
  steps: [
    send('POST /note with two lengths', chunked(body, '', fields)),
    { do: 'expectRefusalOr', to: 'POST /note', body: '' },
    { do: 'expectHandlerCalls', calls: [{ request: 'POST /note', body: text }], atMost: true },
    { do: 'expectEnd' },
  ],
});
const HIDDEN = `0\r\n\r\n${EVIL}`;
const OPEN = `${chunk(EVIL)}0\r\n\r\n`;

const text = [['content-type', 'text/plain; charset=utf-8']] as const;

const exercise: Exercise = defineExercise({
  id: 'KA3',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/3-chunked',
  title: 'A body whose length nobody knows yet',
  idea: 'Chunked: each piece says its own size, and a piece of size 0 ends the body.',
  minutes: 35,
  buildsOn: ['KA2'],
  contract:
    'export function serve(connection: Connection, handler: Handler): Promise<void>; // chunked requests, and chunked replies where the handler gives no length',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  startFails: [],
  carry: {
    from: 'workshops/1-keep-alive/2-one-connection/solution',
    fails: ['KA3-1', 'KA3-2', 'KA3-3', 'KA3-5', 'KA3-C'],
  },
  checks: [
    {
      id: 'KA3-1',
      title: 'a request in chunks, cut anywhere',
      judge: 'raw',
      spec: rfc(9112, '7.1'),
      idea: 'Each chunk begins with its size, in hexadecimal digits. A chunk of the message has nothing to do with a chunk that you read.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            note('one chunk', chunked(chunk('hello')), 'hello'),
            note('three chunks', chunked(chunk('one ') + chunk('two ') + chunk('three')), 'one two three'),
            note('a size of two digits', chunked(chunk(SIXTEEN.padEnd(16, '.'))), SIXTEEN.padEnd(16, '.')),
            note('a size in small letters: 1a', chunked(chunk(LONG, '1a')), LONG),
            note('a size in capitals: 1A', chunked(chunk(LONG, '1A')), LONG),
            note('leading zeros: 00001a', chunked(chunk(LONG, '00001a')), LONG),
            note('more zeros in the last size', chunked(chunk('hello'), '000\r\n\r\n'), 'hello'),
            note('an empty body', chunked(''), ''),
            note('Chunked, in any case', chunked(chunk('hello'), undefined, 'TRANSFER-ENCODING: Chunked\r\n'), 'hello'),
          ],
        },
        everyCut(chunked(chunk('café ') + chunk(LONG, '01A')), `café ${LONG}`),
      ],
    },
    {
      id: 'KA3-2',
      title: 'a piece of the reply leaves before the next one exists',
      judge: 'raw',
      spec: rfc(9112, '7.1'),
      idea: 'Chunks let a reply begin before anybody knows how long it gets. Whoever collects it first gives that away.',
      scene: {
        ...scene,
        handler: [
          ...pages,
          streaming('/slow', ['one, ', 'two and a half, ', 'three']),
          streaming('/bytes', [{ hex: '00 ff 0d 0a' }, '!']),
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'three pieces, seconds apart',
              steps: [
                send('GET /slow', get('/slow')),
                piece('GET /slow', 'one, '),
                { do: 'advance', ms: 5000 },
                piece('GET /slow', 'one, two and a half, '),
                { do: 'advance', ms: 5000 },
                piece('GET /slow', 'one, two and a half, three'),
              ],
            },
            {
              title: 'pieces that are no text',
              steps: [
                send('GET /bytes', get('/bytes')),
                { do: 'expectPiece', to: 'GET /bytes', body: { hex: '00 ff 0d 0a' } },
                { do: 'advance', ms: 5000 },
                { do: 'expectPiece', to: 'GET /bytes', body: [{ hex: '00 ff 0d 0a' }, '!'] },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA3-3',
      title: 'data, extensions and trailers are told apart',
      judge: 'raw',
      spec: rfc(9112, '7.1.1'),
      idea: 'Only the size says where data ends, whatever the data looks like. What else may stand in the framing is read, and then forgotten.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            note('data that looks like the last chunk', chunked(chunk(LOOKS_OVER)), LOOKS_OVER),
            note(
              'extensions',
              chunked(`5;a\r\nhello\r\n6;b=c;d="e f"\r\n world\r\n`, '0;last=1\r\n\r\n'),
              'hello world',
            ),
            note('one trailer', chunked(chunk('hello'), '0\r\nChecksum: 5d41\r\n\r\n'), 'hello'),
            note('two trailers', chunked(chunk('hello'), '0\r\nChecksum: 5d41\r\nContent-Length: 99\r\n\r\n'), 'hello'),
          ],
        },
        everyCut(chunked(`${chunk(LOOKS_OVER)}5;x=y\r\nhello\r\n`, '0\r\nT: 1\r\n\r\n'), `${LOOKS_OVER}hello`),
      ],
    },
    {
      id: 'KA3-4',
      title: 'an empty piece ends nothing, and the last chunk comes once',
      judge: 'raw',
      spec: rfc(9112, '7.1'),
      idea: 'Size 0 has one meaning: the body ends here. A piece without bytes has no chunk that could carry it.',
      scene: {
        ...scene,
        handler: [
          ...pages,
          streaming('/gap', ['one', '', 'two']),
          streaming('/late', ['', 'after nothing']),
          streaming('/tail', ['before nothing', '']),
          streaming('/none', []),
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            pieces('an empty piece between two', '/gap', 'onetwo'),
            pieces('an empty piece first', '/late', 'after nothing'),
            pieces('an empty piece last', '/tail', 'before nothing'),
            pieces('no piece at all', '/none', ''),
          ],
        },
      ],
    },
    {
      id: 'KA3-5',
      title: 'two lengths in one request end the connection',
      judge: 'raw',
      spec: rfc(9112, '6.3'),
      idea: 'Where two fields disagree about the end of a body, two readers see two conversations. What one takes for body is a request for the other.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            both(
              'a request behind the chunks, inside the length',
              `Content-Length: ${HIDDEN.length}\r\nTransfer-Encoding: chunked\r\n`,
              HIDDEN,
              '',
            ),
            both(
              'a request inside the chunks, behind the length',
              'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
              OPEN,
              EVIL,
            ),
            both(
              'both agree',
              'Content-Length: 15\r\nTransfer-Encoding: chunked\r\n',
              `${chunk('hello')}0\r\n\r\n`,
              'hello',
            ),
          ],
        },
      ],
    },
    {
      id: 'KA3-6',
      title: 'a body that fails half-way never looks whole',
      judge: 'raw',
      spec: rfc(9112, '8'),
      idea: 'The status has left long ago, and cannot be taken back. What is left to say is that this is not the end.',
      scene: {
        ...scene,
        handler: [...pages, streaming('/breaks', ['one, ', 'two'], true), streaming('/broken', [], true)],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'after two pieces',
              steps: [
                send('GET /breaks', get('/breaks')),

                { do: 'expectCutReply', to: 'GET /breaks' },
              ],
            },
            {
              title: 'before the first piece',
              steps: [send('GET /broken', get('/broken')), { do: 'expectCutReply', to: 'GET /broken' }],
            },
          ],
        },
      ],
    },
    {
      id: 'KA3-C',
      title: 'the page reads a piece before the next one is made',
      judge: 'chromium',
      spec: rfc(9112, '7.1'),
      idea: 'A page can show what has come while the rest is still being made, and the connection is as good as before when it ends.',
      scene: {
        ...scene,
        handler: [
          {
            on: 'GET /',
            reply: {
              fields: [['content-type', 'text/html; charset=utf-8']],
              body: '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA3</title><p>Piece by piece</p></html>',
            },
          },
          {
            on: 'GET /story',
            reply: {
              fields: text,
              body: { pieces: [{ bytes: 'Once upon a time' }, { until: 'the page has read', bytes: ' it went on.' }] },
            },
          },
          { on: 'GET /next', reply: { fields: text, body: 'another one' } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Piece by piece' } },
        {
          do: 'stream',
          method: 'GET',
          path: '/story',
          first: 'Once upon a time',
          release: 'the page has read',
          body: 'Once upon a time it went on.',
        },
        { do: 'fetch', method: 'GET', path: '/next', expect: { status: 200, body: 'another one' } },
        { do: 'expectConnections', paths: ['/', '/story', '/next'], count: 1 },
      ],
    },
  ],
});

export default exercise;

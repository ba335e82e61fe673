import { type Bytes, defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

const MARK = '\r\n\r\n';
const LIMIT = 1024;
const HEAD = 'POST /note HTTP/1.1\r\nHost: workshop';

const send = (what: string, bytes: Bytes): Step => ({ do: 'send', what, bytes });
const until = (gives: Bytes | null, mark: Bytes = MARK): Step => ({
  do: 'expectCall',
  call: { until: mark, limit: LIMIT },
  gives,
});
const untilRejects = (limit = LIMIT): Step => ({ do: 'expectCall', call: { until: MARK, limit }, rejects: true });
const exactly = (n: number, gives: Bytes): Step => ({ do: 'expectCall', call: { exactly: n }, gives });
const exactlyRejects = (n: number): Step => ({ do: 'expectCall', call: { exactly: n }, rejects: true });
const some = (max: number, gives: Bytes): Step => ({ do: 'expectSome', max, gives });
const atEnd = (max = 100): Step => ({ do: 'expectCall', call: { some: max }, gives: null });
const end: Step = { do: 'endInput' };

const scene = { kind: 'reader', file: 'http1/bytes.ts', export: 'reader' } as const;

/** é, FF, an emoji, zero bytes: cut anywhere, only bytes survive. */
const CAFE: Bytes = ['caf', { hex: 'c3 a9' }];
const NO_TEXT: Bytes = [{ hex: 'ff 00 c3 28 80' }, '👋'];
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>KA1</title><p>Bytes are not messages</p></html>';
/** 70,000 bytes, in which the mark stands 7,000 times. */
const LONG: Bytes = { repeat: 'data\r\n\r\nxy', times: 7000 };

const exercise: Exercise = defineExercise({
  id: 'KA1',
  track: 'keep-alive',
  folder: 'workshops/1-keep-alive/1-bytes-are-not-messages',
  title: 'Bytes are not messages',
  idea: 'A stream has no packets and no messages; you cut it, and what you did not use is still yours.',
  minutes: 20,
  buildsOn: [],
  contract: `export function reader(readable: ReadableStream<Uint8Array>): {
  until(mark: Uint8Array, limit: number): Promise<Uint8Array | null>; // what stands before mark; mark is used up; null at a clean end
  exactly(n: number): Promise<Uint8Array>;
  some(max: number): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}`,
  files: [{ path: 'http1/bytes.ts', start: 'start/http1/bytes.ts', exports: ['reader'] }],
  startFails: ['KA1-1', 'KA1-2', 'KA1-3', 'KA1-4', 'KA1-5', 'KA1-6', 'KA1-C'],
  checks: [
    {
      id: 'KA1-1',
      title: 'one message in several chunks',
      judge: 'raw',
      spec: rfc(9112, '2.2'),
      idea: 'A chunk is what the network happened to hand over. Where a message ends stands in the bytes, and nowhere else.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'cut between head and body',
              steps: [
                send('the head', [HEAD, MARK]),
                send('the body', 'Hello, reader'),
                until(HEAD),
                exactly(13, 'Hello, reader'),
              ],
            },
            {
              title: 'cut inside the body',
              steps: [
                send('the head', [HEAD, MARK]),
                send('half of the body', 'Hello,'),
                send('the rest of it', ' reader'),
                until(HEAD),
                exactly(13, 'Hello, reader'),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA1-2',
      title: 'the mark is found wherever the stream is cut',
      judge: 'raw',
      spec: rfc(9112, '2.2'),
      idea: 'The mark can begin in one chunk and end in another. Bytes that only begin like it are data, and the mark may begin inside them.',
      scene,
      steps: [
        { do: 'everyCut', what: 'a head with its mark', bytes: [HEAD, MARK], eachTime: [until(HEAD)] },
        {
          do: 'everyCut',
          what: 'two beginnings of a mark before the mark',
          bytes: ['one\r\n\rx two\r', MARK],
          eachTime: [until('one\r\n\rx two\r')],
        },
        {
          do: 'everyCut',
          what: 'another mark that overlaps itself',
          bytes: 'ababac',
          eachTime: [until('ab', 'abac')],
        },
      ],
    },
    {
      id: 'KA1-3',
      title: 'what stands behind the mark serves the next call',
      judge: 'raw',
      spec: rfc(9112, '2.2'),
      idea: 'One chunk can hold two messages and a half. What a call does not use belongs to the next call, and what it has given stays given.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'two and a half messages in one chunk',
              steps: [
                send('two and a half messages', `first${MARK}second${MARK}thi`),
                until('first'),
                until('second'),
                { do: 'begin', call: { until: MARK, limit: LIMIT } },
                { do: 'expectWaiting' },
                send('the other half', `rd${MARK}`),
                { do: 'expectOutcome', gives: 'third' },
              ],
            },
            {
              title: 'a message with a body, and the next one, in one chunk',
              steps: [
                send('a head, its body, the next head', [HEAD, MARK, 'Hello', 'next', MARK]),
                until(HEAD),
                exactly(5, 'Hello'),
                exactly(0, ''),
                until('next'),
              ],
            },
            {
              title: 'a message of no bytes is a message',
              steps: [
                send('three lines, one of them empty', 'a\n\nb\n'),
                until('a', '\n'),
                until('', '\n'),
                until('b', '\n'),
              ],
            },
            {
              title: 'some gives what is left first',
              steps: [
                send('a head, a body, the next head', `head${MARK}body bytesnext${MARK}`),
                until('head'),
                some(4, 'body'),
                some(3, ' bytes'),
                until('next'),
                send('more', 'one more chunk'),
                some(100, 'one more chunk'),
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'three messages, the second with a body',
          bytes: ['first', MARK, 'second', MARK, 'body', 'third', MARK],
          eachTime: [until('first'), until('second'), exactly(4, 'body'), until('third')],
        },
      ],
    },
    {
      id: 'KA1-4',
      title: 'bytes are counted, and come back unchanged',
      judge: 'raw',
      spec: rfc(9112, '6.2'),
      idea: 'A length counts bytes. é is one character and two bytes, FF is no character at all, and a cut may fall inside either.',
      scene,
      steps: [
        {
          do: 'everyCut',
          what: 'café, bytes that are no text, a wave',
          bytes: [CAFE, NO_TEXT],
          eachTime: [
            exactly(4, ['caf', { hex: 'c3' }]),
            exactly(1, { hex: 'a9' }),
            exactly(5, { hex: 'ff 00 c3 28 80' }),
            some(3, '👋'),
          ],
        },
        {
          do: 'everyCut',
          what: 'bytes that are no text before a mark, and behind it',
          bytes: [NO_TEXT, MARK, CAFE],
          eachTime: [until(NO_TEXT), exactly(5, CAFE)],
        },
      ],
    },
    {
      id: 'KA1-5',
      title: 'the end: null between messages, an error inside one, never a wait',
      judge: 'raw',
      spec: rfc(9112, '8'),
      idea: 'Whoever asks for more must learn that nothing more comes. An end between two messages is a goodbye; an end inside one is a loss.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'an end before any byte', steps: [end, until(null), until(null), atEnd()] },
            {
              title: 'an end after a whole message',
              steps: [send('a message', `first${MARK}`), end, until('first'), until(null), atEnd()],
            },
            {
              title: 'an end while a call waits',
              steps: [{ do: 'begin', call: { until: MARK, limit: LIMIT } }, end, { do: 'expectOutcome', gives: null }],
            },
            {
              title: 'an end while a call waits for the rest of a body',
              steps: [
                { do: 'begin', call: { exactly: 10 } },
                send('half of a body', 'Hello'),
                end,
                { do: 'expectOutcome', rejects: true },
              ],
            },
            {
              title: 'an end where a body should begin',
              steps: [send('a head', [HEAD, MARK]), end, until(HEAD), exactly(0, ''), exactlyRejects(5)],
            },
            {
              title: 'an end in the second of two messages',
              steps: [send('one message and a half', `first${MARK}sec`), end, until('first'), untilRejects()],
            },
            {
              title: 'a stream that breaks off',
              steps: [
                { do: 'begin', call: { until: MARK, limit: LIMIT } },
                send('half of a head', 'POST /no'),
                { do: 'reset' },
                { do: 'expectOutcome', rejects: true },
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'a head',
          bytes: [HEAD, MARK],
          deliveries: ['prefix'],
          eachTime: [end, untilRejects()],
        },
      ],
    },
    {
      id: 'KA1-6',
      title: 'no mark within the limit: an error, and no more reading',
      judge: 'raw',
      spec: rfc(9110, '17.5'),
      idea: 'Whoever waits for a mark keeps what came before it. A peer that never sends the mark must not decide how much that is.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: '9,900 bytes without a mark, limit 1,000',
              steps: [
                ...Array.from({ length: 100 }, (): Step => send('no mark', { repeat: 'no mark, ', times: 11 })),
                untilRejects(1000),
                // A reader may hold a chunk that it has not looked at yet.
                { do: 'expectTaken', atMost: 1000 + 3 * 99 },
              ],
            },
            {
              title: 'a message below the limit',
              steps: [
                send('a message of 990 bytes', [{ repeat: 'not over, ', times: 99 }, MARK]),
                { do: 'expectCall', call: { until: MARK, limit: 1000 }, gives: { repeat: 'not over, ', times: 99 } },
              ],
            },
            {
              title: 'one chunk of three short messages, longer than the limit',
              steps: [
                send('three messages of 60 bytes', [
                  { repeat: 'abcdef', times: 10 },
                  MARK,
                  { repeat: 'ghijkl', times: 10 },
                  MARK,
                  { repeat: 'mnopqr', times: 10 },
                  MARK,
                ]),
                ...['abcdef', 'ghijkl', 'mnopqr'].map(
                  (word): Step => ({
                    do: 'expectCall',
                    call: { until: MARK, limit: 100 },
                    gives: { repeat: word, times: 10 },
                  }),
                ),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'KA1-7',
      title: 'cancel tells the stream that nobody reads on',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'Whoever sends may wait until its bytes are wanted. Only the one who reads can say that they never will be.',
      scene,
      steps: [
        send('a few bytes', 'abc'),
        some(100, 'abc'),
        { do: 'begin', call: { cancel: true } },
        { do: 'expectStopped' },
      ],
    },
    {
      id: 'KA1-C',
      title: 'Chromium posts three bodies through your reader',
      judge: 'chromium',
      spec: rfc(9112, '6.2'),
      idea: 'A browser cuts its bytes where it likes: a small body comes with its head, a large one in many chunks. None of them is a message.',
      scene: {
        ...scene,
        handler: [
          { on: 'GET /', reply: { fields: [['content-type', 'text/html; charset=utf-8']], body: PAGE } },
          { on: 'POST /accent', reply: { body: { echo: true } } },
          { on: 'POST /wave', reply: { body: { echo: true } } },
          { on: 'POST /long', reply: { body: { echo: true } } },
        ],
      },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Bytes are not messages' } },
        { do: 'fetch', method: 'POST', path: '/accent', body: 'é', expect: { status: 200, body: 'é' } },
        { do: 'fetch', method: 'POST', path: '/wave', body: '👋 hello', expect: { status: 200, body: '👋 hello' } },
        { do: 'fetch', method: 'POST', path: '/long', body: LONG, expect: { status: 200, body: LONG } },
        {
          do: 'expectHandlerCalls',
          calls: [
            { request: 'GET /' },
            { request: 'POST /accent', body: 'é' },
            { request: 'POST /wave', body: '👋 hello' },
            { request: 'POST /long', body: LONG },
          ],
        },
      ],
    },
  ],
});

export default exercise;

import {
  type Bytes,
  defineExercise,
  type Exercise,
  type HandlerRule,
  rfc,
  type Step,
} from '@interleave/judge/exercise';
import { data, frame, headers, ping, sends, settings, windowUpdate } from '@interleave/judge/http2';

const gives = (...bytes: Bytes[]): Step => ({ do: 'expectFrames', bytes });
const waits: Step = { do: 'expectFrameWaiting' };
const isOver: Step = { do: 'expectFramesEnd' };
const rejects = (name?: string): Step => ({ do: 'expectFramesReject', ...(name === undefined ? {} : { name }) });
const end: Step = { do: 'endInput' };

const scene = { kind: 'frames', file: 'http2/frames.ts', export: 'frames' } as const;

const ONE = headers(1, 'GET /a', { end: true });
const HELLO = data(3, 'Hello, frames');
const SIX: readonly Bytes[] = [
  settings(),
  headers(1, 'GET /a', { end: true }),
  data(3, ''),
  data(5, 'first'),
  ping('eight by'),
  data(5, 'second', { end: true }),
];
/** Types and flags that nobody knows are frames like all others, and a payload need not be text. */
const UNKNOWN = frame({ type: 0xfa, flags: 0xff, stream: 7, payload: [{ hex: 'ff fe 80 00' }, 'anything'] });
const LONG = data(1, { repeat: 'frames! ', times: 8750 });
/** So many pieces as a socket might give. */
const pieces = (bytes: string, times: number, each: number): Step[] =>
  Array.from(
    { length: times },
    (): Step => ({ do: 'send', what: 'a piece of the payload', bytes: { repeat: bytes, times: each } }),
  );

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>MX1</title><p>Nine bytes</p>${Array.from({ length: 12 }, (_, i) => `<img src="/image/${i + 1}.svg" alt="">`).join('')}</html>`;
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#2a6f97"/><text x="6" y="26">*</text></svg>';
const site: readonly HandlerRule[] = [
  { on: 'GET /', reply: { fields: [['content-type', 'text/html; charset=utf-8']], body: PAGE } },
  {
    on: 'GET /image/*',
    reply: { fields: [['content-type', 'image/svg+xml']], body: { starred: SVG } },
  },
];

const exercise: Exercise = defineExercise({
  id: 'MX1',
  track: 'demultiplexing',
  folder: 'workshops/3-demultiplexing/1-nine-bytes',
  title: 'Nine bytes',
  idea: 'A frame says how long it is, what it is, and whose it is.',
  minutes: 20,
  buildsOn: ['KA1'],
  contract: `export function frames(
  readable: ReadableStream<Uint8Array>,
  maxFrameSize = 16_384, // a longer payload: rejects with FRAME_SIZE_ERROR
): AsyncGenerator<Frame>; // done at an end between frames; rejects at an end inside one
type Frame = { type: number; flags: number; streamId: number; payload: Uint8Array };`,
  files: [
    { path: 'http1/bytes.ts', start: null, exports: ['reader'] },
    { path: 'http2/frames.ts', start: 'start/http2/frames.ts', exports: ['frames'] },
  ],
  startFails: ['MX1-1', 'MX1-2', 'MX1-3', 'MX1-4', 'MX1-5', 'MX1-6', 'MX1-C'],
  checks: [
    {
      id: 'MX1-1',
      title: 'one frame, wherever it is cut',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'Nine bytes say how many follow. A cut can fall between them, and inside them.',
      scene,
      steps: [
        { do: 'everyCut', what: 'HEADERS on stream 1', bytes: ONE, eachTime: [gives(ONE), waits] },
        { do: 'everyCut', what: 'DATA on stream 3', bytes: HELLO, eachTime: [gives(HELLO), waits] },
        { do: 'everyCut', what: 'a type that nobody knows', bytes: UNKNOWN, eachTime: [gives(UNKNOWN)] },
      ],
    },
    {
      id: 'MX1-2',
      title: 'six frames in one chunk, and each keeps its payload',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'A chunk may hold many frames, and a frame may hold nothing. What was given belongs to whoever took it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'six in one chunk', steps: [sends(...SIX), gives(...SIX), waits] },
            {
              title: 'six and a half, and the rest later',
              steps: [
                sends(...SIX, { hex: '00 00 05 00' }),
                gives(...SIX),
                waits,
                { do: 'send', what: 'the rest of the seventh', bytes: [{ hex: '01 00 00 00 09' }, 'later'] },
                gives(data(9, 'later', { end: true })),
              ],
            },
          ],
        },
        {
          do: 'everyCut',
          what: 'an empty frame between two others',
          bytes: [data(5, 'first'), data(3, ''), windowUpdate(0, 5)],
          eachTime: [gives(data(5, 'first'), data(3, ''), windowUpdate(0, 5)), waits],
        },
      ],
    },
    {
      id: 'MX1-3',
      title: 'the length has 24 bits',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'Three bytes hold the length, the highest first. 70,000 needs all of them.',
      scene: { ...scene, maxFrameSize: 100_000 },
      steps: [
        { do: 'send', what: 'the nine bytes of a frame of 70,000', bytes: { hex: '01 11 70 00 00 00 00 00 01' } },
        ...pieces('frames! ', 7, 1250),
        gives(LONG),
        sends(ping()),
        gives(ping()),
      ],
    },
    {
      id: 'MX1-4',
      title: 'a stream id has 31 bits, and the one before them is nobody’s',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'Four bytes hold the id. Their first bit is reserved: who reads frames ignores it, whatever it is.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            ...[2 ** 24 + 5, 2 ** 31 - 1].map((stream) => ({
              title: `stream ${stream.toLocaleString('en')}`,
              steps: [sends(data(stream, 'far')), gives(data(stream, 'far'))],
            })),
            ...[1, 2 ** 31 - 1].map((stream) => ({
              title: `stream ${stream.toLocaleString('en')}, the reserved bit set`,
              steps: [
                sends(frame({ type: 'DATA', stream, payload: 'far', reserved: true })),
                gives(data(stream, 'far')),
              ],
            })),
          ],
        },
      ],
    },
    {
      id: 'MX1-5',
      title: 'a frame over the maximum: an error, before its payload is taken',
      judge: 'raw',
      spec: rfc(9113, '4.2'),
      idea: 'Nine bytes can promise sixteen megabytes. Whoever collects them first lets the peer decide how much memory is used.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: '16,384 bytes, which may be',
              steps: [sends(data(1, { repeat: 'x', times: 16_384 })), gives(data(1, { repeat: 'x', times: 16_384 }))],
            },
            {
              title: '16,385 bytes, of which not one has come',
              steps: [
                { do: 'send', what: 'nine bytes that say 16,385', bytes: { hex: '00 40 01 00 00 00 00 00 01' } },
                rejects('FRAME_SIZE_ERROR'),
              ],
            },
            {
              title: '16,777,215 bytes, the most that 24 bits can say',
              steps: [
                { do: 'send', what: 'nine bytes that say 16,777,215', bytes: { hex: 'ff ff ff 00 00 00 00 00 01' } },
                rejects('FRAME_SIZE_ERROR'),
              ],
            },
            {
              title: 'a million bytes, ready to be taken',
              steps: [
                sends(ping()),
                { do: 'send', what: 'nine bytes that say 1,000,000', bytes: { hex: '0f 42 40 00 00 00 00 00 01' } },
                ...pieces('x', 40, 4096),
                gives(ping()),
                rejects('FRAME_SIZE_ERROR'),
                // A reader may hold a chunk that it has not looked at yet.
                { do: 'expectTaken', atMost: 26 + 3 * 4096 },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'MX1-6',
      title: 'an end between frames is an end; inside one it is an error',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'A stream that ends behind a whole frame has said all it had to say. One that ends before has lost something.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            { title: 'an end before any frame', steps: [{ do: 'askFrame' }, end, isOver] },
            { title: 'an end behind a frame', steps: [sends(HELLO), end, gives(HELLO), isOver] },
            { title: 'an end behind an empty frame', steps: [sends(data(3, '')), end, gives(data(3, '')), isOver] },
            {
              title: 'a stream that breaks off inside a frame',
              steps: [
                { do: 'send', what: 'half of a frame', bytes: { hex: '00 00 05 00 01 00' } },
                { do: 'askFrame' },
                { do: 'reset' },
                rejects(),
              ],
            },
          ],
        },
        { do: 'everyCut', what: 'a frame', bytes: HELLO, deliveries: ['prefix'], eachTime: [end, rejects()] },
      ],
    },
    {
      id: 'MX1-C',
      title: 'Chromium’s own frames, as it sends them',
      judge: 'chromium',
      spec: rfc(9113, '4.1'),
      idea: 'A page with twelve images is one connection and some dozens of frames. Whoever cuts one of them wrong cuts all that follow wrong.',
      scene: { ...scene, handler: site },
      steps: [
        { do: 'open', path: '/', expect: { text: 'Nine bytes', images: 12 } },
        { do: 'expectFramesRead', atLeast: 13 },
      ],
    },
  ],
});

export default exercise;

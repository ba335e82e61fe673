import { defineExercise, type Exercise, type HandlerRule, rfc, type Spec, type Step } from '@interleave/judge/exercise';

const contract: Spec = { text: 'contract', url: '' };
const KIB = 1024;
const MIB = 1024 * KIB;

/** More bytes than a server may take ahead, many times the bound, and not more than each host has memory for. */
const UNREAD = 1800;
const MANY = 1200;
/** Enough where it is not the number that is judged, but what happens at the bound. */
const SOME = 300;
/** What one connection may hold of requests that are not begun. */
const AHEAD = 64 * KIB;

const numbered = (path: string, count: number): Step => ({ do: 'sendNumbered', path, count });
const inFlight = (atMost: number): Step => ({ do: 'expectInFlight', atMost });
const release = (...names: string[]): Step[] => names.map((name) => ({ do: 'release', name }));
const stopReading: Step = { do: 'stopReading' };
const settled: Step = { do: 'expectSettled' };

/** One megabyte in 64 pieces; each is made when somebody asks for it. */
const PIECE = { repeat: { repeat: 'x', times: KIB }, times: 16 } as const;
const MEGABYTE = { pieces: Array.from({ length: 64 }, () => ({ bytes: PIECE })) };
const SMALL = { pieces: Array.from({ length: 8 }, () => ({ bytes: 'piece by piece, ' })) };
/** Half of it is there, and then the handler works on. */
const HALVES = { pieces: [{ bytes: 'one half, ' }, { until: 'the other half', bytes: 'the other half' }] };
/** A stream's own queue may ask for one piece more than the one in hand. */
const IN_HAND = 2;

const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve' } as const;
const quick: HandlerRule = { on: 'GET /quick/*', reply: { body: { starred: 'answer *' } } };

/** Now and then a handler is slow: what is ready behind it waits, and counts. */
const STOPS: readonly number[] = [1, 60, 200];

const exercise: Exercise = defineExercise({
  id: 'PL2',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/2-bounded',
  title: 'A queue with an end',
  idea: 'Whoever answers in order must remember what was asked. Memory must end before the peer’s patience does.',
  minutes: 25,
  buildsOn: ['PL1'],
  contract:
    'export function serve(connection: Connection, handler: Handler, options?: Options): Promise<void>; // options.maxInFlight: requests begun and unsent',
  files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
  startFails: [],
  // It begins whatever comes, and leaves the bodies behind a reply that cannot leave.
  carry: { from: 'workshops/2-pipelining/1-in-order/solution', fails: ['PL2-1', 'PL2-2', 'PL2-5'] },
  checks: [
    {
      id: 'PL2-1',
      title: 'never more than maxInFlight begun and unsent',
      judge: 'raw',
      spec: contract,
      idea: 'A request that is begun is kept until its reply has left, not until its handler ends. What is kept for one peer needs a bound.',
      limits: { written: 8 * MIB },
      scene: {
        ...scene,
        options: { maxInFlight: 8 },
        handler: [
          { on: 'GET /slow/*', until: '/slow/*', reply: { body: { starred: 'answer *' } } },
          ...STOPS.map((n) => ({ on: `GET /quick/${n}`, until: `/quick/${n}`, reply: { body: `answer ${n}` } })),
          quick,
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'all handlers are slow',
              steps: [
                numbered('/slow/*', SOME),
                inFlight(8),
                // Done, and not first in line: still unsent.
                ...release('/slow/8', '/slow/4', '/slow/2'),
                inFlight(8),
                ...release('/slow/1'),
                inFlight(8),
                ...release('/slow/3', '/slow/5', '/slow/6', '/slow/7', '/slow/9', '/slow/10'),
                inFlight(8),
              ],
            },
            {
              title: `handlers ${STOPS.join(', ')} are slow, the others are done at once`,
              steps: [
                numbered('/quick/*', SOME),
                inFlight(8),
                ...STOPS.slice(1).flatMap((_, i) => [...release(`/quick/${STOPS[i]}`), inFlight(8)]),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL2-2',
      title: 'what is not begun waits with the peer',
      judge: 'raw',
      spec: contract,
      idea: 'A peer that sends and does not read fills the memory of whoever goes on reading. Bytes that nobody takes stay where they are.',
      limits: { written: 8 * MIB },
      scene: { ...scene, options: { maxInFlight: 16 }, handler: [quick] },
      steps: [
        stopReading,
        numbered('/quick/*', UNREAD),
        { do: 'expectInFlight', atMost: 16, queued: 4 },
        { do: 'expectTakenAhead', atMost: AHEAD },
      ],
    },
    {
      id: 'PL2-3',
      title: 'then it reads: a reply to each request, in order',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'A bound is a reason to wait, and none to forget or to refuse. Each request that came has its place in the line.',
      limits: { written: 16 * MIB },
      scene: { ...scene, options: { maxInFlight: 16 }, handler: [quick] },
      steps: [
        stopReading,
        numbered('/quick/*', MANY),
        { do: 'expectNumbered', path: '/quick/*', count: MANY, body: 'answer *' },
        { do: 'expectSilence' },
      ],
    },
    {
      id: 'PL2-4',
      title: 'a body that waits is not pulled',
      judge: 'raw',
      spec: contract,
      idea: 'A body exists piece by piece. A piece that nobody can send yet is kept, and a thousand of them are the whole body.',
      limits: { written: 16 * MIB },
      scene: {
        ...scene,
        options: { maxInFlight: 6 },
        handler: [
          { on: 'GET /big/1', until: '/big/1', reply: { body: 'first' } },
          { on: 'GET /big/*', reply: { body: MEGABYTE } },
          { on: 'GET /all/*', reply: { body: MEGABYTE } },
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the handler of the first is slow',
              steps: [
                numbered('/big/*', 3),
                { do: 'expectPulled', atMost: IN_HAND },
                ...release('/big/1'),
                { do: 'expectReply', to: 'GET /big/1', status: 200, body: 'first' },
                { do: 'expectReply', to: 'GET /big/2', status: 200, body: { repeat: PIECE, times: 64 } },
              ],
            },
            {
              title: 'the peer reads no more inside the first body',
              steps: [
                { do: 'stopReading', after: 20 * KIB },
                numbered('/all/*', 6),
                // Two pieces have left by then, and 64 KiB may be on their way.
                { do: 'expectPulled', atMost: IN_HAND, first: 2 + 4 },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'PL2-5',
      title: 'the peer is gone: nothing begins, nothing is left',
      judge: 'raw',
      spec: rfc(9112, '9.6'),
      idea: 'Nobody can get an answer any more, so no work begins for it. And behind each body something is held open until somebody says that it is over.',
      scene: {
        ...scene,
        options: { maxInFlight: 6 },
        handler: [
          { on: 'GET /slow/1', until: 'first', reply: { body: SMALL } },
          { on: 'GET /slow/*', until: 'others', reply: { body: SMALL } },
          { on: 'GET /half/1', reply: { body: HALVES } },
          { on: 'GET /half/*', reply: { body: SMALL } },
          { on: 'GET /all/*', reply: { body: SMALL } },
        ],
      },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'gone while replies wait to leave',
              steps: [
                stopReading,
                numbered('/all/*', SOME / 3),
                { do: 'reset' },
                { do: 'expectNoneBegun' },
                { do: 'expectBodiesOver' },
                settled,
              ],
            },
            {
              title: 'gone inside the first body',
              steps: [
                numbered('/half/*', SOME / 3),
                { do: 'reset' },
                ...release('the other half'),
                // Not judged here that nothing begins: in workerd a pipe into a writable that has failed ends well.
                { do: 'expectBodiesOver' },
                settled,
              ],
            },
            {
              title: 'gone while the handlers run',
              steps: [
                numbered('/slow/*', SOME / 3),
                { do: 'reset' },
                ...release('first'),
                { do: 'expectNoneBegun' },
                // A body that comes when nobody is there any more is held open all the same.
                ...release('others'),
                { do: 'expectNoneBegun' },
                { do: 'expectBodiesOver' },
                settled,
              ],
            },
          ],
        },
      ],
    },
  ],
});

export default exercise;

import { defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

/** Seeds of arrivals that are cut, repeated, overlapping and out of order. */
const SHUFFLES = 40;

const scene = (total: number, limit = 64 * 1024) =>
  ({ kind: 'segments', file: 'order/tcp.ts', export: 'inOrder', total, limit }) as const;

const arrive = (from: number, to: number, last = false): Step => ({
  do: 'arrive',
  from,
  to,
  ...(last ? { last: true } : {}),
});
const passedOn = (to: number): Step => ({ do: 'expectPassedOn', to });
const OVER: Step = { do: 'expectOver' };
const NOT_OVER: Step = { do: 'expectNotOver' };

/** Segments of 100 bytes that begin between `from` and `to`. */
const hundreds = (from: number, to: number): Step[] =>
  Array.from({ length: (to - from) / 100 }, (_, i) => arrive(from + 100 * i, from + 100 * (i + 1)));

const exercise: Exercise = defineExercise({
  id: 'HL1',
  track: 'head-of-line',
  folder: 'workshops/4-head-of-line/1-one-order',
  title: 'One order',
  idea: 'TCP promises the order of all bytes, and pays with waiting: a hole holds everything that follows it.',
  minutes: 20,
  buildsOn: [],
  contract: `export function inOrder(segments: ReadableStream<Segment>, limit: number): ReadableStream<Uint8Array>;
type Segment = { offset: number; bytes: Uint8Array; last?: boolean };`,
  files: [{ path: 'order/tcp.ts', start: 'start/order/tcp.ts', exports: ['inOrder'] }],
  startFails: ['HL1-2', 'HL1-3', 'HL1-4', 'HL1-5'],
  checks: [
    {
      id: 'HL1-1',
      title: 'in order: passed on at once',
      judge: 'raw',
      spec: rfc(9293, '3.4'),
      idea: 'Nothing is missing in front of these bytes, so nothing has to be waited for. Who reads them can begin.',
      scene: scene(60),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'three segments, one behind the other',
              steps: [
                passedOn(0),
                arrive(0, 20),
                passedOn(20),
                arrive(20, 40),
                passedOn(40),
                arrive(40, 60, true),
                passedOn(60),
                OVER,
              ],
            },
            {
              title: 'one byte at a time',
              steps: Array.from({ length: 60 }, (_, i) => [arrive(i, i + 1, i === 59), passedOn(i + 1)]).flat(),
            },
            { title: 'all in one segment', steps: [arrive(0, 60, true), OVER] },
          ],
        },
      ],
    },
    {
      id: 'HL1-2',
      title: 'a hole holds all that follows, and once filled, all of it goes on',
      judge: 'raw',
      spec: rfc(9293, '3.4'),
      idea: 'The order is one for the whole stream. A byte behind a hole is here, and it is not its turn.',
      scene: scene(60),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'one segment is missing in the middle',
              steps: [
                arrive(0, 10),
                arrive(20, 30),
                passedOn(10),
                arrive(30, 40),
                passedOn(10),
                arrive(10, 20),
                passedOn(40),
                arrive(40, 60),
                passedOn(60),
              ],
            },
            {
              title: 'the first one is missing',
              steps: [arrive(10, 30), passedOn(0), arrive(30, 60), passedOn(0), arrive(0, 10), passedOn(60)],
            },
            {
              title: 'two holes, the second one filled first',
              steps: [
                arrive(0, 10),
                arrive(20, 30),
                arrive(40, 60),
                arrive(30, 40),
                passedOn(10),
                arrive(10, 20),
                passedOn(60),
              ],
            },
            {
              title: 'everything comes from the end to the beginning',
              steps: [
                arrive(40, 60),
                arrive(30, 40),
                arrive(20, 30),
                arrive(10, 20),
                passedOn(0),
                arrive(0, 10),
                passedOn(60),
              ],
            },
            {
              title: 'two holes, the first one filled first',
              steps: [
                arrive(0, 10),
                arrive(40, 60),
                arrive(20, 30),
                passedOn(10),
                arrive(10, 20),
                passedOn(30),
                arrive(30, 40),
                passedOn(60),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'HL1-3',
      title: 'repeats and overlaps of any cut: every byte once',
      judge: 'raw',
      spec: rfc(9293, '3.4'),
      idea: 'What comes again may be cut at other places than the first time. Segments have no names; bytes have offsets.',
      scene: scene(60),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the same segment twice',
              steps: [arrive(0, 20), arrive(0, 20), passedOn(20), arrive(20, 60), passedOn(60)],
            },
            {
              title: 'a repeat with new bytes at its end',
              steps: [arrive(0, 20), arrive(10, 35), passedOn(35), arrive(0, 60), passedOn(60)],
            },
            {
              title: 'a repeat with new bytes at its beginning',
              steps: [arrive(0, 10), arrive(20, 30), arrive(10, 30), passedOn(30), arrive(30, 60), passedOn(60)],
            },
            {
              title: 'one segment over two kept ones and the gap between them',
              steps: [
                arrive(0, 10),
                arrive(20, 25),
                arrive(30, 35),
                arrive(15, 40),
                passedOn(10),
                arrive(10, 15),
                passedOn(40),
                arrive(40, 60),
                passedOn(60),
              ],
            },
            {
              title: 'the hole is filled by other cuts than those that were lost',
              steps: [
                arrive(0, 10),
                arrive(30, 60),
                arrive(10, 14),
                passedOn(14),
                arrive(12, 29),
                passedOn(29),
                arrive(25, 31),
                passedOn(60),
              ],
            },
            {
              title: 'two from the same offset, the shorter one later',
              steps: [
                arrive(0, 10),
                arrive(20, 50),
                arrive(20, 30),
                passedOn(10),
                arrive(10, 20),
                passedOn(50),
                arrive(50, 60),
                passedOn(60),
              ],
            },
            ...Array.from({ length: SHUFFLES }, (_, i) => ({
              title: `shuffled, ${i + 1} of ${SHUFFLES}`,
              steps: [{ do: 'arriveShuffled', seed: i + 1 }] as const,
            })),
          ],
        },
      ],
    },
    {
      id: 'HL1-4',
      title: 'the end comes when everything has come',
      judge: 'raw',
      spec: rfc(9293, '3.4'),
      idea: 'The last segment says where the stream ends, not that all of it is there.',
      scene: scene(60),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the last one comes before the hole is filled',
              steps: [
                arrive(0, 20),
                arrive(40, 60, true),
                passedOn(20),
                NOT_OVER,
                arrive(20, 30),
                passedOn(30),
                NOT_OVER,
                arrive(30, 40),
                OVER,
              ],
            },
            {
              title: 'the last one is empty',
              steps: [arrive(0, 60), passedOn(60), NOT_OVER, arrive(60, 60, true), OVER],
            },
            {
              title: 'the last one is empty, and comes first',
              steps: [arrive(60, 60, true), NOT_OVER, arrive(30, 60), passedOn(0), arrive(0, 30), OVER],
            },
            {
              title: 'the last bytes come unmarked, and then again as the last ones',
              steps: [arrive(0, 30), arrive(30, 60), passedOn(60), NOT_OVER, arrive(50, 60, true), OVER],
            },
            {
              title: 'the last one again, and the first one again, behind the end',
              steps: [arrive(0, 60, true), OVER, arrive(30, 60, true), arrive(0, 10), OVER],
            },
          ],
        },
      ],
    },
    {
      id: 'HL1-5',
      title: 'at most 400 bytes are kept beyond the hole',
      judge: 'raw',
      spec: rfc(9293, '3.4'),
      idea: 'A peer can send far beyond a hole. What is kept has a bound, and what does not fit is not lost: it comes again.',
      scene: scene(3000, 400),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: '2,800 bytes beyond a hole of 100, in order',
              steps: [
                ...hundreds(0, 100),
                ...hundreds(200, 3000),
                passedOn(100),
                arrive(100, 200),
                { do: 'expectPassedOnAtMost', to: 600 },
                { do: 'comeAgain', size: 100 },
                passedOn(3000),
              ],
            },
            {
              title: '2,800 bytes beyond a hole of 100, the farthest first',
              steps: [
                ...hundreds(0, 100),
                ...hundreds(200, 3000).reverse(),
                passedOn(100),
                arrive(100, 200),
                { do: 'expectPassedOnAtMost', to: 600 },
                { do: 'comeAgain', size: 100 },
                passedOn(3000),
              ],
            },
            {
              title: 'three holes, one after another, each with 300 bytes behind it',
              steps: [
                ...hundreds(0, 100),
                ...hundreds(200, 500),
                passedOn(100),
                arrive(100, 200),
                passedOn(500),
                ...hundreds(600, 900),
                passedOn(500),
                arrive(500, 600),
                passedOn(900),
                ...hundreds(1000, 1300),
                passedOn(900),
                arrive(900, 1000),
                passedOn(1300),
              ],
            },
            {
              title: 'the last 500 bytes, at once and beyond a hole',
              steps: [
                ...hundreds(0, 2400),
                arrive(2500, 3000, true),
                passedOn(2400),
                arrive(2400, 2500),
                { do: 'expectPassedOnAtMost', to: 2900 },
                { do: 'comeAgain', size: 100 },
                OVER,
              ],
            },
            {
              title: 'one segment of 1,500 bytes beyond a hole of 100',
              steps: [
                arrive(0, 100),
                arrive(200, 1700),
                passedOn(100),
                arrive(100, 200),
                { do: 'expectPassedOnAtMost', to: 600 },
                { do: 'comeAgain', size: 250 },
                passedOn(3000),
              ],
            },
          ],
        },
      ],
    },
  ],
});

export default exercise;

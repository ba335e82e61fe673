import { defineExercise, type Exercise, rfc, type Step } from '@interleave/judge/exercise';

/** Seeds of packets that are lost, repeated, swapped and cut anew. */
const SHUFFLES = 30;

const THREE = { '1': 20, '3': 20, '5': 20 };

const scene = (streams: Readonly<Record<string, number>> = THREE, limit = 4096, unread: readonly number[] = []) =>
  ({ kind: 'packets', file: 'order/quic.ts', export: 'streams', streams, limit, unread }) as const;

type Frame = { streamId: number; from: number; to: number; last?: boolean };

const frame = (streamId: number, from: number, to: number): Frame => ({ streamId, from, to });
const last = (streamId: number, from: number, to: number): Frame => ({ streamId, from, to, last: true });
const packet = (number: number, ...frames: Frame[]): Step => ({ do: 'packet', number, frames });
const passedOn = (streamId: number, to: number): Step => ({ do: 'expectStream', streamId, to });
const over = (streamId: number): Step => ({ do: 'expectStreamOver', streamId });

/** One packet each for the bytes of a stream between `from` and `to`, a hundred at a time, and after each what is passed on. */
const hundreds = (number: number, streamId: number, from: number, to: number, isRead = true): Step[] =>
  Array.from({ length: (to - from) / 100 }, (_, i) => {
    const begin = from + 100 * i;
    const arrived = packet(number + i, frame(streamId, begin, begin + 100));
    return isRead ? [arrived, passedOn(streamId, begin + 100)] : [arrived];
  }).flat();

const exercise: Exercise = defineExercise({
  id: 'HL3',
  track: 'head-of-line',
  folder: 'workshops/4-head-of-line/3-each-its-own-order',
  title: 'Each its own order',
  idea: 'Give every stream its own offsets, and a hole holds one stream.',
  minutes: 25,
  buildsOn: ['HL1'],
  contract: `export function streams(packets: ReadableStream<Packet>, limit: number):
  AsyncGenerator<{ streamId: number; body: ReadableStream<Uint8Array> }>;
type Packet = { number: number; frames: { streamId: number; offset: number; bytes: Uint8Array; last?: boolean }[] };`,
  files: [
    { path: 'order/tcp.ts', start: null, exports: ['inOrder'] },
    { path: 'order/quic.ts', start: 'start/order/quic.ts', exports: ['streams'] },
  ],
  startFails: ['HL3-1', 'HL3-2', 'HL3-3', 'HL3-4', 'HL3-5', 'HL3-6'],
  checks: [
    {
      id: 'HL3-1',
      title: 'a packet of stream 3 is lost: 1 and 5 complete before it comes again',
      judge: 'raw',
      spec: rfc(9000, '2.2'),
      idea: 'What stream 1 and stream 5 need is here. They share a network with stream 3, and no order.',
      // The order inside stream 3 is another check's.
      scene: { ...scene(), aside: [3] },
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'packet 0, the beginning of stream 3, comes again as packet 4',
              steps: [
                packet(1, frame(3, 10, 20)),
                packet(2, last(1, 0, 20)),
                over(1),
                packet(3, last(5, 0, 20)),
                over(5),
                packet(4, frame(3, 0, 10)),
              ],
            },
            {
              title: 'packet 2, the middle of stream 3, comes again as packet 6',
              steps: [
                packet(0, frame(1, 0, 10), frame(3, 0, 5)),
                packet(1, frame(5, 0, 10)),
                passedOn(1, 10),
                passedOn(5, 10),
                packet(3, frame(3, 10, 20)),
                packet(4, last(1, 10, 20)),
                over(1),
                packet(5, last(5, 10, 20)),
                over(5),
                packet(6, frame(3, 5, 10)),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'HL3-2',
      title: 'inside a stream the order stays',
      judge: 'raw',
      spec: rfc(9000, '2.2'),
      idea: 'A stream is still a stream of bytes: each at its offset, none before those in front of it.',
      scene: scene({ '1': 20, '3': 20 }),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'packets 1 and 2 change places',
              steps: [
                packet(0, frame(1, 0, 5)),
                packet(2, frame(1, 10, 20)),
                passedOn(1, 5),
                packet(1, frame(1, 5, 10)),
                passedOn(1, 20),
              ],
            },
            {
              title: 'a stream begins with its second frame',
              steps: [packet(0, frame(3, 8, 20)), passedOn(3, 0), packet(1, frame(3, 0, 8)), passedOn(3, 20)],
            },
          ],
        },
      ],
    },
    {
      id: 'HL3-3',
      title: 'a lost packet with 1 and 3: both wait, 5 does not',
      judge: 'raw',
      spec: rfc(9000, '2.2'),
      idea: 'A packet only carries. What is lost with it is missing in the streams that it carried, and in no others.',
      scene: scene(),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'packet 1 with 1 and 3 is lost; packet 2 carries 1 and 5',
              steps: [
                packet(0, frame(1, 0, 5), frame(3, 0, 5), frame(5, 0, 5)),
                packet(2, frame(1, 10, 15), frame(5, 5, 10)),
                passedOn(5, 10),
                passedOn(1, 5),
                packet(3, frame(3, 10, 15), last(5, 10, 20)),
                over(5),
                passedOn(3, 5),
                packet(4, frame(1, 5, 10)),
                passedOn(1, 15),
                passedOn(3, 5),
                packet(5, frame(3, 5, 10), last(1, 15, 20)),
                passedOn(3, 15),
                packet(6, last(3, 15, 20)),
                over(3),
                over(1),
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'HL3-4',
      title: 'sent again in other packets with other cuts: every byte once',
      judge: 'raw',
      spec: rfc(9000, '13.3'),
      idea: 'A packet is never sent again; what was in it is, in new packets, cut as it fits. Only offsets say what is new.',
      scene: scene(),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the same packet twice',
              steps: [packet(0, frame(1, 0, 10)), packet(0, frame(1, 0, 10)), passedOn(1, 10)],
            },
            {
              title: 'the same bytes in another packet',
              steps: [packet(0, frame(1, 0, 10)), packet(1, frame(1, 0, 10)), passedOn(1, 10)],
            },
            {
              title: 'the hole is filled by one frame that begins before it and ends behind it',
              steps: [
                packet(0, frame(1, 0, 6)),
                packet(2, frame(1, 12, 18)),
                passedOn(1, 6),
                packet(3, frame(1, 4, 14)),
                passedOn(1, 18),
              ],
            },
            {
              title: 'the frames of one packet stand in another order',
              steps: [packet(0, frame(1, 10, 20), frame(1, 0, 10)), passedOn(1, 20)],
            },
            {
              title: 'a stream that is over comes again',
              steps: [
                packet(0, last(1, 0, 20)),
                over(1),
                packet(1, frame(1, 5, 10), frame(3, 0, 10)),
                packet(2, last(1, 10, 20)),
                packet(3, last(1, 0, 20)),
                passedOn(3, 10),
                over(1),
              ],
            },
            ...Array.from({ length: SHUFFLES }, (_, i) => ({
              title: `shuffled, ${i + 1} of ${SHUFFLES}`,
              steps: [{ do: 'packetsShuffled', seed: i + 1 }] as const,
            })),
          ],
        },
      ],
    },
    {
      id: 'HL3-5',
      title: 'the end comes when all has come, and there is only one',
      judge: 'raw',
      spec: rfc(9000, '4.5'),
      idea: 'The last frame says how long the stream is. That holds from then on, for what is missing and for what would be more.',
      scene: scene({ '1': 20, '3': 20, '5': 0 }),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: 'the last frame comes before the hole is filled',
              steps: [
                packet(0, frame(1, 0, 5)),
                packet(2, last(1, 10, 20)),
                passedOn(1, 5),
                packet(3, frame(1, 5, 10)),
                over(1),
              ],
            },
            {
              title: 'the last frame is empty',
              steps: [packet(0, frame(1, 0, 20)), passedOn(1, 20), packet(1, last(1, 20, 20)), over(1)],
            },
            {
              title: 'a stream of no bytes',
              steps: [packet(0, last(5, 0, 0), frame(1, 0, 5)), passedOn(1, 5), over(5)],
            },
            {
              title: 'the same end is told twice',
              steps: [packet(0, last(1, 10, 20)), packet(1, last(1, 15, 20)), packet(2, frame(1, 0, 10)), over(1)],
            },
            {
              title: 'two ends, the second one nearer',
              steps: [
                packet(0, frame(1, 0, 5)),
                packet(2, last(1, 15, 20)),
                packet(3, last(1, 10, 15)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'it ends at 20, and then at 15' },
              ],
            },
            {
              title: 'two ends, the second one farther',
              steps: [
                packet(0, last(1, 5, 10)),
                packet(1, last(1, 15, 20)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'it ends at 10, and then at 20' },
              ],
            },
            {
              title: 'bytes beyond the end',
              steps: [
                packet(0, last(1, 5, 10)),
                packet(1, frame(1, 10, 12)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'it ends at 10, and byte 11 comes' },
              ],
            },
            {
              title: 'bytes that begin in front of the end, and go beyond it',
              steps: [
                packet(0, last(1, 5, 10)),
                packet(1, frame(1, 3, 12)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'it ends at 10, and byte 11 comes' },
              ],
            },
            {
              title: 'an end in front of bytes that wait behind a hole',
              steps: [
                packet(0, frame(1, 5, 15)),
                packet(1, last(1, 5, 10)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'byte 14 has come, and it ends at 10' },
              ],
            },
            {
              title: 'an end in front of bytes that have come',
              steps: [
                packet(0, frame(1, 0, 15)),
                packet(1, last(1, 5, 10)),
                { do: 'expectFinalSizeError', streamId: 1, story: 'byte 14 has come, and it ends at 10' },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'HL3-6',
      title: 'an unread stream 1 at its limit does not hold 3',
      judge: 'raw',
      spec: rfc(9000, '4.1'),
      idea: 'Whoever does not read uses up the room of their own stream. The others have theirs.',
      scene: scene({ '1': 1000, '3': 1000, '5': 1000 }, 400, [1, 5]),
      steps: [
        {
          do: 'each',
          cases: [
            {
              title: '400 bytes of 1 wait for a reader; 3 flows',
              steps: [
                ...hundreds(0, 1, 0, 400, false),
                ...hundreds(4, 3, 0, 1000),
                { do: 'readStream', streamId: 1 },
                passedOn(1, 400),
                ...hundreds(14, 1, 400, 1000),
              ],
            },
            {
              title: '1 and 5 wait, each at its limit; 3 has a hole, and 300 bytes beyond it',
              steps: [
                ...hundreds(0, 1, 0, 400, false),
                ...hundreds(4, 5, 0, 400, false),
                packet(9, frame(3, 100, 200), frame(3, 200, 300)),
                packet(10, frame(3, 300, 400)),
                passedOn(3, 0),
                packet(11, frame(3, 0, 100)),
                passedOn(3, 400),
                ...hundreds(12, 3, 400, 1000),
                { do: 'readStream', streamId: 5 },
                passedOn(5, 400),
              ],
            },
            {
              title: 'of 1, 300 bytes wait beyond a hole; 3 flows',
              steps: [
                packet(1, frame(1, 100, 400)),
                ...hundreds(2, 3, 0, 1000),
                packet(12, frame(1, 0, 100)),
                { do: 'readStream', streamId: 1 },
                passedOn(1, 400),
              ],
            },
          ],
        },
      ],
    },
  ],
});

export default exercise;

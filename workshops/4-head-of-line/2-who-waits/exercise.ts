import { defineExercise, type Exercise, offsetsPicture, rfc, type Step } from '@interleave/judge/exercise';

const scene = { kind: 'function', file: 'order/late.ts', export: 'late' } as const;

/** The nine bytes in front of each payload. */
const HEAD = 9;

type Sent = readonly [streamId: number, payload: number, last?: 'last'];
type Frame = { from: number; to: number; streamId: number; last: boolean };
type Late = { streamId: number; why: 'lost' | 'behind' };

/** Frames one behind the other, from byte 0 on. */
function laid(sent: readonly Sent[]): Frame[] {
  let at = 0;
  return sent.map(([streamId, payload, last]) => {
    const from = at;
    at += HEAD + payload;
    return { from, to: at, streamId, last: last === 'last' };
  });
}

const said = (frames: readonly Frame[]): string =>
  frames.map((f) => `${f.streamId}${f.last ? ' last' : ''}: ${f.from}–${f.to - 1}`).join(', ');

/** What must come of a hole: written down, and checked against the bytes, so that no case can be mistaken. */
function holds(title: string, hole: { from: number; to: number }, sent: readonly Sent[], gives: readonly Late[]) {
  const frames = laid(sent);
  const ids = [...new Set(frames.map((frame) => frame.streamId))].filter((id) => id !== 0);
  const read = ids.flatMap((streamId): Late[] => {
    const own = frames.filter((frame) => frame.streamId === streamId);
    if (own.some(({ from, to }) => from < hole.to && to > hole.from)) return [{ streamId, why: 'lost' }];
    return own.some(({ from }) => from >= hole.to) ? [{ streamId, why: 'behind' }] : [];
  });
  const sorted = (list: readonly Late[]) => JSON.stringify([...list].sort((a, b) => a.streamId - b.streamId));
  if (sorted(read) !== sorted(gives)) throw new Error(`HL2, ${title}: the bytes say ${sorted(read)}. Mend the case.`);
  const step: Step = {
    do: 'expectValue',
    args: [hole, frames],
    gives,
    story: `the hole ${hole.from}–${hole.to - 1} in frames of ${said(frames)}`,
    key: 'streamId',
    noun: 'stream',
    picture: offsetsPicture(
      frames.at(-1)?.to ?? 0,
      [...new Set(frames.map((frame) => frame.streamId))].map((id) => ({
        label: `stream ${id}`,
        ranges: frames.filter((frame) => frame.streamId === id),
      })),
      { at: hole.from, text: `the hole: bytes ${hole.from}–${hole.to - 1}` },
    ),
  };
  return { title, steps: [step] };
}

const lost = (streamId: number): Late => ({ streamId, why: 'lost' });
const behind = (streamId: number): Late => ({ streamId, why: 'behind' });

const exercise: Exercise = defineExercise({
  id: 'HL2',
  track: 'head-of-line',
  folder: 'workshops/4-head-of-line/2-who-waits',
  title: 'Who waits',
  idea: 'What is lost is a range of bytes, not a request. Those whose bytes are in it lost something; those whose bytes come later only wait.',
  minutes: 20,
  buildsOn: [],
  contract: `export function late(hole: { from: number; to: number },
  frames: readonly { from: number; to: number; streamId: number; last: boolean }[]):
  { streamId: number; why: 'lost' | 'behind' }[];`,
  files: [{ path: 'order/late.ts', start: 'start/order/late.ts', exports: ['late'] }],
  startFails: ['HL2-1', 'HL2-2', 'HL2-3', 'HL2-C'],
  checks: [
    {
      id: 'HL2-1',
      title: 'a hole inside one frame: one stream lost bytes, the later ones wait',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'The connection hands nothing on beyond a hole. A stream that was whole before it has nothing left to wait for.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            holds(
              'the hole in a frame of 3; 1 and 5 go on behind it, 7 is over',
              { from: 140, to: 160 },
              [
                [7, 20, 'last'],
                [1, 30],
                [3, 100],
                [5, 30, 'last'],
                [1, 20, 'last'],
                [3, 10, 'last'],
              ],
              [lost(3), behind(1), behind(5)],
            ),
            holds(
              'streams whose end has not been sent yet',
              { from: 45, to: 50 },
              [
                [1, 20],
                [3, 40],
                [5, 30],
                [1, 30],
              ],
              [lost(3), behind(1), behind(5)],
            ),
            holds(
              'only one stream, and the hole in its last frame',
              { from: 60, to: 70 },
              [
                [1, 40],
                [1, 40, 'last'],
              ],
              [lost(1)],
            ),
            holds(
              'the hole in the last frame of all',
              { from: 90, to: 95 },
              [
                [1, 20, 'last'],
                [3, 20, 'last'],
                [5, 40, 'last'],
              ],
              [lost(5)],
            ),
            holds(
              'the first bytes of all',
              { from: 0, to: 12 },
              [
                [1, 20],
                [3, 20, 'last'],
                [1, 20, 'last'],
              ],
              [lost(1), behind(3)],
            ),
            holds(
              'the stream that lost bytes has more behind the hole, and is named once',
              { from: 40, to: 50 },
              [
                [1, 10, 'last'],
                [3, 60],
                [3, 60],
                [3, 60, 'last'],
              ],
              [lost(3)],
            ),
          ],
        },
      ],
    },
    {
      id: 'HL2-2',
      title: 'a hole over two frames, or over nine bytes: both lost',
      judge: 'raw',
      spec: rfc(9113, '4.1'),
      idea: 'The network cuts where it likes. The nine bytes in front of a payload are bytes of that frame as well.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            holds(
              'the end of 1 and the nine bytes of 5',
              { from: 50, to: 62 },
              [
                [3, 20, 'last'],
                [1, 20, 'last'],
                [5, 30, 'last'],
              ],
              [lost(1), lost(5)],
            ),
            holds(
              'the nine bytes of 5, and nothing else',
              { from: 30, to: 37 },
              [
                [1, 20],
                [5, 30, 'last'],
                [1, 20, 'last'],
              ],
              [lost(5), behind(1)],
            ),
            holds(
              'the last byte of 1',
              { from: 28, to: 29 },
              [
                [1, 20, 'last'],
                [5, 30, 'last'],
              ],
              [lost(1), behind(5)],
            ),
            holds(
              'from the middle of 1, over all of 3, to the middle of 5',
              { from: 20, to: 80 },
              [
                [1, 20, 'last'],
                [3, 20, 'last'],
                [5, 30, 'last'],
              ],
              [lost(1), lost(3), lost(5)],
            ),
            holds(
              'an empty last frame is nine bytes, and they are in the hole',
              { from: 58, to: 67 },
              [
                [1, 49],
                [1, 0, 'last'],
                [3, 20, 'last'],
              ],
              [lost(1), behind(3)],
            ),
          ],
        },
      ],
    },
    {
      id: 'HL2-3',
      title: 'a hole over a frame of stream 0: nobody lost, the later ones wait',
      judge: 'raw',
      spec: rfc(9113, '5'),
      idea: 'Stream 0 is the connection itself. Its frames are bytes in the same order, and nobody’s request.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            holds(
              'a WINDOW_UPDATE of the connection is lost',
              { from: 30, to: 40 },
              [
                [1, 20, 'last'],
                [0, 4],
                [3, 20, 'last'],
                [5, 20, 'last'],
              ],
              [behind(3), behind(5)],
            ),
            holds(
              'frames of stream 0 come behind the hole',
              { from: 10, to: 15 },
              [
                [1, 20, 'last'],
                [0, 8],
                [0, 4],
              ],
              [lost(1)],
            ),
            holds(
              'the last frame of all is one of stream 0, and it is lost',
              { from: 58, to: 71 },
              [
                [1, 20, 'last'],
                [3, 20, 'last'],
                [0, 4],
              ],
              [],
            ),
          ],
        },
      ],
    },
    {
      id: 'HL2-C',
      title: 'exactly the named ones are missing in Chromium',
      judge: 'chromium',
      spec: rfc(9113, '5'),
      idea: 'One connection is one order for all its streams. On six connections there are six orders, and a hole is in one of them.',
      scene,
      steps: [
        { do: 'expectLate', protocol: 'h2', images: 12 },
        { do: 'expectLate', protocol: 'http/1.1', images: 12 },
      ],
    },
  ],
});

export default exercise;

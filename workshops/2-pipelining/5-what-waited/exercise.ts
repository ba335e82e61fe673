import {
  defineExercise,
  type Exercise,
  heldIn,
  marksOf,
  marksStory,
  type ReplyTimes,
  rfc,
  type Step,
} from '@interleave/judge/exercise';

/** How often the learner's own server is run. */
const RUNS = 200;

const scene = { kind: 'function', file: 'http1/held.ts', export: 'held' } as const;

type Row = readonly [id: number, asked: number, ready: number, first: number, last?: number];

const on = (connection: string, ...rows: readonly Row[]): ReplyTimes[] =>
  rows.map(([id, asked, ready, first, last = first]) => ({ connection, id, asked, ready, first, last }));

/** Replies in the order of asking, and what must come of them; written down, and checked against the judge's own reading. */
function reads(
  title: string,
  replies: readonly ReplyTimes[],
  gives: ReturnType<typeof heldIn>,
): { title: string; steps: readonly Step[] } {
  if (JSON.stringify(heldIn(replies)) !== JSON.stringify(gives))
    throw new Error(`PL5, ${title}: the times say ${JSON.stringify(heldIn(replies))}. Mend the case.`);
  return {
    title,
    steps: [
      {
        do: 'expectValue',
        args: [marksOf(replies)],
        gives: gives.map((hold) => ({ ...hold })),
        story: replies.length === 0 ? 'no marks' : marksStory(replies),
        key: 'id',
        noun: 'reply',
        unordered: ['behind'],
      },
    ],
  };
}

const exercise: Exercise = defineExercise({
  id: 'PL5',
  track: 'pipelining',
  folder: 'workshops/2-pipelining/5-what-waited',
  title: 'What waited for what',
  idea: 'A reply that is ready but not first in line is held: measure it, and name those it waits for.',
  minutes: 15,
  buildsOn: ['KA2', 'PL1'],
  contract: `export function held(marks: readonly { at: number; connection: string; id: number; what: 'asked' | 'ready' | 'first' | 'last' }[]):
  { id: number; from: number; to: number; behind: number[] }[];`,
  files: [
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
    { path: 'http1/held.ts', start: 'start/http1/held.ts', exports: ['held'] },
  ],
  startFails: ['PL5-2', 'PL5-3', 'PL5-4', 'PL5-5'],
  checks: [
    {
      id: 'PL5-1',
      title: 'ready in order: nothing is held',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'A reply whose turn has come when it is ready waits for nobody. Time to work and time to send are not waiting.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            reads(
              'three replies, each ready in its turn',
              on('c1', [1, 0, 10, 10], [2, 0, 20, 20], [3, 0, 30, 30]),
              [],
            ),
            reads('one reply, alone', on('c1', [1, 0, 40, 40, 90]), []),
            reads('asked only when the one before was over', on('c1', [1, 0, 10, 10, 30], [2, 35, 50, 50]), []),
            reads('ready only when the one before was over', on('c1', [1, 0, 10, 10, 30], [2, 5, 40, 40]), []),
            reads('nothing happened', [], []),
          ],
        },
      ],
    },
    {
      id: 'PL5-2',
      title: 'held by a slow handler, from ready to first',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'The hold begins when a reply could leave and may not. All that stand before it and are not finished then are in its way, and no others.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            reads('the first of two is slow', on('c1', [1, 0, 50, 50], [2, 0, 10, 50]), [
              { id: 2, from: 10, to: 50, behind: [1] },
            ]),
            reads(
              'the first of four is slow',
              on('c1', [1, 0, 50, 50], [2, 0, 10, 50], [3, 0, 20, 50], [4, 0, 30, 50]),
              [
                { id: 2, from: 10, to: 50, behind: [1] },
                { id: 3, from: 20, to: 50, behind: [1, 2] },
                { id: 4, from: 30, to: 50, behind: [1, 2, 3] },
              ],
            ),
            reads('the second of three is slow', on('c1', [1, 0, 10, 10], [2, 0, 60, 60], [3, 0, 20, 60]), [
              { id: 3, from: 20, to: 60, behind: [2] },
            ]),
            reads(
              'asked at different moments, the last one not held',
              on('c1', [1, 0, 80, 80], [2, 5, 30, 80], [3, 40, 60, 80], [4, 70, 90, 90]),
              [
                { id: 2, from: 30, to: 80, behind: [1] },
                { id: 3, from: 60, to: 80, behind: [1, 2] },
              ],
            ),
          ],
        },
      ],
    },
    {
      id: 'PL5-3',
      title: 'held by a long body',
      judge: 'raw',
      spec: rfc(9112, '9.3.2'),
      idea: 'A reply holds the line until its last byte. That its handler was fast helps nobody behind it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            reads('a fast handler, a long body', on('c1', [1, 0, 10, 10, 100], [2, 0, 30, 100]), [
              { id: 2, from: 30, to: 100, behind: [1] },
            ]),
            reads('one long body behind another', on('c1', [1, 0, 10, 10, 60], [2, 0, 20, 60, 90], [3, 0, 70, 90]), [
              { id: 2, from: 20, to: 60, behind: [1] },
              { id: 3, from: 70, to: 90, behind: [2] },
            ]),
          ],
        },
      ],
    },
    {
      id: 'PL5-4',
      title: 'another connection holds nobody',
      judge: 'raw',
      spec: rfc(9112, '9.4'),
      idea: 'The order is a rule of one connection. What happens on another one neither waits for it nor holds it.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            reads(
              'one slow, one fast, each on its own',
              [...on('c1', [1, 0, 50, 50]), ...on('c2', [2, 0, 10, 10])],
              [],
            ),
            reads(
              'two on each, asked in turn',
              [
                ...on('c1', [1, 0, 70, 70]),
                ...on('c2', [2, 1, 30, 30]),
                ...on('c1', [3, 2, 20, 70]),
                ...on('c2', [4, 3, 10, 30]),
              ],
              [
                { id: 3, from: 20, to: 70, behind: [1] },
                { id: 4, from: 10, to: 30, behind: [2] },
              ],
            ),
          ],
        },
      ],
    },
    {
      id: 'PL5-5',
      title: `${RUNS} runs of your own server`,
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'Who is first in line is whoever was asked first. A number is only a name.',
      scene,
      steps: [
        {
          do: 'each',
          cases: Array.from({ length: RUNS }, (_, i) => ({
            title: `run ${i + 1} of ${RUNS}`,
            steps: [
              { do: 'expectHeldInRun', seed: i + 1, server: { file: 'http1/server.ts', export: 'serve' } },
            ] as const,
          })),
        },
      ],
    },
  ],
});

export default exercise;

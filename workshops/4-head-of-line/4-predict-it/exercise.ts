import {
  defineExercise,
  type Exercise,
  finishOf,
  type RoadPlan,
  rfc,
  roadStep,
  type Step,
} from '@interleave/judge/exercise';

/** How often the learner's own programs are run, on three roads each. */
const RUNS = 200;
/** The same, with the replies one behind the other. */
const IN_TURN = 60;

const scene = { kind: 'function', file: 'order/predict.ts', export: 'finish' } as const;

/** The programs of earlier exercises that a run goes through. */
const programs = {
  server: { file: 'http1/server.ts', export: 'serve' },
  tcp: { file: 'order/tcp.ts', export: 'inOrder' },
  quic: { file: 'order/quic.ts', export: 'streams' },
} as const;

/** A case that was worked out by hand, and checked against the judge's own reading. */
function worked(plan: RoadPlan, gives: readonly number[]): { title: string; steps: readonly Step[] } {
  const read = finishOf(plan);
  const title = `${plan.road}, ${plan.schedule}, packet ${plan.lost} is lost`;
  if (JSON.stringify(read) !== JSON.stringify(gives))
    throw new Error(`HL4, ${title}: the packets say ${JSON.stringify(read)}. Mend the case.`);
  return { title, steps: [roadStep(plan, gives)] };
}

/** A takes two packets, B one, C three: shared as A B C A C C, pipelined as A A B C C C. */
const three = { schedule: 'shared', sizes: [20, 10, 30], packet: 10, again: 6 } as const;
/** The last packet of each is shorter: A four, B two, C three. */
const uneven = { schedule: 'shared', sizes: [35, 12, 21], packet: 10, again: 9 } as const;
/** In turn: A A B C C C on every road. */
const turn = { schedule: 'in turn', sizes: [20, 10, 30], packet: 10, again: 6 } as const;

/** What the page runs and draws: the loss stands early, so that there is much behind it. */
const DRAWN: readonly RoadPlan[] = (['shared', 'in turn'] as const).flatMap((schedule) =>
  (['pipelined', 'one order', 'own order'] as const).map((road) => ({
    road,
    schedule,
    sizes: [4000, 2600, 5200, 1300],
    packet: 1300,
    lost: 4,
    again: 12,
  })),
);

const exercise: Exercise = defineExercise({
  id: 'HL4',
  track: 'head-of-line',
  folder: 'workshops/4-head-of-line/4-predict-it',
  title: 'Capstone: predict it',
  idea: 'The same replies, the same lost packet, three roads, two schedules: the gain is where the roads differ, and it is not everywhere.',
  minutes: 25,
  buildsOn: ['PL2', 'HL1', 'HL3'],
  contract: `export function finish(plan: { road: 'pipelined' | 'one order' | 'own order'; schedule: 'shared' | 'in turn';
  sizes: number[]; packet: number; lost: number; again: number }): number[];`,
  files: [
    { path: 'http1/server.ts', start: null, exports: ['serve'] },
    { path: 'order/tcp.ts', start: null, exports: ['inOrder'] },
    { path: 'order/quic.ts', start: null, exports: ['streams'] },
    { path: 'order/predict.ts', start: 'start/order/predict.ts', exports: ['finish'] },
  ],
  startFails: ['HL4-1', 'HL4-2', 'HL4-3', 'HL4-C'],
  capstone: true,
  checks: [
    {
      id: 'HL4-1',
      title: 'twelve worked cases, six of them in the text',
      judge: 'raw',
      spec: rfc(9000, '2.2'),
      idea: 'A reply is whole when its last byte may be handed on. What may hold that byte is the order it travels in.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            worked({ road: 'pipelined', ...three, lost: 1 }, [6, 6, 6]),
            worked({ road: 'one order', ...three, lost: 1 }, [6, 6, 6]),
            worked({ road: 'own order', ...three, lost: 1 }, [3, 6, 5]),
            worked({ road: 'pipelined', ...three, lost: 4 }, [1, 2, 6]),
            worked({ road: 'one order', ...three, lost: 4 }, [3, 1, 6]),
            worked({ road: 'own order', ...three, lost: 4 }, [3, 1, 6]),
            worked({ road: 'pipelined', ...uneven, lost: 5 }, [3, 9, 9]),
            worked({ road: 'one order', ...uneven, lost: 5 }, [9, 4, 9]),
            worked({ road: 'own order', ...uneven, lost: 5 }, [8, 4, 9]),
            worked({ road: 'pipelined', ...uneven, lost: 0 }, [9, 9, 9]),
            worked({ road: 'one order', ...uneven, lost: 0 }, [9, 9, 9]),
            worked({ road: 'own order', ...uneven, lost: 0 }, [9, 4, 7]),
          ],
        },
      ],
    },
    {
      id: 'HL4-2',
      title: `${RUNS} runs of your own programs on each road`,
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'A prediction is worth what the run says. The lost bytes come when they come, not when everything else is over.',
      scene,
      steps: [
        {
          do: 'each',
          cases: Array.from({ length: RUNS }, (_, i) => ({
            title: `run ${i + 1} of ${RUNS}`,
            steps: [{ do: 'expectRoads', seed: i + 1, schedule: 'shared', ...programs }] as const,
          })),
        },
      ],
    },
    {
      id: 'HL4-3',
      title: 'in turn: own order gains for the replies behind the hole only',
      judge: 'raw',
      spec: { text: 'contract', url: '' },
      idea: 'Where replies leave one behind the other, most of them are over before the hole, and one order costs them nothing.',
      scene,
      steps: [
        {
          do: 'each',
          cases: [
            worked({ road: 'one order', ...turn, lost: 0 }, [6, 6, 6]),
            worked({ road: 'own order', ...turn, lost: 0 }, [6, 2, 5]),
            worked({ road: 'one order', ...turn, lost: 2 }, [1, 6, 6]),
            worked({ road: 'own order', ...turn, lost: 2 }, [1, 6, 5]),
            worked({ road: 'one order', ...turn, lost: 4 }, [1, 2, 6]),
            worked({ road: 'own order', ...turn, lost: 4 }, [1, 2, 6]),
            ...Array.from({ length: IN_TURN }, (_, i) => ({
              title: `run ${i + 1} of ${IN_TURN}`,
              steps: [{ do: 'expectRoads', seed: i + 1001, schedule: 'in turn', ...programs }] as const,
            })),
          ],
        },
      ],
    },
    {
      id: 'HL4-C',
      title: 'three roads by two schedules, in a page',
      judge: 'smoke',
      spec: { text: 'contract', url: '' },
      idea: 'The same files, the same packets: a page hands them on as any other host does.',
      scene,
      steps: [{ do: 'expectRoadsInPage', plans: DRAWN, tcp: programs.tcp, quic: programs.quic }],
    },
  ],
});

export default exercise;

/** Three roads by two schedules in a page: the learner's code hands on what comes over a WebSocket, and says when it will be whole. */
import type { BrowserCheck, BrowserStep } from '../exercise.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { failureOfError } from '../raw/engine.ts';
import { jsonText } from '../raw/scenes/function-steps.ts';
import { letter, planPicture, planStory, type RoadPlan, sentOf } from '../raw/scenes/road-plan.ts';
import type { RoadPicture } from '../result.ts';
import type { WarmPage } from './browser.ts';
import type { PageFault, RoadsResult } from './roads-page.ts';
import { RoadsServer } from './roads-server.ts';
import { CheckFailed } from './server.ts';

export type RoadsStep = Extract<BrowserStep, { do: 'expectRoadsInPage' }>;

/** How long nothing may happen in the page. */
export const STILL_MS = 3500;

/** What was seen, one picture for each plan. @throws CheckFailed when the page, the run and the prediction do not agree. */
export async function roadsInPage(
  step: RoadsStep,
  it: {
    readonly check: BrowserCheck;
    readonly program: Program;
    readonly warm: WarmPage;
    seen(picture: RoadPicture): void;
  },
): Promise<void> {
  const { check, program, warm } = it;
  const server = new RoadsServer(check.id, program, step.plans);
  try {
    const port = await server.listen();
    await warm.page.goto(`http://127.0.0.1:${port}/`, { timeout: 0 });
    const run = { tcp: step.tcp, quic: step.quic, predict: check.scene, ms: STILL_MS };
    const result = await warm.page.evaluate<RoadsResult>(server.script(run));
    if ('load' in result) throw failed(result.load, 'Your files do not run in the page', program);
    for (const [i, plan] of step.plans.entries()) {
      const road = result.roads[i];
      if (road === undefined) throw new Error(`The page has not run plan ${i}`);
      const { finished, predicted, fault } = road;
      it.seen({ plan, sent: sentOf(plan), finished, predicted: isNumbers(predicted) ? predicted : null });
      if (fault !== null) throw failed(fault, `In the page, on the road ${plan.road}`, program);
      compare(check, plan, finished, predicted);
    }
  } finally {
    server.close();
  }
}

/** @throws CheckFailed when the run did not come to its end, or `finish` says something else. */
function compare(check: BrowserCheck, plan: RoadPlan, finished: readonly number[], predicted: unknown): void {
  const missing = finished.findIndex((slot) => slot < 0);
  const isSame = isNumbers(predicted) && jsonText(predicted) === jsonText([...finished]);
  if (missing < 0 && isSame) return;
  const headline =
    missing >= 0
      ? `In the page, reply ${letter(missing)} was never whole: all its packets had come, and nothing went on.`
      : `${check.scene.export} says ${jsonText(predicted, 40)}; the run in the page gave ${jsonText([...finished], 40)}.`;
  throw new CheckFailed({
    cause: missing >= 0 ? 'incomplete' : 'wrong value',
    headline,
    picture: planPicture(plan),
    facts: [planStory(plan)],
    expected: missing >= 0 ? 'every reply whole' : jsonText([...finished]),
    spec: check.spec,
    idea: check.idea,
    at: [],
  });
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function failed({ name, message, stack }: PageFault, how: string, program: Program): CheckFailed {
  const error = Object.assign(name === 'TypeError' ? new TypeError(message) : new Error(message), { name, stack });
  return new CheckFailed(failureOfError(error, how, 'crashed', sourcesOf(program)));
}

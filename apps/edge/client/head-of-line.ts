import { ordinal } from '@interleave/trace/look';
import { wholeOf } from '../src/story/head-of-line/plan.ts';
import { countLate } from '../src/story/head-of-line/run.ts';
import { holeQuery, numberWord } from '../src/story/head-of-line/words.ts';
import { byId } from './dom.ts';
import { openModel } from './head-of-line/model.ts';
import { holdRun, loseRun, type RealPlan, showChoice } from './head-of-line/real.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
if (stage) {
  const isLab = stage.arrival.record.host === 'lab';
  const chosen = (): Record<string, string> => (isLab ? realQuery() : {});
  const model = openModel((plan) => stage.address({ ...holeQuery(plan), ...chosen() }));
  const play = async (): Promise<void> => {
    const run = await model.play();
    if (isLab) return;
    const { one, own, plan } = run;
    const late = countLate(one);
    stage.say(`One order: ${late} of ${plan.n} late. An order for each stream: ${countLate(own)} of ${plan.n} late.`);
    stage.answer(late === plan.n ? `all ${numberWord(late)}` : numberWord(late));
  };
  if (isLab) prepareReal(stage, () => ({ ...holeQuery(model.plan()), ...chosen() }));
  byId(isLab ? 'play' : 'run')?.addEventListener('click', stage.alone(play));
}

function prepareReal(stage: Stage, address: () => Record<string, string>): void {
  const shows = [
    showChoice('after', String),
    showChoice('hold', (ms) => `${ms} ms`),
    showChoice('drop', (n) => ordinal(n + 1)),
  ];
  for (const [i, name] of ['after', 'hold', 'drop'].entries()) {
    const input = byId<HTMLInputElement>(name);
    if (!input) continue;
    input.value = String(wholeOf(stage.params, name, Number(input.min), Number(input.max), Number(input.value)));
    const show = shows[i];
    show?.();
    input.addEventListener('input', () => show?.());
  }
  const button = (id: string, work: (plan: RealPlan) => Promise<void>): void =>
    byId(id)?.addEventListener(
      'click',
      stage.alone(() => {
        stage.address(address());
        return work(realPlan(stage));
      }),
    );
  button('run', (plan) => holdRun(stage, plan));
  button('lose', (plan) => loseRun(stage, plan, false));
  button('lose-cold', (plan) => loseRun(stage, plan, true));
}

function realQuery(): Record<string, string> {
  return Object.fromEntries(
    ['after', 'hold', 'drop'].flatMap((name) => {
      const input = byId<HTMLInputElement>(name);
      return input ? [[name, input.value]] : [];
    }),
  );
}

function realPlan(stage: Stage): RealPlan {
  const { after, hold, drop } = realQuery();
  return {
    n: wholeOf(stage.params, 'n', 2, 12, 12),
    after: Number(after),
    hold: Number(hold),
    drop: Number(drop ?? 0),
  };
}

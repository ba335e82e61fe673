import { ordinalWord } from '@interleave/trace/look';
import { pipeBytesHtml, worksWords } from '../src/pages/pipelining-words.ts';
import type { PipeExchange } from '../src/pipe/client.ts';
import { saysItAnswers } from '../src/story/answers.ts';
import {
  answerWords,
  askSix,
  FIRST_DELAY,
  type PipelinePlan,
  pipelineClient,
  pipelineTimeline,
  pipelineWords,
  planOf,
  SWAPPED,
} from '../src/story/pipelining-run.ts';
import { byId, make, setText } from './dom.ts';
import { openPipe } from './pipe.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
const inputs = {
  delay: byId<HTMLInputElement>('delay'),
  swap: byId<HTMLInputElement>('swap'),
  seed: byId<HTMLInputElement>('seed'),
};

function planNow(): PipelinePlan {
  const seed = planOf(new URLSearchParams({ seed: inputs.seed?.value ?? '' })).seed;
  return { seed, delay: inputs.delay?.checked ? FIRST_DELAY : 0, swap: inputs.swap?.checked ?? false };
}

if (stage) {
  for (const input of Object.values(inputs)) {
    input?.addEventListener('input', () => setText(byId('works'), worksWords(planNow())));
  }
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage, planNow())),
  );
}

const HOW = 'All of it is one connection. A lane is a request, a bar what became of it.';

/** Room for six lanes. */
const HEIGHT = 6 * 56 + 34;

async function run(stage: Stage, plan: PipelinePlan): Promise<void> {
  stage.address({ seed: String(plan.seed), delay: plan.delay > 0 ? '1' : '0', swap: plan.swap ? '1' : '0' });
  const figure = byId('life');
  if (figure) figure.style.minHeight = `${HEIGHT}px`;
  stage.say('Sending …');
  const started = performance.now();
  const now = (): number => performance.now() - started;
  const draw = (): void => stage.draw(pipelineTimeline(client.exchanges, now()), HOW);
  const pipe = await openPipe(
    'http/1.1',
    (bytes) => client.receive(bytes),
    plan.swap ? { swap: SWAPPED.map((path) => path.slice(1)).join(',') } : {},
  );
  const client = pipelineClient(pipe.send, now, draw);
  void pipe.closed.then(() => client.receiveEnd());
  askSix(client, plan);
  draw();
  await client.done();
  pipe.close();
  draw();
  if (client.exchanges.some(({ failed }) => failed !== null)) throw new Error(client.problem ?? 'the pipe has ended');
  showAnswers(client.exchanges);
  const box = byId('pipe-bytes');
  if (box) box.innerHTML = pipeBytesHtml(client, innerWidth < 560 ? 8 : 16);
  setText(byId('pipe-source'), 'sent and received just now, through a WebSocket to this server');
  stage.say(pipelineWords(client.exchanges));
  stage.answer(answerWords(client.exchanges));
}

function showAnswers(exchanges: readonly PipeExchange[]): void {
  byId('answers')?.removeAttribute('hidden');
  byId('answers-body')?.replaceChildren(
    ...exchanges.map((exchange) => {
      const path = exchange.target.split('?')[0] ?? '';
      const value = (name: string): string => exchange.fields.find(([n]) => n.toLowerCase() === name)?.[1] ?? '';
      const head = make('th', '', path);
      head.setAttribute('scope', 'row');
      const said = saysItAnswers(exchange);
      const isWrong = said !== path;
      return make(
        'tr',
        isWrong ? 'wrong-answer' : '',
        head,
        make('td', '', `${value('x-worked-ms')} ms`),
        make('td', '', ordinalWord(Number(value('x-finished')))),
        make('td', '', `${said ?? 'nothing'}${isWrong ? ', not its own' : ''}`),
      );
    }),
  );
}

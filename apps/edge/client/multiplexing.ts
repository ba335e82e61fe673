import { firstOfMessage, frameBytesHtml } from '../src/pages/multiplexing-words.ts';
import type { PipeClient } from '../src/pipe/client.ts';
import { frameStrip, frameTable } from '../src/story/frame-strip.ts';
import {
  askTwelve,
  framesOf,
  type MultiplexPlan,
  multiplexClient,
  multiplexPlan,
  multiplexWords,
  turns,
  withoutNumbers,
} from '../src/story/multiplexing-run.ts';
import { byId, setText } from './dom.ts';
import { openPipe } from './pipe.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
const inputs = {
  numbers: byId<HTMLInputElement>('numbers'),
  size: byId<HTMLInputElement>('size'),
  seed: byId<HTMLInputElement>('seed'),
  frame: byId<HTMLInputElement>('frame'),
};
/** The last run, to be looked at. */
let last: PipeClient | null = null;

if (stage) {
  inputs.size?.addEventListener('input', () => setText(byId('size-value'), inputs.size?.value ?? ''));
  inputs.numbers?.addEventListener('change', () => show());
  inputs.frame?.addEventListener('input', showFrame);
  byId('run')?.addEventListener(
    'click',
    stage.alone(() =>
      run(
        stage,
        multiplexPlan(new URLSearchParams({ seed: inputs.seed?.value ?? '', size: inputs.size?.value ?? '' })),
      ),
    ),
  );
  const strip = byId('strip');
  if (strip) new ResizeObserver(() => show()).observe(strip);
  // Nothing to look through yet: the frame in the page is of the server's own run.
  byId('frame')?.closest<HTMLElement>('.controls')?.setAttribute('hidden', '');
}

async function run(stage: Stage, plan: MultiplexPlan): Promise<void> {
  stage.address({ seed: String(plan.seed), size: String(plan.size) });
  stage.say('Asking …');
  const figure = byId('strip-figure');
  if (figure) figure.hidden = false;
  byId('before-run')?.setAttribute('hidden', '');
  const started = performance.now();
  const pipe = await openPipe('h2', (bytes) => client.receive(bytes));
  let isDue = false;
  const client = multiplexClient(
    pipe.send,
    () => performance.now() - started,
    () => {
      // At most one drawing a frame of the screen, however many pieces come.
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        show();
      });
    },
  );
  last = client;
  void pipe.closed.then(() => client.receiveEnd());
  askTwelve(client, plan);
  await client.done();
  pipe.close();
  if (client.exchanges.some(({ failed }) => failed !== null)) throw new Error(client.problem ?? 'the pipe has ended');
  show();
  const frames = framesOf(client);
  if (inputs.frame) {
    inputs.frame.max = String(frames.length);
    inputs.frame.value = String(firstOfMessage(client) + 1);
    inputs.frame.closest<HTMLElement>('.controls')?.removeAttribute('hidden');
  }
  showFrame();
  setText(byId('frame-source'), 'received just now, through a WebSocket to this server');
  const table = byId('strip-table');
  if (table) table.innerHTML = frameTable(frames);
  stage.say(multiplexWords(client));
  stage.answer(turns(frames) > client.exchanges.length - 1 ? 'mixed' : 'one after another');
}

function show(): void {
  const strip = byId('strip');
  if (!last || !strip || strip.clientWidth === 0) return;
  const sorted = inputs.numbers?.checked ?? true;
  strip.innerHTML = frameStrip(framesOf(last), Math.round(Math.min(strip.clientWidth, 960)), sorted);
  const mixed = byId('mixed-box');
  if (mixed) mixed.hidden = sorted;
  // A body is a sentence and then one letter many times: enough of each to see where it breaks off.
  setText(
    byId('mixed'),
    withoutNumbers(last).replace(/(.)\1{11,}/g, (all, letter: string) => `${letter.repeat(11)}… (${all.length})`),
  );
}

function showFrame(): void {
  if (!last || !inputs.frame) return;
  setText(byId('frame-value'), inputs.frame.value);
  const box = byId('frame-bytes');
  if (box) box.innerHTML = frameBytesHtml(last, Number(inputs.frame.value) - 1, innerWidth < 560 ? 8 : 16);
}

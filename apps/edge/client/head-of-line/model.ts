import { holeBytesHtml } from '../../src/pages/head-of-line-bytes.ts';
import { gainChart } from '../../src/story/head-of-line/gain-chart.ts';
import { endOf, holeTable, oneOrderPanel, ownOrdersPanel, snapshot } from '../../src/story/head-of-line/panels.ts';
import { type HolePlan, holePlan } from '../../src/story/head-of-line/plan.ts';
import { panelSvg } from '../../src/story/head-of-line/rows.ts';
import type { HoleRun } from '../../src/story/head-of-line/run.ts';
import { holeQuery, holeWords, presets } from '../../src/story/head-of-line/words.ts';
import { byId, setText } from '../dom.ts';

/** The model of the page: its controls, the core beside it, the drawings. */
export interface Model {
  /** What the controls say now. */
  plan(): HolePlan;
  /** Runs it and lets the moments pass, and resolves with the run when the last is shown. */
  play(): Promise<HoleRun>;
}

/** How long the moments take to pass on the screen, in milliseconds. */
const PLAY = 2_600;

const inputs = {
  from: byId<HTMLInputElement>('from'),
  lost: byId<HTMLInputElement>('lost'),
  seed: byId<HTMLInputElement>('seed'),
  moment: byId<HTMLInputElement>('moment'),
};

/** Sets the controls up; `moved` is called with each plan that they come to. */
export function openModel(moved: (plan: HolePlan) => void): Model {
  let run: HoleRun | null = null;
  let asked = 0;
  const section = byId('hole');
  // What comes of it is not told before the first run: a guess would be none.
  section?.classList.add('unasked');
  setText(byId('hole-words'), 'The hole is drawn dashed. Press the button, or move it, and see who waits.');

  const compute = async (): Promise<HoleRun> => {
    const mine = ++asked;
    const made = await ask(plan());
    if (mine === asked) {
      run = made;
      section?.classList.remove('unasked');
      settle(made);
      moved(made.plan);
    }
    return made;
  };
  const show = (now: number): void => {
    if (run) draw(run, now);
  };
  const update = (): void => {
    showValues();
    void compute()
      .then((made) => show(snapshot(made)))
      .catch((error: unknown) => setText(byId('hole-words'), String(error instanceof Error ? error.message : error)));
  };

  for (const input of [inputs.from, inputs.lost, inputs.seed]) input?.addEventListener('input', update);
  for (const radio of document.querySelectorAll('[name=order]')) radio.addEventListener('change', update);
  inputs.moment?.addEventListener('input', async () => {
    const now = Number(inputs.moment?.value);
    if (run === null) await compute();
    show(now);
  });
  section?.querySelector('.presets')?.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('.preset') : null;
    if (!link || !inputs.from || !inputs.lost) return;
    event.preventDefault();
    inputs.from.value = link.dataset.from ?? '';
    inputs.lost.value = link.dataset.lost ?? '';
    update();
  });
  const roads = section?.querySelector('.roads');
  if (roads) new ResizeObserver(() => show(Number(inputs.moment?.value))).observe(roads);

  return {
    plan,
    async play() {
      const made = await compute();
      const end = snapshot(made);
      const start = Number(inputs.moment?.min ?? 0);
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
        const began = performance.now();
        for (let share = 0; share < 1; ) {
          await new Promise(requestAnimationFrame);
          share = Math.min(1, (performance.now() - began) / PLAY);
          draw(made, start + share * (end - start));
        }
      }
      draw(made, end);
      return made;
    },
  };
}

function plan(): HolePlan {
  const order = document.querySelector<HTMLInputElement>('[name=order]:checked')?.value ?? '';
  const { from, lost, seed } = inputs;
  const n = new URLSearchParams(location.search).get('n') ?? '';
  return holePlan(
    new URLSearchParams({ n, order, from: from?.value ?? '', lost: lost?.value ?? '', seed: seed?.value ?? '' }),
  );
}

let worker: Promise<Worker> | null = null;
let turn: Promise<unknown> = Promise.resolve();

/** One run in the worker, which is fetched for the first: one more exchange on this page's connection. */
function ask(of: HolePlan): Promise<HoleRun> {
  worker ??= start();
  worker.catch(() => {
    worker = null;
  });
  const answer = turn
    .then(() => worker ?? start())
    .then(
      (at) =>
        new Promise<HoleRun>((resolve, reject) => {
          at.onmessage = ({ data }: MessageEvent<HoleRun>) => resolve(data);
          at.onerror = ({ message }) => reject(new Error(`The model broke off: ${message}`));
          at.postMessage(of);
        }),
    );
  turn = answer.catch(() => {});
  return answer;
}

async function start(): Promise<Worker> {
  const response = await fetch('/head-of-line/model.js');
  if (!response.ok) throw new Error(`The model did not come: the server answered ${response.status}.`);
  const source = new Blob([await response.text()], { type: 'text/javascript' });
  return new Worker(URL.createObjectURL(source));
}

/** What does not depend on the moment. */
function settle(run: HoleRun): void {
  setText(byId('hole-words'), holeWords(run));
  const table = byId('hole-table');
  if (table) table.innerHTML = holeTable(run);
  const bytes = byId('hole-bytes');
  if (bytes) bytes.innerHTML = holeBytesHtml(run, innerWidth < 560 ? 8 : 16);
  for (const box of document.querySelectorAll<HTMLElement>('.gain-drawing')) {
    const curve = run.gains.find(({ order }) => order === box.dataset.order);
    if (curve)
      box.innerHTML = gainChart(curve, run.plan.n, curve.order === run.plan.order ? run.hole.from : null, widthOf(box));
  }
  // The places follow the replies, which follow seed and order.
  const places = presets(run);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.preset')) {
    const place = places.find(({ name }) => name === link.textContent?.trim());
    if (!place) continue;
    link.href = `?${new URLSearchParams(holeQuery(place.plan))}#hole`;
    link.dataset.from = String(place.plan.from);
    link.dataset.lost = String(place.plan.lost);
    const isHere = place.plan.from === run.hole.from && place.plan.lost === run.hole.to - run.hole.from;
    if (isHere) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  if (inputs.from) {
    inputs.from.max = String(run.total - 1);
    inputs.from.value = String(run.hole.from);
  }
  if (inputs.moment) inputs.moment.max = String(Math.ceil(endOf(run)));
  showValues();
}

function draw(run: HoleRun, now: number): void {
  for (const panel of [oneOrderPanel(run, now), ownOrdersPanel(run, now)]) {
    const box = byId(panel.id);
    if (box) box.innerHTML = panelSvg({ ...panel, id: `${panel.id}-now` }, widthOf(box));
  }
  if (inputs.moment) inputs.moment.value = String(now);
  setText(byId('moment-value'), `${Math.floor(now)} ms`);
  const end = snapshot(run);
  setText(
    byId('moment-words'),
    now >= run.again
      ? 'the lost bytes have come again'
      : Math.abs(now - end) < 1
        ? 'just before the lost bytes come again'
        : 'virtual time since the client asked',
  );
}

function widthOf(box: Element): number {
  return Math.round(Math.min(Math.max(box.clientWidth, 280), 640));
}

function showValues(): void {
  setText(byId('from-value'), inputs.from?.value ?? '');
  setText(byId('lost-value'), inputs.lost?.value ?? '');
}

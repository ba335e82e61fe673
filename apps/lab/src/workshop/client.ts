/** The exercise page in the browser: fresh parts as soon as there are any, orders to the workshop, and the page as a host. */

type Parts = { version: number; phase: string; verdict: string; run: string; references: string; announce: string };

const root = document.querySelector('.exercise') as HTMLElement;
const base = `/workshop/${root.dataset.exercise}`;
let version = Number(root.dataset.version);
let chosen: string | null = null;
/** The verdict that was announced last, or that the page came with: it is not said again when only a hint came. */
let announced = root.dataset.announce ?? '';
let asking: AbortController | null = null;

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

/** Replaces what changed and keeps the keyboard where it was. */
function show(parts: Parts): void {
  const focus = (document.activeElement as HTMLElement | null)?.dataset;
  const isOver = root.dataset.phase === 'judging' && parts.phase === 'idle';
  root.dataset.phase = parts.phase;
  for (const name of ['verdict', 'run', 'references'] as const) {
    const part = byId(name);
    // An open list of bytes or a half-read table is not closed by a save that changes nothing there.
    if (part.dataset.shown === parts[name]) continue;
    const open = [...part.querySelectorAll('details')].map((details) => details.open);
    part.dataset.shown = parts[name];
    part.innerHTML = parts[name];
    part.querySelectorAll('details').forEach((details, i) => {
      if (open[i] !== undefined) details.open = open[i];
    });
  }
  if (isOver || (parts.announce !== '' && parts.announce !== announced)) {
    announced = parts.announce;
    byId('announce').textContent = announced;
  }
  if (focus?.action !== undefined) {
    const same = focus.check === undefined ? '' : `[data-check="${focus.check}"]`;
    const button = document.querySelector<HTMLElement>(`[data-action="${focus.action}"]${same}`);
    // The button is gone with the last hint: the reader goes on where it was, at what it brought.
    (button ?? (focus.action === 'hint' ? document.querySelector<HTMLElement>('.rungs li:last-child') : null))?.focus();
  }
}

async function ask(after: number): Promise<void> {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const query = new URLSearchParams({ after: String(after), ...(chosen === null ? {} : { check: chosen }) });
  const response = await fetch(`${base}/live?${query}`, { signal: mine.signal });
  const news = (await response.json()) as { version: number; parts: Parts | null };
  // Another run: the reader is shown what fails now, not what was looked at before.
  if (after >= 0 && news.parts?.phase === 'judging') chosen = null;
  version = news.version;
  if (news.parts !== null) show(news.parts);
}

/** A hidden tab asks for nothing, so that many open tabs do not use up the browser's connections. */
async function follow(): Promise<never> {
  for (;;) {
    if (document.hidden)
      await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
    try {
      await ask(version);
    } catch (error) {
      if ((error as Error).name !== 'AbortError') await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) asking?.abort();
});

async function order(name: string, body: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${base}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

let asked: string | null = null;

/** A second press of the same button, with the question still in sight, is the answer. */
function confirmed(name: string, question: string): boolean {
  const isAnswer = asked === name;
  asked = isAnswer ? null : name;
  byId('dialogue').textContent = isAnswer ? '' : question;
  return isAnswer;
}

const actions: Record<string, (button: HTMLElement) => Promise<void>> = {
  open: async () => void (await order('open')),
  judge: async () => void (await order('judge')),
  async hint(button) {
    const { check } = button.dataset;
    const { shown, of } = await order('hint', { check });
    byId('announce').textContent = `Hint ${String(shown)} of ${String(of)} for ${check} is shown.`;
  },
  async show(button) {
    chosen = button.dataset.check ?? null;
    // The one who follows asks again, from the start, for the check that is now chosen.
    version = -1;
    asking?.abort();
  },
  async diff(button) {
    if (
      button.dataset.passed !== '1' &&
      !confirmed('diff', 'This shows the whole model answer. Press again to see it before you pass.')
    )
      return;
    const response = await fetch(`${base}/diff?anyway=1`);
    const { html } = (await response.json()) as { html: string | null };
    byId('dialogue').textContent = '';
    byId('diff').innerHTML = html ?? '';
  },
  async reset() {
    if (!confirmed('reset', 'Your attempt is kept. Press again to put the file back to its start.')) return;
    const { attempt } = await order('reset');
    byId('dialogue').textContent = `The file is at its start again. Your attempt: ${String(attempt)}`;
  },
  'page-host': async () => runHere(),
  own: async () => openOwn(),
};

document.addEventListener('click', (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>('[data-action]');
  const action = actions[button?.dataset.action ?? ''];
  if (button === null || action === undefined) return;
  if (asked !== null && asked !== button.dataset.action) {
    asked = null;
    byId('dialogue').textContent = '';
  }
  void action(button);
});

/** Counts starts: who follows an earlier one stops. */
let owns = 0;

/** Starts the learner's server, leads to its page, and draws what comes of it for as long as it runs. */
async function openOwn(): Promise<void> {
  const mine = ++owns;
  const place = byId('own');
  place.textContent = 'Starting …';
  byId('own-picture').textContent = '';
  const { url, problem } = (await order('own')) as { url?: string; problem?: string };
  if (url === undefined) {
    place.textContent = problem ?? 'Your server did not start.';
    return;
  }
  const link = document.createElement('a');
  link.href = url;
  link.target = '_blank';
  link.rel = 'noreferrer';
  link.className = 'button primary';
  link.textContent = `Open ${url}`;
  place.replaceChildren(link);
  link.focus();
  for (let shown = ''; mine === owns; ) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (document.hidden) continue;
    const { html } = (await (await fetch(`${base}/own`)).json()) as { html: string | null };
    if (html === null) {
      place.textContent = 'Your server has ended.';
      return;
    }
    if (html !== shown) byId('own-picture').innerHTML = html;
    shown = html;
  }
}

type Judged = { checkId: string; title: string; status: string; failure?: { headline: string } };

/** How long one check may be silent here: a page has no watchdog that can look into a worker. */
const PATIENCE_MS = 8000;

async function runHere(): Promise<void> {
  const place = byId('page-host');
  place.textContent = 'Running …';
  const answer = (await (await fetch(`${base}/page/task`)).json()) as { task?: unknown; failure?: string };
  if (answer.task === undefined) {
    place.textContent = answer.failure ?? 'The file cannot be read.';
    return;
  }
  const results: Judged[] = [];
  const began = performance.now();
  let current = '';
  const worker = new Worker('/workshop/judge.js', { type: 'module' });
  const how = await new Promise<string>((resolve) => {
    let timer = setTimeout(() => resolve('hung'), PATIENCE_MS);
    worker.onerror = (event) => resolve(event.message || 'the worker did not start');
    worker.onmessage = ({ data }: MessageEvent<{ say: string; check?: string; result?: Judged }>) => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve('hung'), PATIENCE_MS);
      if (data.say === 'began') current = data.check ?? '';
      if (data.say === 'ended' && data.result !== undefined) results.push(data.result);
      if (data.say === 'done') resolve('');
    };
    worker.postMessage(answer.task);
  });
  worker.terminate();
  const list = document.createElement('ul');
  list.className = 'checks toc';
  for (const result of results)
    list.append(line(result.status === 'pass' ? '✓' : result.status === 'fail' ? '✗' : '–', result));
  if (how === 'hung')
    list.append(
      line('✗', { checkId: current, title: 'your code does not come back; the worker was ended', status: 'fail' }),
    );
  else if (how !== '') list.append(line('✗', { checkId: current, title: how, status: 'fail' }));
  const passed = results.filter((result) => result.status === 'pass').length;
  const total = document.createElement('p');
  total.textContent = `${passed} of ${results.length} raw checks pass in this page, in ${Math.round(performance.now() - began)} ms.`;
  place.replaceChildren(total, list);
}

function line(sign: string, { checkId, title, failure }: Judged): HTMLElement {
  const item = document.createElement('li');
  const row = document.createElement('span');
  row.className = 'row';
  const parts = [sign, checkId, failure === undefined ? title : `${title}: ${failure.headline}`].map((text, i) => {
    const span = document.createElement('span');
    span.className = i === 0 ? `sign ${sign === '✓' ? 'good' : sign === '✗' ? 'bad' : 'quiet'}` : i === 1 ? 'id' : '';
    span.textContent = text;
    return span;
  });
  row.append(...parts);
  item.append(row);
  return item;
}

void follow();

export {};

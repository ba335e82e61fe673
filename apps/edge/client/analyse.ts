import { tabHar } from '../src/analyse/tab-har.ts';
import type { Answer, Ask } from './analyse/messages.ts';
import { readArrival } from './arrival.ts';
import { byId, setText } from './dom.ts';
import { drawRibbon, keepAge } from './ribbon.ts';
import { loadTab } from './store.ts';

const arrival = readArrival();
if (arrival) {
  drawRibbon(arrival);
  keepAge(arrival.tab.exchanges.at(-1)?.openedAt ?? null);
}
for (const element of document.querySelectorAll<HTMLElement>('.needs-script')) element.hidden = false;

const drop = byId('drop');
const input = byId<HTMLInputElement>('files');
const progress = byId<HTMLProgressElement>('progress');
const report = byId('report');
const takeAway = byId('take-away');
const anonymise = byId<HTMLInputElement>('anonymise');

/** The worker reads and judges, so that the page stays alive however large the file is. */
const worker = new Worker(
  URL.createObjectURL(new Blob([byId('worker-source')?.textContent ?? ''], { type: 'text/javascript' })),
);
const ask = (message: Ask): void => worker.postMessage(message);
worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => hear(data));
worker.addEventListener('error', ({ message }) => {
  fail(`The report broke off: ${message || 'its worker did not start'}. Reload the page and try again.`);
});

function hear(answer: Answer): void {
  switch (answer.type) {
    case 'progress':
      if (progress !== null) progress.value = answer.total > 0 ? answer.bytes / answer.total : 0;
      setText(byId('status'), `Reading ${answer.file}: ${megabytes(answer.bytes)} of ${megabytes(answer.total)}.`);
      break;
    case 'report':
      if (progress !== null) progress.hidden = true;
      if (report !== null) report.innerHTML = answer.html;
      if (takeAway !== null) takeAway.hidden = false;
      setText(byId('status'), 'The report is below.');
      report?.focus({ preventScroll: true });
      report?.scrollIntoView({ block: 'start', behavior: calm() ? 'auto' : 'smooth' });
      break;
    case 'failed':
      fail(answer.file === '' ? answer.message : `${answer.file}: ${answer.message}`);
      break;
    case 'exported':
      save(answer);
      break;
  }
}

function fail(message: string): void {
  if (progress !== null) progress.hidden = true;
  if (report !== null) report.replaceChildren();
  if (takeAway !== null) takeAway.hidden = true;
  setText(byId('status'), message);
}

function analyse(files: readonly File[]): void {
  if (files.length === 0) return;
  if (files.length > 2) {
    fail(`${files.length} files are too many: one is reported, two are compared.`);
    return;
  }
  if (progress !== null) {
    progress.hidden = false;
    progress.value = 0;
  }
  setText(byId('status'), `Reading ${files.map(({ name }) => name).join(' and ')}.`);
  ask({ type: 'analyse', files });
}

input?.addEventListener('change', () => {
  analyse([...(input.files ?? [])]);
  // The same file can be chosen again, after it was recorded anew.
  input.value = '';
});
// Beside the field, a file would be opened by the browser and the page be gone.
for (const type of ['dragover', 'drop'] as const) {
  addEventListener(type, (event) => event.preventDefault());
}
addEventListener('dragover', () => drop?.classList.add('over'));
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop?.classList.remove('over');
});
addEventListener('drop', (event) => {
  drop?.classList.remove('over');
  analyse([...(event.dataTransfer?.files ?? [])]);
});

byId('record-tab')?.addEventListener('click', () => {
  const har = JSON.stringify(tabHar(loadTab(), location.origin));
  analyse([new File([har], 'this-tab.har', { type: 'application/json' })]);
});
for (const as of ['markdown', 'json'] as const) {
  byId(`as-${as}`)?.addEventListener('click', () => {
    ask({ type: 'export', as, anonymise: anonymise?.checked ?? false });
  });
}

/** Hands text to the browser's own saving. */
function save({ name, text, mime }: Extract<Answer, { type: 'exported' }>): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function calm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

import { duration, escapeMarkup } from '@interleave/trace/look';
import { panelSvg } from '../../src/story/head-of-line/rows.ts';
import { type WaitRow, waitPanel } from '../../src/story/head-of-line/wait-panel.ts';
import { make, setText } from '../dom.ts';
import { type Waited, waitedWords } from './summary.ts';

/** Draws twelve fetches into the place of their listener, and writes the table that says the same. */
export function drawWaits(box: HTMLElement, waited: Waited, letter: (id: string) => string, note: string): void {
  const rows = rowsOf(waited, letter);
  const { protocol, listener } = box.dataset;
  const key = protocol === 'h3' || protocol === 'h2' ? protocol : 'h1';
  const panel = waitPanel(`wait-${listener}`, `${waitedWords(waited)}.`, key, rows);
  const drawing = box.querySelector('.wait-drawing');
  if (drawing) drawing.innerHTML = panelSvg(panel, Math.round(Math.min(drawing.clientWidth, 640)));
  setText(box.querySelector('.wait-note'), note);
  const table = box.querySelector('.wait-table');
  if (!table) return;
  const cells = rows.map(
    ({ name, on, end, isLate }) =>
      `<tr><th scope="row">/${name}</th><td>${escapeMarkup(on ?? 'not named')}</td><td>${duration(end)}</td><td>${isLate ? 'late' : 'on time'}</td></tr>`,
  );
  table.innerHTML = `<table class="results"><thead><tr><th scope="col">fetch</th><th scope="col">connection</th><th scope="col">whole after</th><th scope="col">it was</th></tr></thead><tbody>${cells.join('')}</tbody></table>`;
}

function rowsOf({ pieces, late, silences }: Waited, letter: (id: string) => string): WaitRow[] {
  const start = Math.min(...pieces.map(({ sentAt }) => sentAt));
  return pieces.map(({ name, connection, sentAt, arrivals, endedAt }, i) => {
    const silence = silences[i] ?? null;
    return {
      name,
      on: connection === null ? null : letter(connection),
      asked: sentAt - start,
      first: (arrivals[0] ?? endedAt) - start,
      end: endedAt - start,
      silence: silence === null ? null : { from: silence.from - start, to: silence.to - start },
      isLate: late[i] ?? false,
    };
  });
}

/** Empties a place that is asked now, without taking its room away. */
export function awaitWaits(box: HTMLElement, words: string): void {
  setText(box.querySelector('.wait-note'), words);
  box.querySelector('.wait-drawing')?.replaceChildren(make('span', 'visually-hidden', words));
}

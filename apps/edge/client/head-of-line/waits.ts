import { duration, escapeMarkup } from '@interleave/trace/look';
import { type Bar, type Panel, panelSvg } from '../../src/story/head-of-line/rows.ts';
import { make, setText } from '../dom.ts';
import { type Waited, waitedWords } from './summary.ts';

/** Draws twelve fetches into the place of their listener, and writes the table that says the same. */
export function drawWaits(box: HTMLElement, waited: Waited, letter: (id: string) => string, note: string): void {
  const { pieces, late, silences } = waited;
  const start = Math.min(...pieces.map(({ sentAt }) => sentAt));
  const most = Math.max(...pieces.map(({ endedAt }) => endedAt)) - start;
  const protocol = box.dataset.protocol;
  const on = (id: string | null): string => (id === null ? 'a connection' : `connection ${letter(id)}`);
  const panel: Panel = {
    id: `wait-${box.dataset.listener}`,
    title: `${waitedWords(waited)}.`,
    protocol: protocol === 'h3' || protocol === 'h2' ? protocol : 'h1',
    most,
    tick: (at) => (at === 0 ? 'asked' : `${at} ms`),
    band: null,
    left: 30,
    right: 80,
    rows: pieces.map((piece, i) => {
      const by = piece.connection === null ? '' : `${letter(piece.connection)} `;
      return {
        name: `/${piece.name}`,
        bars: barsOf(
          piece.sentAt - start,
          piece.arrivals[0] ?? piece.endedAt,
          piece.endedAt,
          silences[i] ?? null,
          start,
        ),
        verdict: `${by}${late[i] ? 'late' : 'on time'}`,
        isLate: late[i] ?? false,
        words: `/${piece.name} on ${on(piece.connection)}: ${late[i] ? 'late' : 'on time'}, whole after ${duration(piece.endedAt - start)}.`,
      };
    }),
  };
  const drawing = box.querySelector('.wait-drawing');
  if (drawing) drawing.innerHTML = panelSvg(panel, Math.round(Math.min(drawing.clientWidth, 640)));
  setText(box.querySelector('.wait-note'), note);
  const table = box.querySelector('.wait-table');
  if (table) {
    const rows = pieces.map(
      ({ name, connection, endedAt }, i) =>
        `<tr><th scope="row">/${name}</th><td>${escapeMarkup(connection === null ? 'not named' : letter(connection))}</td><td>${duration(endedAt - start)}</td><td>${late[i] ? 'late' : 'on time'}</td></tr>`,
    );
    table.innerHTML = `<table class="results"><thead><tr><th scope="col">fetch</th><th scope="col">connection</th><th scope="col">whole after</th><th scope="col"></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  }
}

/** Empties a place that is asked now, without taking its room away. */
export function awaitWaits(box: HTMLElement, words: string): void {
  setText(box.querySelector('.wait-note'), words);
  box.querySelector('.wait-drawing')?.replaceChildren(make('span', 'visually-hidden', words));
}

function barsOf(
  asked: number,
  firstAt: number,
  endedAt: number,
  silence: { readonly from: number; readonly to: number } | null,
  start: number,
): Bar[] {
  const [first, end] = [firstAt - start, endedAt - start];
  const bars: Bar[] = [
    { from: asked, to: first, mark: 'asked' },
    { from: first, to: end, mark: 'came' },
  ];
  if (silence === null) return bars;
  const hold: Bar = { from: silence.from - start, to: silence.to - start, mark: 'held' };
  const before = bars.flatMap((bar) => (bar.from < hold.from ? [{ ...bar, to: Math.min(bar.to, hold.from) }] : []));
  const after = bars.flatMap((bar) => (bar.to > hold.to ? [{ ...bar, from: Math.max(bar.from, hold.to) }] : []));
  return [...before, hold, ...after];
}

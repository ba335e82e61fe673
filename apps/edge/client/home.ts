import { type RequestRecord, verdictMark, verdictSentence } from '@interleave/trace';
import { BEGINNINGS, count, duration, visibleText } from '@interleave/trace/look';
import { extent, type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { explain } from '../src/pages/explain.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, type Remembered, remember, rememberEnd, type Tab } from '../src/tab/memory.ts';
import { runWords } from '../src/tab/words.ts';
import { readArrival } from './arrival.ts';
import { byId, make, setText } from './dom.ts';
import { endConnections, type LabState, setClosing } from './lab.ts';
import { drawRibbon, keepAge, stepRibbon } from './ribbon.ts';
import { type Fetched, fetchOne } from './run.ts';
import { saveTab } from './store.ts';
import { entryOf, measure } from './timing.ts';

const FETCHES = 3;
const arrival = readArrival();

if (arrival) {
  let tab: Tab = arrival.tab;
  let current = arrival.record.request.id;
  let isBusy = false;

  const keep = (next: Tab): void => {
    tab = next;
    saveTab(tab);
  };
  const draw = (): void => drawLife(lifeOf(tab, current));

  setText(byId('headline'), verdictSentence(arrival.verdict, arrival.record.facts, 'page'));
  setText(byId('standfirst'), explain(arrival.verdict, arrival.record));
  drawRibbon(arrival);
  keepAge(tab.exchanges.find((e) => e.id === current)?.openedAt ?? null);
  draw();
  new ResizeObserver(draw).observe(byId('life') ?? document.body);
  addEventListener(
    'load',
    // Only now is it known how long the page itself took to arrive.
    () =>
      setTimeout(() => {
        const whole = readArrival(arrival.before)?.tab.exchanges.at(-1);
        if (whole && !isBusy && tab === arrival.tab) {
          keep(remember(tab, whole));
          draw();
        }
      }),
    { once: true },
  );

  const buttons = [...document.querySelectorAll<HTMLButtonElement>('.experiment button')];
  /** One experiment at a time: two runs at once would share connections, and neither could be read. */
  const exclusive = (work: () => Promise<void>) => async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (const b of buttons) b.setAttribute('aria-disabled', 'true');
    try {
      await work();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      setText(
        byId('outcome'),
        `No answer came: ${said}. The server may have been stopped; start it again, then press the button again.`,
      );
    } finally {
      isBusy = false;
      for (const b of buttons) b.removeAttribute('aria-disabled');
    }
  };

  byId('fetch-three')?.addEventListener(
    'click',
    exclusive(async () => {
      const list = byId('results-body');
      list?.replaceChildren();
      byId('results')?.removeAttribute('hidden');
      reserve(tab, isClosing());
      setText(byId('outcome'), 'Asking …');
      const run: Remembered[] = [];
      for (let i = 0; i < FETCHES; i++) {
        const before = tab;
        const fetched = await fetchOne(before);
        const { exchange } = fetched;
        if (exchange) {
          run.push(exchange);
          current = exchange.id;
          stepRibbon(before, exchange, fetched.tab);
          keep(fetched.tab);
        }
        list?.append(...resultRow(tab, fetched));
        draw();
      }
      setText(byId('outcome'), runWords(tab, run, FETCHES));
    }),
  );

  byId('end')?.addEventListener(
    'click',
    exclusive(async () => {
      const ended = await endConnections();
      const at = Date.now();
      for (const id of tab.met) if (tab.ended[id] === undefined) keep(rememberEnd(tab, id, at));
      draw();
      const resume =
        arrival.record.facts.tlsVersion.value === null
          ? ''
          : ' It may resume the TLS session: that is a new connection all the same.';
      setText(
        byId('outcome'),
        `The server ended ${count(ended, 'connection')}. Fetch again: the next request needs a new one.${resume}`,
      );
    }),
  );

  byId<HTMLInputElement>('close-each')?.addEventListener('change', (event) => {
    const box = event.currentTarget as HTMLInputElement;
    const on = box.checked;
    void exclusive(async () => {
      box.disabled = true;
      try {
        const state = await setClosing(on);
        box.checked = state.listener.closing;
        // The switch was an exchange as well, and its own answer already follows it.
        keep(remember(tab, await labExchange(state, arrival.record)));
        if (on) keep(rememberEnd(tab, state.connection.id, Date.now()));
        draw();
        setText(
          byId('outcome'),
          on
            ? 'From now on each response ends its connection. Fetch three, and count the lanes.'
            : 'Connections stay open again. Fetch three, and count the lanes.',
        );
      } catch (error) {
        box.checked = !on;
        throw error;
      } finally {
        box.disabled = false;
        box.focus();
      }
    })();
  });
  for (const hidden of document.querySelectorAll<HTMLElement>('.needs-script')) hidden.hidden = false;
}

/** Room for lanes that may come is made while the visitor presses, so that nothing moves later. */
function reserve(tab: Tab, closing: boolean): void {
  const figure = byId('life');
  const drawn = figure?.querySelector('svg')?.clientHeight ?? 0;
  const last = tab.exchanges.at(-1);
  const isOver = last !== undefined && (last.closing || tab.ended[last.connection] !== undefined);
  const lanes = closing ? FETCHES : isOver ? 1 : 0;
  if (figure) figure.style.minHeight = `${drawn + lanes * LANE_HEIGHT}px`;
  const list = byId('results-box');
  if (list) list.style.minHeight = `${(FETCHES + 1.5) * 1.9}rem`;
}

const LANE_HEIGHT = 56;

function isClosing(): boolean {
  return byId<HTMLInputElement>('close-each')?.checked ?? false;
}

function drawLife(life: Timeline): void {
  const figure = byId('life');
  if (!figure || life.lanes.length === 0) return;
  const width = Math.round(Math.min(figure.clientWidth, 960));
  figure.innerHTML = timelineSvg(life, { width, idPrefix: 'life' });
  setText(byId('life-title'), life.title);
  const table = byId('life-table');
  if (table) table.innerHTML = timelineTableHtml(life);
}

/** The exchange that an order to the lab was. */
async function labExchange(state: LabState, record: RequestRecord): Promise<Remembered> {
  const entry = await entryOf(new URL('/.lab/close', location.href).href);
  const timing = entry ? measure(entry) : { phases: [], handshake: null };
  return {
    id: `lab-${state.connection.id}-${state.connection.nth}`,
    label: 'POST /.lab/close',
    connection: state.connection.id,
    protocol: record.facts.protocol.value,
    nth: state.connection.nth,
    ...timing,
    openedAt: timing.handshake?.from ?? null,
    state: state.connection.nth > 1 ? 'reused' : 'new',
    resumed: null,
    earlyData: null,
    closing: state.listener.closing,
  };
}

/** A fetch as a row: its number on its connection, then what the server and the browser say about it. */
function resultRow(tab: Tab, { exchange, record, verdict }: Fetched): HTMLElement[] {
  const mark = BEGINNINGS[verdictMark(verdict)];
  const id = record.facts.connectionId.value ?? 'no name';
  const letter = exchange ? (letterOf(tab, exchange.connection) ?? '?') : '';
  const span = exchange ? extent({ ...exchange, outcome: 'complete' }) : null;
  const paid = exchange?.handshake
    ? duration(exchange.handshake.to - exchange.handshake.from)
    : span
      ? 'none'
      : 'not told';
  const sign = make('span', '', mark.glyph);
  sign.setAttribute('aria-hidden', 'true');
  const head = make('th', '', exchange?.nth == null ? letter || '?' : `${letter} · ${exchange.nth}`);
  head.setAttribute('scope', 'row');
  const took = span ? duration(span.to - span.from) : 'not told';
  const row = make(
    'tr',
    '',
    head,
    make('td', '', visibleText(id)),
    make('td', '', sign, ` ${mark.word}`),
    make('td', '', paid),
    make('td', '', took),
  );
  const doubts = verdict.contradictions.map((text) => {
    const cell = make('td', 'small', text);
    cell.setAttribute('colspan', '5');
    return make('tr', '', cell);
  });
  return [row, ...doubts];
}

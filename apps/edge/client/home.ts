import { verdictLine, verdictSentence } from '@interleave/trace';
import { count, duration, visibleText } from '@interleave/trace/look';
import { extent, type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { explain } from '../src/pages/explain.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, type Remembered, remember, rememberEnd, type Tab } from '../src/tab/memory.ts';
import { runWords } from '../src/tab/words.ts';
import { readArrival } from './arrival.ts';
import { byId, make, setText } from './dom.ts';
import { endConnections, setClosing } from './lab.ts';
import { drawRibbon, keepAge, stepRibbon } from './ribbon.ts';
import { fetchOne } from './run.ts';
import { saveTab } from './store.ts';

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
      const list = byId('results');
      list?.replaceChildren();
      reserve(FETCHES);
      setText(byId('outcome'), 'Asking …');
      const run: Remembered[] = [];
      for (let i = 0; i < FETCHES; i++) {
        const before = tab;
        const { exchange, record, verdict, tab: after } = await fetchOne(before);
        if (exchange) {
          run.push(exchange);
          current = exchange.id;
          stepRibbon(before, exchange, after);
          keep(after);
        }
        list?.append(resultItem(tab, exchange, verdictLine(verdict, record.facts), verdict.contradictions));
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
function reserve(lanes: number): void {
  const figure = byId('life');
  if (figure) figure.style.minHeight = `${figure.offsetHeight + lanes * LANE_HEIGHT}px`;
  const list = byId('results');
  if (list) list.style.minHeight = `${lanes * 2}lh`;
}

const LANE_HEIGHT = 56;

function drawLife(life: Timeline): void {
  const figure = byId('life');
  if (!figure || life.lanes.length === 0) return;
  const width = Math.round(Math.min(figure.clientWidth, 960));
  figure.innerHTML = timelineSvg(life, { width, idPrefix: 'life' });
  setText(byId('life-title'), life.title);
  const table = byId('life-table');
  if (table) table.innerHTML = timelineTableHtml(life);
}

function resultItem(
  tab: Tab,
  exchange: Remembered | null,
  line: string,
  contradictions: readonly string[],
): HTMLElement {
  const item = make('li', '');
  if (exchange) {
    const letter = letterOf(tab, exchange.connection) ?? '?';
    item.append(make('b', '', exchange.nth === null ? `${letter}` : `${letter} · ${exchange.nth}`), ' ');
    const span = extent({ ...exchange, outcome: 'complete' });
    const took = span ? `, ${duration(span.to - span.from)}` : '';
    const handshake = exchange.handshake
      ? `, after a handshake of ${duration(exchange.handshake.to - exchange.handshake.from)}`
      : ', no handshake';
    item.append(`${line}${took}${span ? handshake : ''} `, make('code', 'quiet', exchange.connection));
  } else item.append(visibleText(line));
  for (const c of contradictions) item.append(make('p', 'small', c));
  return item;
}

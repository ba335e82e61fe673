import { type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { lifeOf } from '../src/tab/life.ts';
import { type Remembered, remember, type Tab } from '../src/tab/memory.ts';
import { type Arrival, readArrival } from './arrival.ts';
import { byId, setText } from './dom.ts';
import { answerGuess, prepareGuess } from './guess.ts';
import { drawRibbon, keepAge, stepRibbon } from './ribbon.ts';
import { saveTab } from './store.ts';

/** What the script of a page of the story stands on: ribbon, drawing, guess, outcome, address, one run at a time. */
export interface Stage {
  readonly arrival: Arrival;
  /** What the tab knows now. */
  readonly tab: Tab;
  /** What the address of the page asks for. */
  readonly params: URLSearchParams;
  /** Remembers an exchange of the page's own connections, and moves the ribbon on with it. */
  step(exchange: Remembered): void;
  /** Replaces what the tab knows, without a step of the ribbon. */
  keep(tab: Tab): void;
  /** Shows this timeline from now on; `how` says what a lane and a bar are in it, where they are not connection and exchange. */
  draw(timeline: Timeline, how?: string): void;
  /** Says what came of the run. */
  say(text: string): void;
  /** Sets the address that leads to the same run. */
  address(params: Readonly<Record<string, string>>): void;
  /** Holds the guess against what was counted; a sentence, never a score. */
  answer(counted: string): void;
  /** A handler that runs alone: two runs at once could not be told apart. */
  alone(work: () => Promise<void>): () => void;
}

/** Sets the page up and gives the stage; null where the page has no record. */
export function openStage(): Stage | null {
  const arrival = readArrival();
  for (const hidden of document.querySelectorAll<HTMLElement>('.needs-script')) hidden.hidden = false;
  if (!arrival) return null;
  let tab = arrival.tab;
  let shown: Timeline = lifeOf(tab, arrival.record.request.id);
  let isBusy = false;
  let wasDrawn = false;

  drawRibbon(arrival);
  keepAge(tab.exchanges.find((e) => e.id === arrival.record.request.id)?.openedAt ?? null);
  paint(shown);
  const figure = byId('life');
  if (figure) new ResizeObserver(() => paint(shown)).observe(figure);
  // Only now is it known how long the page itself took to arrive.
  const arrived = (): void => {
    const whole = readArrival(arrival.before)?.tab.exchanges.find((e) => e.id === arrival.record.request.id);
    if (!whole || isBusy || tab !== arrival.tab) return;
    stage.keep(remember(tab, whole));
    if (wasDrawn) return;
    shown = lifeOf(tab, whole.id);
    paint(shown);
  };
  addEventListener('load', () => setTimeout(arrived), { once: true });
  prepareGuess();

  const stage: Stage = {
    arrival,
    get tab() {
      return tab;
    },
    params: new URLSearchParams(location.search),
    keep(next) {
      tab = next;
      saveTab(tab);
    },
    step(exchange) {
      const before = tab;
      stage.keep(remember(before, exchange));
      stepRibbon(before, exchange, tab);
    },
    draw(timeline, how) {
      wasDrawn = true;
      if (how !== undefined) setText(byId('life-how'), how);
      shown = timeline;
      paint(shown);
    },
    say: (text) => setText(byId('outcome'), text),
    address(params) {
      const url = `${location.pathname}?${new URLSearchParams(params)}`;
      history.replaceState(null, '', url);
      const link = byId('address');
      setText(link, url);
      link?.setAttribute('href', url);
    },
    answer: answerGuess,
    alone: (work) => () => {
      if (isBusy) return;
      isBusy = true;
      const buttons = document.querySelectorAll<HTMLButtonElement>('main button:not(.guess)');
      for (const b of buttons) b.setAttribute('aria-disabled', 'true');
      work()
        .catch((error: unknown) => stage.say(problemWords(error)))
        .finally(() => {
          isBusy = false;
          for (const b of buttons) b.removeAttribute('aria-disabled');
        });
    },
  };
  return stage;
}

function problemWords(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return `No answer came: ${said.replace(/\.$/, '')}. The server may have been stopped; start it again, then press the button again.`;
}

/** Draws into the page's figure, at its width, and writes the table that says the same. */
function paint(timeline: Timeline): void {
  const figure = byId('life');
  if (!figure || timeline.lanes.length === 0) return;
  const width = Math.round(Math.min(figure.clientWidth, 960));
  figure.innerHTML = timelineSvg(timeline, { width, idPrefix: 'life' });
  setText(byId('life-title'), timeline.title);
  const table = byId('life-table');
  if (table) table.innerHTML = timelineTableHtml(timeline);
}

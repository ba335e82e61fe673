import type { TraceEvent } from '@interleave/trace/events';
import { clip, duration, visibleText } from '@interleave/trace/look';
import {
  drawingSvg,
  layout,
  type Metrics,
  pixelMetrics,
  type Timeline,
  timelineTableHtml,
} from '@interleave/trace/timeline';
import { exchangeFacts } from '../../src/live/facts.ts';
import type { Live } from '../../src/live/model.ts';
import { liveTimeline } from '../../src/live/picture.ts';
import { byId, make, setText } from '../dom.ts';
import { wordlessMetrics } from '../metrics.ts';
import { epoch } from '../timing.ts';

/** Not more often than this, in milliseconds. */
const SLOWEST = 100;
const MOST_LINES = 60;
/** What stays in sight above and below the bar that is followed. */
const MARGIN = 48;

/** Draws what is known: the waterfall, the facts of one bar, the table, and the server's events as they come. */
export class View {
  readonly #letter: (id: string) => string;
  readonly #figure = byId('waterfall');
  readonly #facts = byId('facts');
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #live: Live;
  #chosen: string | null = null;
  #isPinned = false;
  #pointer = '';
  /** The bar that is to stay in sight, until the visitor takes over. */
  #followed: string | null = null;
  #planned = false;
  #drawnAt = 0;
  #svg = '';

  constructor(live: Live, letter: (id: string) => string) {
    this.#live = live;
    this.#letter = letter;
    const figure = this.#figure;
    if (figure === null) return;
    figure.addEventListener('pointermove', (event) => this.#hover(event));
    figure.addEventListener(
      'wheel',
      () => {
        this.#followed = null;
      },
      { passive: true },
    );
    figure.addEventListener('focusin', (event) => {
      this.#followed = null;
      this.#choose(keyOf(event.target));
    });
    figure.addEventListener('click', (event) => {
      const key = keyOf(event.target);
      if (key === null) return;
      event.preventDefault();
      this.#isPinned = !(this.#isPinned && this.#chosen === key);
      this.#choose(key);
    });
    figure.addEventListener('keydown', (event) => this.#move(event));
    byId('table-box')?.addEventListener('toggle', () => this.#table(this.#timeline()));
    new ResizeObserver(() => this.#paint()).observe(figure);
    // While something is under way its bar grows with time.
    setInterval(() => {
      const isOpen = this.#live.exchanges.some(({ outcome, server }) => outcome === 'open' && server?.endedAt == null);
      if (isOpen && !document.hidden && !this.#still.matches) this.#plan();
    }, 250);
  }

  show(live: Live): void {
    this.#live = live;
    this.#plan();
  }

  /** The exchange that the facts are to speak of, unless the visitor holds another one. */
  point(key: string): void {
    if (this.#isPinned || this.#figure?.contains(document.activeElement)) return;
    this.#followed = key;
    this.#choose(key);
  }

  /** A line for each event, the latest on top. */
  log(connection: string, events: readonly TraceEvent[]): void {
    const list = byId('event-log');
    if (list === null) return;
    const lines = events
      .slice(-MOST_LINES)
      .map(({ time, name, data }) =>
        make(
          'li',
          '',
          make('b', '', this.#letter(connection)),
          ` +${duration(time)} `,
          make('span', 'event-name', visibleText(String(name))),
          ` ${clip(visibleText(JSON.stringify(data)), 160)}`,
        ),
      );
    list.prepend(...lines.reverse());
    while (list.childElementCount > MOST_LINES) list.lastElementChild?.remove();
  }

  /** A pointer that rests says nothing: bars that are drawn anew under it must not take the word from the keyboard. */
  #hover({ screenX, screenY, target }: PointerEvent): void {
    const place = `${screenX} ${screenY}`;
    if (place === this.#pointer) return;
    this.#pointer = place;
    this.#followed = null;
    if (!this.#isPinned) this.#choose(keyOf(target));
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    const wait = Math.max(0, this.#drawnAt + SLOWEST - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.#paint()), wait);
  }

  #timeline(): Timeline {
    return liveTimeline(this.#live, this.#letter, epoch(performance.now()));
  }

  #paint(): void {
    this.#planned = false;
    this.#drawnAt = performance.now();
    const figure = this.#figure;
    // Without width it is not shown: the page is being left.
    if (figure === null || figure.clientWidth < 100) return;
    const timeline = this.#timeline();
    const width = Math.round(Math.min(figure.clientWidth - 24, 940));
    const svg = drawingSvg(layout(timeline, liveMetrics(width, timeline)), { idPrefix: 'live' });
    if (svg !== this.#svg) {
      const focused = keyOf(document.activeElement);
      figure.innerHTML = svg;
      this.#svg = svg;
      for (const bar of this.#bars()) {
        bar.tabIndex = -1;
        // Who speaks to the page says what stands there (WCAG 2.5.3).
        const seen = bar.querySelector('text')?.textContent;
        // The facts say it better than a tooltip over them.
        bar.querySelector('title')?.remove();
        if (seen) bar.setAttribute('aria-label', `${seen}: ${bar.getAttribute('aria-label') ?? ''}`);
      }
      const held = this.#bar(focused) ?? this.#bar(this.#chosen) ?? this.#bars().at(-1);
      if (held) held.tabIndex = 0;
      // A bar that has become another one hands the keyboard on.
      if (focused !== null) held?.focus({ preventScroll: true });
    }
    setText(byId('waterfall-title'), timeline.title);
    setText(byId('dropped'), droppedWords(this.#live));
    this.#mark();
    this.#tell();
    this.#follow();
    this.#table(timeline);
  }

  /** Scrolls inside the figure alone: the page stays where it is. */
  #follow(): void {
    const figure = this.#figure;
    const bar = this.#bar(this.#followed);
    if (figure === null || bar === undefined || figure.scrollHeight <= figure.clientHeight) return;
    const [own, box] = [bar.getBoundingClientRect(), figure.getBoundingClientRect()];
    if (own.bottom > box.bottom - MARGIN) figure.scrollTop += own.bottom - box.bottom + MARGIN;
    else if (own.top < box.top + MARGIN) figure.scrollTop -= box.top + MARGIN - own.top;
  }

  #table(timeline: Timeline): void {
    const table = byId('live-table');
    if (table && byId<HTMLDetailsElement>('table-box')?.open) table.innerHTML = timelineTableHtml(timeline);
  }

  #bars(): SVGAElement[] {
    return [...(this.#figure?.querySelectorAll<SVGAElement>('a') ?? [])];
  }

  #bar(key: string | null): SVGAElement | undefined {
    return key === null ? undefined : this.#bars().find((bar) => keyOf(bar) === key);
  }

  #choose(key: string | null): void {
    if (key === null || key === this.#chosen) return;
    this.#chosen = key;
    for (const bar of this.#bars()) bar.tabIndex = keyOf(bar) === key ? 0 : -1;
    this.#mark();
    this.#tell();
  }

  #mark(): void {
    for (const bar of this.#bars()) bar.classList.toggle('chosen', keyOf(bar) === this.#chosen);
  }

  #tell(): void {
    const one = this.#live.exchanges.find(({ key }) => key === this.#chosen);
    if (this.#facts === null || one === undefined) return;
    const lines = exchangeFacts(this.#live, one, this.#letter);
    const rows = lines.map(({ name, value, source }) =>
      make('div', '', make('dt', '', name), make('dd', 'value', value), make('dd', 'source', source)),
    );
    const connection = this.#live.connections.find(({ id }) => id === one.connection);
    if (connection?.report != null) rows.push(moreRow(connection.id, this.#letter(connection.id)));
    if (
      rows.map((row) => row.textContent).join('\n') ===
      [...this.#facts.children].map((row) => row.textContent).join('\n')
    )
      return;
    this.#facts.replaceChildren(...rows);
  }

  /** Left and right along a lane, up and down between lanes, as the picture lies. */
  #move(event: KeyboardEvent): void {
    const bars = this.#bars();
    const own = bars.find((bar) => bar === document.activeElement);
    if (own === undefined) return;
    const lane = (bar: Element): Element | null => bar.closest('.tl-lane');
    const row = bars.filter((bar) => lane(bar) === lane(own)).sort((a, b) => startOf(a) - startOf(b));
    const lanes = [...new Set(bars.map(lane))];
    const other = (step: number): SVGAElement | undefined => {
      const next = lanes[lanes.indexOf(lane(own)) + step];
      return bars
        .filter((bar) => lane(bar) === next)
        .sort((a, b) => Math.abs(startOf(a) - startOf(own)) - Math.abs(startOf(b) - startOf(own)))[0];
    };
    const to: Readonly<Record<string, () => SVGAElement | undefined>> = {
      ArrowLeft: () => row[row.indexOf(own) - 1],
      ArrowRight: () => row[row.indexOf(own) + 1],
      ArrowUp: () => other(-1),
      ArrowDown: () => other(1),
      Home: () => row[0],
      End: () => row.at(-1),
    };
    const move = to[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#isPinned = false;
    move()?.focus();
  }
}

/** Where everything that happened on a connection is kept. */
function moreRow(id: string, letter: string): HTMLElement {
  const link = document.createElement('a');
  link.href = `/api/v1/connection/${encodeURIComponent(id)}.qlog`;
  link.download = `${id}.qlog`;
  link.textContent = `all that happened on ${letter}`;
  const source = make('dd', 'source', 'a qlog; the connection report reads it');
  return make('div', '', make('dt', '', 'To take home'), make('dd', 'value', link), source);
}

function startOf(bar: Element): number {
  return bar.getBoundingClientRect().left;
}

function keyOf(target: EventTarget | null): string | null {
  const link = target instanceof Element ? target.closest('#waterfall a') : null;
  const href = link?.getAttribute('href');
  return href ? decodeURIComponent(href.slice(1)) : null;
}

/** Words beside the bars while there are few; then thinner bars, whose words are in the facts and the table. */
function liveMetrics(width: number, { lanes }: Timeline): Metrics {
  const metrics = pixelMetrics(width);
  const most = Math.max(0, ...lanes.map(({ exchanges }) => exchanges.length));
  if (lanes.length <= 5 && most <= 6) return metrics;
  return wordlessMetrics(width);
}

function droppedWords({ dropped }: Live): string {
  const parts = [
    [dropped.exchanges, 'older exchanges'],
    [dropped.connections, 'older connections'],
    [dropped.events, 'events of the server'],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return said.length === 0 ? '' : `Left out, to stay readable: ${said.join(', ')}.`;
}

import { connTiming } from '@interleave/trace';
import type { TraceEvent } from '@interleave/trace/events';
import { anotherListener, type KindId, type LivePlan, livePlan } from '../src/live/kinds.ts';
import { answered, asked, EMPTY_LIVE, failed, finished, type Live, type LiveExchange } from '../src/live/model.ts';
import { told } from '../src/live/told.ts';
import { pressWords } from '../src/live/words.ts';
import type { Origins } from '../src/origins.ts';
import { letterOf, meet, type Remembered } from '../src/tab/memory.ts';
import { byId, setText } from './dom.ts';
import { press } from './live/presses.ts';
import type { Teller } from './live/teller.ts';
import { View } from './live/view.ts';
import { Watch, type WatchHandlers } from './live/watch.ts';
import { openStage, type Stage } from './stage.ts';
import { epoch, measure } from './timing.ts';

/** Exchanges that may be under way at a time: more would only be a queue. */
const MOST_UNDER_WAY = 48;

const stage = openStage();
if (stage) begin(stage);

function begin(stage: Stage): void {
  performance.setResourceTimingBufferSize(2_000);
  const { record } = stage.arrival;
  let live = remembered(stage);
  const letter = (id: string): string => {
    if (letterOf(stage.tab, id) === null) stage.keep(meet(stage.tab, id));
    return letterOf(stage.tab, id) ?? '?';
  };
  const view = new View(live, letter);
  const heard = new Map<string, number>();
  /** A watch that is opened again tells from the beginning. */
  const unheard = (connection: string, events: readonly TraceEvent[]): readonly TraceEvent[] => {
    const last = heard.get(connection) ?? -1;
    const fresh = events.filter(({ time }) => time > last);
    const latest = fresh.at(-1)?.time;
    if (latest !== undefined) heard.set(connection, latest);
    return fresh;
  };
  const { protocol } = record.facts;
  const handlers: WatchHandlers = {
    told(message) {
      if (message.type === 'events') view.log(message.connection, unheard(message.connection, message.events));
      if (message.type === 'problem')
        setText(byId('watch-problem'), `${message.problem.title}: ${message.problem.detail}`);
      update(told(live, message));
    },
    state: (words) => setText(byId('watch-state'), words),
  };
  const watch = new Watch(handlers, protocol.value === 'h2' || protocol.value === 'h3');
  const update = (next: Live): void => {
    live = next;
    watch.add(live.connections.map(({ id }) => id));
    view.show(live);
  };
  const teller = tellerOf(() => live, update, view);

  teller.asked(record.request.id, `${record.request.method} ${record.request.path}`, record.request.path);
  teller.answered(record.request.id, connTiming(record), 200);
  const arrived = (): void => {
    const entry = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
    teller.finished(record.request.id, entry ? { ...measure(entry), protocol: entry.nextHopProtocol || null } : null);
  };
  // Only after that is it known how long the page itself took to arrive.
  if (document.readyState === 'complete') arrived();
  else addEventListener('load', () => setTimeout(arrived), { once: true });
  if (record.facts.connectionId.value === null)
    setText(
      byId('watch-state'),
      'Nothing here names connections, so none can be watched. What you see comes from your browser alone.',
    );

  const plan = livePlan(stage.params);
  const hold = byId<HTMLInputElement>('hold');
  hold?.addEventListener('input', () => setText(byId('hold-value'), `${hold.value} ms`));
  const other = anotherListener(JSON.parse(byId('origins')?.textContent ?? '{}') as Origins, location.origin);
  const run = async (kind: KindId, button: HTMLElement): Promise<void> => {
    if (
      live.exchanges.filter(({ outcome, askedAt }) => outcome === 'open' && askedAt !== null).length > MOST_UNDER_WAY
    ) {
      stage.say(
        `${MOST_UNDER_WAY} are under way. Wait for some of them: more would only stand in your browser’s queue.`,
      );
      return;
    }
    const now: LivePlan = { ...plan, hold: Number(hold?.value ?? plan.hold) };
    stage.address({ do: kind, ...(kind === 'twelve' && { n: String(now.n) }), hold: String(now.hold) });
    button.setAttribute('aria-disabled', 'true');
    try {
      const keys = await press(kind, now, teller, other);
      const own = keys.flatMap((key) => live.exchanges.find((one) => one.key === key) ?? []);
      stage.say(pressWords(kind, own, live, letter));
      if (kind === 'twelve') stage.answer(connections(own));
      for (const one of own) step(stage, one);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  };
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-do]')) {
    const kind = button.dataset.do as KindId;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') void run(kind, button);
    });
  }
  byId('clear')?.addEventListener('click', () => {
    update({
      ...live,
      exchanges: live.exchanges.filter(({ outcome }) => outcome === 'open'),
      connections: live.connections.filter(({ closed }) => closed === null),
    });
  });
}

function tellerOf(read: () => Live, write: (live: Live) => void, view: View): Teller {
  const now = (): number => epoch(performance.now());
  return {
    asked(key, label, path) {
      write(asked(read(), key, label, path, now()));
      view.point(key);
    },
    answered: (key, conn, status) => write(answered(read(), key, conn, status)),
    finished: (key, browser) => write(finished(read(), key, browser, now())),
    failed: (key, why) => write(failed(read(), key, why, now())),
  };
}

/** What this tab has seen on earlier pages. */
function remembered({ tab, arrival }: Stage): Live {
  return tab.exchanges
    .filter(({ id }) => id !== arrival.record.request.id)
    .reduce((live, { id, label, connection, protocol, nth, phases, handshake, resumed, earlyData, state }) => {
      const at = phases[0]?.from ?? 0;
      const conn = { protocol, connection, nth, streamId: null, state, resumed, earlyData, ageMs: null, requestId: id };
      const placed = answered(asked(live, id, label, null, at), id, conn, null);
      return finished(placed, id, { phases, handshake, protocol }, phases.at(-1)?.to ?? at);
    }, EMPTY_LIVE);
}

function connections(own: readonly LiveExchange[]): string {
  const n = new Set(own.flatMap(({ connection }) => connection ?? [])).size;
  return ['not named here', 'one', 'two', 'three', 'four', 'five', 'six'][n] ?? String(n);
}

/** The page's own exchanges move the ribbon on, and are remembered on the next page. */
function step(stage: Stage, { key, label, connection, nth, browser, conn, outcome }: LiveExchange): void {
  if (
    connection === null ||
    outcome !== 'complete' ||
    browser === null ||
    label.includes(' of ') ||
    label.startsWith('WebSocket')
  )
    return;
  const exchange: Remembered = {
    id: key,
    label,
    connection,
    protocol: conn?.protocol ?? null,
    nth,
    phases: browser.phases,
    handshake: browser.handshake,
    openedAt: browser.handshake?.from ?? null,
    state: nth === 1 ? 'new' : 'reused',
    resumed: conn?.resumed ?? null,
    earlyData: conn?.earlyData ?? null,
    closing: false,
  };
  stage.step(exchange);
}

import { count, protocolLook } from '@interleave/trace/look';
import { drawingSvg, layout, pixelMetrics } from '@interleave/trace/timeline';
import type { Origins } from '../src/origins.ts';
import { letterOf, meet, type Remembered } from '../src/tab/memory.ts';
import { type Asked, answersOf, findingOf, type Standing, type Standings } from '../src/why/finding.ts';
import { REASON_IDS, type ReasonId, reasonPlan } from '../src/why/reasons.ts';
import { whyTimeline } from '../src/why/timeline.ts';
import { runWords } from '../src/why/words.ts';
import { byId, make, setText } from './dom.ts';
import { wordlessMetrics } from './metrics.ts';
import { openStage, type Stage } from './stage.ts';
import { EXPERIMENTS } from './why/experiments.ts';

const stage = openStage();
if (stage) {
  performance.setResourceTimingBufferSize(2000);
  const plan = reasonPlan(stage.params);
  const here = REASON_IDS.filter((id) => buttonOf(id) !== null);
  const run = (ids: readonly ReasonId[], asked: string) => async (): Promise<void> => {
    stage.address({ reason: asked });
    stage.say('Asking …');
    for (const id of ids) show(id);
    if (ids.length === 1 && ids[0] !== undefined) byId(`reason-${ids[0]}`)?.scrollIntoView({ block: 'nearest' });
    const came: Came[] = [];
    for (const id of ids) came.push(await cause(stage, id));
    stage.say(ids.length === 1 ? (came[0]?.words ?? '') : summary(came));
  };
  const planned = plan === 'all' ? here : here.filter((id) => id === plan);
  byId('run')?.addEventListener('click', stage.alone(run(planned, plan)));
  for (const id of here) buttonOf(id)?.addEventListener('click', stage.alone(run([id], id)));
}

function buttonOf(id: ReasonId): HTMLButtonElement | null {
  return document.querySelector(`#reason-${id} button`);
}

/** What came of one reason. */
interface Came {
  readonly words: string;
  readonly caused: boolean;
  readonly opened: number;
}

/** Room is made while the visitor presses, so that nothing moves later. */
function show(id: ReasonId): void {
  const box = document.querySelector<HTMLElement>(`#reason-${id} .evidence`);
  if (!box) return;
  box.hidden = false;
  box.querySelector('.why-figure')?.replaceChildren();
  box.querySelector('.why-table')?.replaceChildren();
  setText(box.querySelector('.why-words'), 'Asking …');
}

async function cause(stage: Stage, id: ReasonId): Promise<Came> {
  const box = document.querySelector<HTMLElement>(`#reason-${id} .evidence`);
  const words = box?.querySelector('.why-words') ?? null;
  let all: readonly Asked[];
  try {
    all = await EXPERIMENTS[id](originsOf());
  } catch (error) {
    const said = failureWords(id, error);
    setText(words, said);
    return { words: said, caused: false, opened: 0 };
  }
  for (const asked of all) step(stage, asked);
  const ids = [
    ...new Set(all.flatMap(({ connection, arrivals }) => [...arrivals, ...(connection === null ? [] : [connection])])),
  ];
  for (const one of ids) stage.keep(meet(stage.tab, one));
  const standings = await standingsOf(ids, stage.arrival.record.host === 'lab');
  const letter = (one: string): string => letterOf(stage.tab, one) ?? '?';
  const said = runWords(all, standings, letter, id);
  setText(words, said);
  draw(box, id, all, standings, letter, said);
  if (id === 'six') stage.answer(ids.length === 0 ? 'not named here' : (NUMBERS[ids.length] ?? String(ids.length)));
  const findings = all.map((_, index) => findingOf(all, index, standings));
  return {
    words: said,
    caused: findings.some((one) => one.kind === 'new' && one.reason === id),
    opened: new Set(all.flatMap(({ connection }, index) => (findings[index]?.kind === 'new' ? [connection] : []))).size,
  };
}

const NUMBERS: Readonly<Record<number, string>> = { 1: 'one', 2: 'two', 5: 'five', 6: 'six', 7: 'seven' };

function failureWords(id: ReasonId, error: unknown): string {
  const said = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const isTrusted = !(id === 'protocol' || (location.protocol === 'https:' && (id === 'first' || id === 'origin')));
  return isTrusted
    ? `No answer came: ${said}.`
    : `No answer came: ${said}. Your browser does not trust the lab’s own certificate there; npm run browser opens one that does.`;
}

function summary(came: readonly Came[]): string {
  const caused = came.filter((one) => one.caused).length;
  const rest = came.length - caused;
  const opened = came.reduce((sum, one) => sum + one.opened, 0);
  const others =
    rest === 0
      ? ''
      : rest === 1
        ? ' One of them came out differently here, and says how.'
        : ` ${rest} of them came out differently here, and say how.`;
  return `${count(caused, 'reason')} caused, ${count(opened, 'new connection')}, and a page that would have shown nothing of it.${others}`;
}

/** The page's own exchanges move the ribbon on. */
function step(stage: Stage, asked: Asked): void {
  if (asked.origin !== location.origin || asked.webSocket || asked.connection === null) return;
  const exchange: Remembered = {
    id: asked.id,
    label: asked.label,
    connection: asked.connection,
    protocol: asked.protocol,
    nth: asked.nth,
    phases: asked.phases,
    handshake: asked.handshake,
    openedAt: asked.handshake?.from ?? null,
    state: asked.nth === 1 ? 'new' : 'reused',
    resumed: asked.resumed,
    earlyData: null,
    closing: asked.goodbye,
  };
  stage.step(exchange);
}

function originsOf(): Origins {
  return JSON.parse(byId('origins')?.textContent ?? '{}') as Origins;
}

/** How the lab's server says that these connections stand. It is asked last, since asking is an exchange as well. */
async function standingsOf(ids: readonly string[], isLab: boolean): Promise<Standings> {
  if (!isLab) return new Map();
  const standings = new Map<string, Standing>();
  // One after the other: side by side they would need connections of their own.
  for (const id of ids) {
    const response = await fetch(`/.lab/connections/${encodeURIComponent(id)}`, { cache: 'no-store' });
    standings.set(id, response.ok ? standingOf((await response.json()) as LabRecord) : undefined);
  }
  return standings;
}

interface LabRecord {
  readonly closed: { readonly cause: string } | null;
  readonly closedAt: number | null;
  readonly exchanges: readonly { readonly endedAt: number | null }[];
}

/** Both times are the server's, so their difference is one. */
function standingOf({ closed, closedAt, exchanges }: LabRecord): Standing {
  if (closed === null) return null;
  const last = Math.max(...exchanges.map(({ endedAt }) => endedAt ?? -Infinity));
  return {
    cause: closed.cause,
    idleMs: closedAt !== null && Number.isFinite(last) ? Math.max(0, closedAt - last) : null,
  };
}

type Letter = (id: string) => string;

function draw(
  box: HTMLElement | null,
  id: ReasonId,
  all: readonly Asked[],
  standings: Standings,
  letter: Letter,
  title: string,
): void {
  const figure = box?.querySelector<HTMLElement>('.why-figure');
  const table = box?.querySelector<HTMLElement>('.why-table');
  if (!figure || !table) return;
  const timeline = whyTimeline(all, standings, letter, title);
  if (timeline.lanes.length > 0) {
    const width = Math.round(Math.min(figure.clientWidth, 860));
    const metrics = timeline.lanes.length > 3 ? wordlessMetrics(width) : pixelMetrics(width);
    figure.innerHTML = drawingSvg(layout(timeline, metrics), { idPrefix: `why-${id}` });
  }
  const rows = timeline.lanes.map(({ id: connection, label, protocol }) => {
    const { carry, share } = answersOf(connection, all, standings);
    const head = make('th', '', make('b', '', label), ` ${protocol === null ? '' : protocolLook(protocol).name}`);
    head.setAttribute('scope', 'row');
    return { head, carried: carriedWords(connection, all, timeline.lanes.length > 3), carry, share };
  });
  table.replaceChildren(
    ...grouped(rows).map(({ head, carried, carry, share }) =>
      make('tr', '', head, cell(COLUMNS[1], carried), cell(COLUMNS[2], carry), cell(COLUMNS[3], share)),
    ),
  );
}

const COLUMNS = ['connection', 'it carried', 'Can it carry more work?', 'Can streams share it?'] as const;

interface Row {
  readonly head: HTMLElement;
  readonly carried: string;
  readonly carry: string;
  readonly share: string;
}

/** Connections of which the same is to be said stand in one row: six times the same words say less than once. */
function grouped(rows: readonly Row[]): Row[] {
  const kept: Row[] = [];
  for (const row of rows) {
    const like = kept.find(
      (one) => rows.length > 3 && one.carried === row.carried && one.carry === row.carry && one.share === row.share,
    );
    if (like === undefined) kept.push(row);
    else like.head.lastChild?.before(', ', ...row.head.querySelectorAll('b'));
  }
  return kept;
}

function cell(column: string, text: string): HTMLElement {
  const one = make('td', '', text);
  one.dataset.column = column;
  return one;
}

function carriedWords(connection: string, all: readonly Asked[], brief: boolean): string {
  const own = all.filter((one) => one.connection === connection);
  if (own.length === 0) return 'a request that got no reply';
  const numbers = own.map(({ nth }) => nth).filter((nth) => nth !== null);
  const lost = all.some(({ arrivals }) => arrivals.length > 1 && arrivals[0] === connection)
    ? ', then a request that got no reply'
    : '';
  if (brief || numbers.length === 0) return `${count(own.length, 'exchange')}${lost}`;
  return `${numbers.length === 1 ? 'exchange' : 'exchanges'} ${numbers.join(', ')}${lost}`;
}

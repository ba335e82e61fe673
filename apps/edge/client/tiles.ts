import { type ConnTiming, connFromServerTiming } from '@interleave/trace';
import { count, duration, type Protocol, protocolLook } from '@interleave/trace/look';
import { type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { TILES } from '../src/story/picture.ts';
import { lifeOf } from '../src/tab/life.ts';
import { letterOf, meet, type Tab } from '../src/tab/memory.ts';
import { byId, make, setText } from './dom.ts';
import { openStage, type Stage } from './stage.ts';
import { summary, type TileSummary, tilesTimeline } from './tiles/summary.ts';
import { entryOf, type Measured, measure } from './timing.ts';

/** One picture that has come, and what the browser and the server say of it. */
export interface Tile {
  readonly n: number;
  /** The order of arrival, from 1. */
  readonly arrived: number;
  readonly conn: ConnTiming | null;
  readonly timing: Measured;
  readonly protocol: Protocol | null;
}

const stage = openStage();
const hold = byId<HTMLInputElement>('hold');
const all = byId<HTMLInputElement>('all');
if (stage && hold) {
  performance.setResourceTimingBufferSize(2000);
  const wanted = Number(stage.params.get('hold') ?? 100);
  hold.value = String(Number.isFinite(wanted) ? wanted : 100);
  const show = (): void => setText(byId('hold-value'), `${hold.value} ms`);
  hold.addEventListener('input', show);
  show();
  if (all) all.checked = stage.params.get('on') !== 'own';
  const first = document.querySelector<HTMLElement>('.mosaic-box');
  const before = lifeOf(stage.tab, stage.arrival.record.request.id);
  if (first) {
    drawAt(first, before, false);
    setText(first.querySelector('.mosaic-note'), `Not asked yet. Before: ${before.title}`);
  }
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage, Number(hold.value), all?.checked ?? false)),
  );
}

async function run(stage: Stage, hold: number, everywhere: boolean): Promise<void> {
  stage.address({ n: String(TILES), hold: String(hold), on: everywhere ? 'all' : 'own' });
  stage.say('Asking …');
  byId('counts')?.removeAttribute('hidden');
  byId('counts-body')?.replaceChildren();
  const boxes = [...document.querySelectorAll<HTMLElement>('.mosaic-box')];
  for (const [index, box] of boxes.entries()) box.hidden = index > 0 && !everywhere;
  const own: TileSummary[] = [];
  // One place after the other: side by side they would share the browser's processor, and the times would tell of that.
  for (const box of boxes.filter(({ hidden }) => !hidden)) {
    const counted = await runAt(stage, box, hold);
    if (own.length === 0 && counted) own.push(counted);
  }
  const [here] = own;
  if (!here) {
    stage.say('No picture came. The server may have been stopped; start it again, then press the button again.');
    return;
  }
  stage.say(sentence(here));
  stage.answer(NUMBERS[here.connections] ?? String(here.connections));
}

const NUMBERS: Readonly<Record<number, string>> = {
  1: 'one',
  2: 'two',
  5: 'five',
  6: 'six',
  12: 'twelve',
  48: 'forty-eight',
};

function sentence({ tiles, connections, most, protocol, longest }: TileSummary): string {
  const kind = protocol === null ? '' : ` over ${protocolLook(protocol).name}`;
  const number = NUMBERS[connections] ?? String(connections);
  if (connections === 0) return `${count(tiles, 'picture')} came; nothing here names their connections.`;
  const lanes = `${number} ${connections === 1 ? 'connection' : 'connections'}`;
  return most === 1
    ? `${count(tiles, 'picture')}${kind}: ${lanes}, never two at a time on one. The last in the queue waited ${duration(longest)} for its turn.`
    : `${count(tiles, 'picture')}${kind}: ${lanes}, up to ${most} at a time on it.`;
}

/** Fetches the picture from one origin and shows it as it comes. */
async function runAt(stage: Stage, box: HTMLElement, hold: number): Promise<TileSummary | null> {
  const origin = box.dataset.origin ?? location.origin;
  const note = box.querySelector('.mosaic-note');
  const places = [...box.querySelectorAll<HTMLElement>('.tile')];
  for (const place of places) place.replaceChildren();
  setText(note, 'asking …');
  const life = box.querySelector('.mosaic-life');
  life?.replaceChildren();
  life?.classList.add('awaited');
  // A first one alone, so that no picture waits for a handshake: what is left to wait for is a free connection.
  if ((await load(origin, 0, 0)) === null) {
    setText(note, unreachable(origin));
    life?.classList.remove('awaited');
    return null;
  }
  let arrived = 0;
  const tiles = (
    await Promise.all(
      places.map(async (place, n): Promise<Tile | null> => {
        const loaded = await load(origin, n, hold);
        if (!loaded) return null;
        arrived++;
        const tile = { ...loaded, arrived };
        place.append(loaded.image);
        stage.keep(meetTile(stage.tab, tile));
        const letter = tile.conn?.connection ? (letterOf(stage.tab, tile.conn.connection) ?? '?') : '';
        place.append(make('span', 'tile-mark', `${letter}${arrived}`));
        return tile;
      }),
    )
  ).filter((tile) => tile !== null);
  const counted = summary(tiles);
  const timeline = tilesTimeline(tiles, (id) => letterOf(stage.tab, id) ?? '?');
  setText(note, timeline.title);
  box.querySelector('.mosaic')?.setAttribute('aria-label', `The picture, whole. ${timeline.title}`);
  drawAt(box, timeline, true);
  byId('counts-body')?.append(row(origin, counted));
  return counted;
}

function meetTile(tab: Tab, { conn }: Tile): Tab {
  return conn?.connection ? meet(tab, conn.connection) : tab;
}

let runs = 0;

/** One picture as an image element, with what is known of its exchange; null when it does not come. */
async function load(
  origin: string,
  n: number,
  hold: number,
): Promise<(Omit<Tile, 'arrived'> & { image: HTMLImageElement }) | null> {
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const url = `${origin}/tile/${n}?hold=${hold}&theme=${theme}&run=${Date.now().toString(36)}${(runs++).toString(36)}`;
  const image = new Image();
  image.alt = '';
  // Else Chromium holds unimportant pictures back, six to a host, wherever it does not know yet that the server multiplexes.
  image.fetchPriority = 'high';
  const came = await new Promise<boolean>((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
  if (!came) return null;
  const entry = await entryOf(url);
  const metric = entry?.serverTiming?.find(({ name }) => name === 'conn');
  const conn = metric ? connFromServerTiming(`conn;desc="${metric.description}"`) : null;
  return {
    n,
    image,
    conn,
    timing: entry ? measure(entry) : { phases: [], handshake: null },
    protocol: conn?.protocol ?? null,
  };
}

function unreachable(origin: string): string {
  return origin.startsWith('https:') && !origin.startsWith(location.origin)
    ? 'Nothing came. Your browser does not trust the lab’s own certificate, or does not speak HTTP/3 with it; npm run browser opens one that does.'
    : 'Nothing came from here.';
}

function drawAt(box: HTMLElement, timeline: Timeline, dense: boolean): void {
  const life = box.querySelector<HTMLElement>('.mosaic-life');
  const details = box.querySelector('details');
  const table = box.querySelector('.mosaic-table');
  if (!life || timeline.lanes.length === 0) return;
  const idPrefix = `tiles-${new URL(box.dataset.origin ?? location.origin).port}`;
  life.innerHTML = timelineSvg(timeline, { width: Math.round(Math.min(life.clientWidth, 960)), idPrefix, dense });
  if (table) table.innerHTML = timelineTableHtml(timeline);
  if (details) details.hidden = false;
}

function row(origin: string, { protocol, connections, most, longest }: TileSummary): HTMLElement {
  const head = make('th', '', protocol ? protocolLook(protocol).name : 'not told');
  head.setAttribute('scope', 'row');
  head.append(' ', make('span', 'quiet', new URL(origin).host));
  return make(
    'tr',
    '',
    head,
    make('td', '', connections === 0 ? 'not named' : String(connections)),
    make('td', '', connections === 0 ? '' : String(most)),
    make('td', '', duration(longest)),
  );
}

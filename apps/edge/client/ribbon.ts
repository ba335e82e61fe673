import { duration } from '@interleave/trace/look';
import { letterOf, type Remembered, type Tab } from '../src/tab/memory.ts';
import { ribbonTicks } from '../src/tab/ticks.ts';
import { changeWords, endingWords, knownReason } from '../src/tab/words.ts';
import type { Arrival } from './arrival.ts';
import { byId, setText } from './dom.ts';
import { endingOf } from './lab.ts';

/** Gives the ribbon what only the tab knows: the connection's letter, the ticks of this tab, and what changed. */
export function drawRibbon(arrival: Arrival): void {
  const { record, before, tab } = arrival;
  const now = tab.exchanges.find((e) => e.id === record.request.id);
  if (!now) return;
  setText(byId('ribbon-letter'), letterOf(tab, now.connection) ?? '');
  drawTicks(tab, now);
  setText(byId('ribbon-change'), changeWords(before, now, tab));
  if (record.host === 'lab') void askWhy(before, now, tab);
}

/** The server knows why the last connection is gone. Asking is an exchange too, so it is done only when nobody here knows. */
async function askWhy(before: Tab, now: Remembered, tab: Tab): Promise<void> {
  const last = before.exchanges.filter((e) => e.id !== now.id).at(-1);
  if (!last || last.connection === now.connection || before.met.includes(now.connection)) return;
  const letter = letterOf(tab, last.connection) ?? '?';
  if (knownReason(before, last, now, letter) !== null) return;
  const ending = await endingOf(last.connection);
  if (ending === undefined) return;
  const own = letterOf(tab, now.connection) ?? '?';
  setText(byId('ribbon-change'), `Connection ${own} is new: ${endingWords(letter, ending?.cause ?? null)}`);
}

/** Moves the ribbon on with an exchange that the page itself has made. */
export function stepRibbon(before: Tab, now: Remembered, tab: Tab): void {
  setText(byId('ribbon-letter'), letterOf(tab, now.connection) ?? '');
  setText(byId('ribbon-id'), now.connection);
  if (now.nth !== null) setText(byId('ribbon-nth'), `exchange ${now.nth}`);
  setText(byId('ribbon-begin'), now.resumed ? 'resumed' : now.earlyData ? '0-RTT' : '');
  drawTicks(tab, now);
  setText(byId('ribbon-change'), changeWords(before, now, tab));
  if (now.openedAt !== null) keepAge(now.openedAt);
}

function drawTicks(tab: Tab, now: Remembered): void {
  const ticks = byId('ribbon-ticks');
  const own = tab.exchanges.filter((e) => e.connection === now.connection).map((e) => e.nth);
  if (ticks && now.nth !== null) ticks.innerHTML = ribbonTicks(now.nth, own);
}

let opened: number | null = null;
let isTicking = false;

/** Lets "opened 3.2 s ago" stay true while the page stands. */
export function keepAge(openedAt: number | null): void {
  opened = openedAt;
  if (opened === null) return;
  const write = (): void => {
    if (opened === null || document.hidden) return;
    const seconds = Math.floor((Date.now() - opened) / 1000);
    setText(byId('ribbon-age'), seconds < 1 ? 'opened just now' : `opened ${duration(seconds * 1000)} ago`);
  };
  write();
  if (!isTicking) setInterval(write, 1000);
  isTicking = true;
}

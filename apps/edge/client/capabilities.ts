import { readArrival } from './arrival.ts';
import { byId, setText } from './dom.ts';
import { drawRibbon, keepAge } from './ribbon.ts';

const arrival = readArrival();
if (arrival) {
  drawRibbon(arrival);
  keepAge(arrival.tab.exchanges.at(-1)?.openedAt ?? null);
  addEventListener('load', () => setTimeout(() => readArrival(arrival.before)), { once: true });
}
for (const hidden of document.querySelectorAll<HTMLElement>('.needs-script')) hidden.hidden = false;

/** True when this browser has what a path of names leads to, such as `PerformanceResourceTiming.serverTiming`. */
function has(path: string): boolean {
  const [name = '', member = ''] = path.split('.');
  const interfaceOf = (globalThis as Record<string, unknown>)[name];
  if (typeof interfaceOf !== 'function') return false;
  return member === 'prototype' || member in (interfaceOf.prototype as object);
}

const missing: string[] = [];
const cells = [...document.querySelectorAll<HTMLElement>('[data-field]')];
for (const cell of cells) {
  const field = cell.dataset.field ?? '';
  const isThere = has(field);
  if (!isThere) missing.push(field.replace('.prototype', '').replace(/^Performance\w+\./, ''));
  setText(cell, isThere ? 'tells it' : 'does not have it');
}
// A browser may have the field and leave it empty: outside of secure contexts, and for other origins without their leave.
const named = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
const isNamed = named?.serverTiming?.some(({ name }) => name === 'conn') ?? false;
setText(
  byId('browser-words'),
  [
    missing.length === 0
      ? `Your browser has all ${cells.length} of these.`
      : `Your browser has ${cells.length - missing.length} of ${cells.length} of these. Missing: ${missing.join(', ')}.`,
    isNamed
      ? 'It passed this server’s own word on the connection of this page on.'
      : 'It did not pass this server’s own word on the connection of this page on; the page carries it inside.',
  ].join(' '),
);

import { readArrival } from './arrival.ts';
import { drawRibbon, keepAge } from './ribbon.ts';

const arrival = readArrival();
if (arrival) {
  drawRibbon(arrival);
  keepAge(arrival.tab.exchanges.at(-1)?.openedAt ?? null);
  // Only now is it known how long the page itself took to arrive.
  addEventListener('load', () => setTimeout(() => readArrival(arrival.before)), { once: true });
}

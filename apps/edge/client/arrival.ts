import { type RequestRecord, type Verdict, verdict } from '@interleave/trace';
import { remember, remembered, type Tab } from '../src/tab/memory.ts';
import { byId } from './dom.ts';
import { loadTab, saveTab } from './store.ts';
import { evidenceOf, measure } from './timing.ts';

/** How this page arrived: what the server said, what the browser adds, and what the tab knew before and knows now. */
export interface Arrival {
  readonly record: RequestRecord;
  readonly verdict: Verdict;
  readonly before: Tab;
  readonly tab: Tab;
}

/** Reads the record that the server put into the page, and joins it with the browser's own timing of the navigation. */
export function readArrival(before: Tab = loadTab()): Arrival | null {
  const json = byId('record')?.textContent;
  if (!json) return null;
  const record = JSON.parse(json) as RequestRecord;
  const entry = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  const id = record.facts.connectionId.value;
  const evidence = evidenceOf(entry ?? null, { sameRequest: null, seen: id === null ? null : before.met.includes(id) });
  const joined = verdict(record.facts, evidence);
  const timing = entry ? measure(entry) : { phases: [], handshake: null };
  const exchange = remembered(record, joined, timing, `${record.request.method} ${record.request.path}`);
  const tab = exchange ? remember(before, exchange) : before;
  saveTab(tab);
  return { record, verdict: joined, before, tab };
}

import { EMPTY, parseTab, type Tab } from '../src/tab/memory.ts';

const KEY = 'interleave';

/** What this tab remembers. A browser that forbids storage remembers for one page. */
export function loadTab(): Tab {
  try {
    return parseTab(sessionStorage.getItem(KEY));
  } catch {
    return EMPTY;
  }
}

export function saveTab(tab: Tab): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(tab));
  } catch {
    // Storage is full or forbidden: the page works, the next one starts anew.
  }
}

import { type Arrival, readArrival } from '../arrival.ts';
import { byId, setText } from '../dom.ts';
import { drawRibbon, keepAge } from '../ribbon.ts';

/** Sets the page up as every page is: the ribbon, what needs a script. A drawing of the tab is not on this one. */
export function arrive(): Arrival | null {
  for (const hidden of document.querySelectorAll<HTMLElement>('.needs-script')) hidden.hidden = false;
  const arrival = readArrival();
  if (arrival === null) return null;
  drawRibbon(arrival);
  keepAge(arrival.tab.exchanges.find((e) => e.id === arrival.record.request.id)?.openedAt ?? null);
  // Only now is it known how long the page itself took to arrive.
  addEventListener('load', () => setTimeout(() => readArrival(arrival.before)), { once: true });
  return arrival;
}

/** What the button does, one at a time; what fails is said. */
export function onMore(work: () => Promise<string>): void {
  const button = byId<HTMLButtonElement>('more');
  let isBusy = false;
  button?.addEventListener('click', () => {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-disabled', 'true');
    work()
      .catch((error: unknown) => `No answer came: ${error instanceof Error ? error.message : String(error)}.`)
      .then((said) => {
        setText(byId('outcome'), said);
        isBusy = false;
        button.removeAttribute('aria-disabled');
      });
  });
}

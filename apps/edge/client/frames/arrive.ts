import { type Arrival, readArrival } from '../arrival.ts';
import { byId, setText } from '../dom.ts';
import { answerGuess, prepareGuess } from '../guess.ts';
import { drawRibbon, keepAge } from '../ribbon.ts';

/** Sets the page up as every page is: the ribbon, what needs a script. A drawing of the tab is not on this one. */
export function arrive(): Arrival | null {
  for (const hidden of document.querySelectorAll<HTMLElement>('.needs-script')) hidden.hidden = false;
  prepareGuess();
  const arrival = readArrival();
  if (arrival === null) return null;
  drawRibbon(arrival);
  keepAge(arrival.tab.exchanges.find((e) => e.id === arrival.record.request.id)?.openedAt ?? null);
  // Only now is it known how long the page itself took to arrive.
  addEventListener('load', () => setTimeout(() => readArrival(arrival.before)), { once: true });
  return arrival;
}

/** What came of a run: a sentence, and what the guess was about. */
export interface Ran {
  readonly said: string;
  readonly counted: string;
}

/** What the button does with the number that is chosen, one run at a time; what fails is said. */
export function onRun(work: (n: number) => Promise<Ran>): void {
  const button = byId<HTMLButtonElement>('run');
  const input = byId<HTMLInputElement>('n');
  let isBusy = false;
  button?.addEventListener('click', () => {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-disabled', 'true');
    const n = Math.min(12, Math.max(1, Math.round(Number(input?.value)) || 1));
    setAddress(`${location.pathname}?n=${n}`);
    work(n)
      .then(({ said, counted }) => {
        setText(byId('outcome'), said);
        answerGuess(counted);
      })
      .catch((error: unknown) => {
        setText(byId('outcome'), `No answer came: ${error instanceof Error ? error.message : String(error)}.`);
      })
      .finally(() => {
        isBusy = false;
        button.removeAttribute('aria-disabled');
      });
  });
}

function setAddress(url: string): void {
  history.replaceState(null, '', url);
  const link = byId('address');
  setText(link, url);
  link?.setAttribute('href', url);
}

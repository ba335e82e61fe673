/** One Chromium that stays up, and pages that are ready before they are asked for. */
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test';
import { chromiumFlags, findChromium, NO_CHROMIUM } from './find.ts';

export type WarmPage = {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Done with: one that has a context of its own ends with its context, one that shares serves the next check. */
  close(): Promise<void>;
};

/**
 * What a page may share. Behind a server of its own, on a port of its own, a page meets nothing of those before it: they
 * share a context, and Chromium the cost of one. A page in which learner code runs is `alone`: what hangs or grows in there
 * holds up nobody.
 */
export type PageKind = 'shared' | 'alone';

/** Checks in front of one context before another one takes its place. */
const MOST_CHECKS = 25;
/** Pages of a context that wait for their next check. */
const MOST_WAITING = 3;
/** A page that is not empty by then is closed; another one takes its place. */
const EMPTY_MS = 5000;

type Shared = { readonly context: Promise<BrowserContext>; checks: number; open: number };

export class WarmChromium {
  readonly #browser: Browser;
  readonly #isOurs: boolean;
  readonly #spares: Record<PageKind, Promise<WarmPage>[]> = { shared: [], alone: [] };
  #shared: Shared | null = null;

  private constructor(browser: Browser, isOurs: boolean) {
    this.#browser = browser;
    this.#isOurs = isOurs;
  }

  /**
   * @param flags - besides those that every judging Chromium has
   * @throws when there is no Chromium, or it does not start: the message says what to type.
   */
  static async launch(flags: readonly string[] = []): Promise<WarmChromium> {
    const found = findChromium();
    if (found === null) throw new Error(NO_CHROMIUM);
    // Signals are the watcher's to handle: it ends the browser itself, after the terminal is put right.
    const options = {
      executablePath: found.path,
      args: [...chromiumFlags(), ...flags],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    };
    const warm = new WarmChromium(await chromium.launch(options), true);
    warm.prepare('shared');
    return warm;
  }

  /** A browser that somebody else started and will close, such as Playwright's test runner. */
  static over(browser: Browser): WarmChromium {
    return new WarmChromium(browser, false);
  }

  get connected(): boolean {
    return this.#browser.isConnected();
  }

  /** Calls `run` when the browser is gone, however that comes; at once where it is gone already. */
  whenGone(run: () => void): void {
    if (this.connected) this.#browser.once('disconnected', run);
    else run();
  }

  /** Contexts that are open: those that are ready, and those of checks under way. */
  get contexts(): number {
    return this.#browser.contexts().length;
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Makes the next pages ahead of time, until so many wait. */
  prepare(kind: PageKind, pages: number = 1): void {
    // A page of somebody else's browser is made when its check begins: then it belongs to that check's trace.
    if (!this.connected || !this.#isOurs) return;
    while (this.#spares[kind].length < pages) this.#keep(kind, this.#make(kind));
  }

  /** A fresh page with a CDP session. Close it when done. */
  async take(kind: PageKind): Promise<WarmPage> {
    return this.#spares[kind].shift() ?? this.#make(kind);
  }

  #keep(kind: PageKind, spare: Promise<WarmPage>): void {
    // Told when it is taken.
    spare.catch(() => {});
    this.#spares[kind].push(spare);
  }

  async close(): Promise<void> {
    const spares = Object.values(this.#spares).flatMap((kept) => kept.splice(0));
    await Promise.all(spares.map((spare) => spare.then((it) => it.page.close()).catch(() => {})));
    if (this.#isOurs) await this.#browser.close().catch(() => {});
  }

  async #make(kind: PageKind): Promise<WarmPage> {
    const shared = kind === 'shared' && this.#isOurs ? this.#sharing() : null;
    const context = await (shared?.context ?? this.#browser.newContext());
    try {
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      await cdp.send('Network.enable');
      return { page, cdp, close: () => (shared === null ? context.close() : this.#giveBack(page, cdp, shared)) };
    } catch (error) {
      // Nobody uses it again: whatever was wrong with it would be wrong once more.
      if (this.#shared === shared) this.#shared = null;
      await context.close().catch(() => {});
      throw error;
    }
  }

  #sharing(): Shared {
    if (this.#shared === null || this.#shared.checks >= MOST_CHECKS)
      this.#shared = { context: this.#browser.newContext(), checks: 0, open: 0 };
    this.#shared.checks += 1;
    this.#shared.open += 1;
    return this.#shared;
  }

  /** A page that is done with serves again: to make one costs more than most checks do in it. */
  async #giveBack(page: Page, cdp: CDPSession, shared: Shared): Promise<void> {
    const isWanted = shared === this.#shared && shared.checks < MOST_CHECKS && this.connected;
    if (!isWanted || this.#spares.shared.length >= MOST_WAITING) return this.#leave(page, shared);
    shared.checks += 1;
    const emptied = this.#empty(page, cdp, shared);
    this.#keep(
      'shared',
      emptied.catch(() => this.#make('shared')),
    );
    // Whatever keeps it from being emptied would be in the way of the next check.
    await emptied.catch(() => this.#leave(page, shared));
  }

  /** Ends the document with all that it waits for, and whoever listens to the page. */
  async #empty(page: Page, cdp: CDPSession, shared: Shared): Promise<WarmPage> {
    await cdp.detach();
    await page.goto('about:blank', { timeout: EMPTY_MS });
    const next = await page.context().newCDPSession(page);
    await next.send('Network.enable');
    return { page, cdp: next, close: () => this.#giveBack(page, next, shared) };
  }

  async #leave(page: Page, shared: Shared): Promise<void> {
    await page.close();
    shared.open -= 1;
    // The one that is in use stays, though it may be empty for a moment.
    if (shared.open === 0 && shared !== this.#shared) await (await shared.context).close();
  }
}

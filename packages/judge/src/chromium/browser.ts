/** One Chromium that stays up, and a page that is ready before it is asked for: a new context for each check. */
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test';
import { chromiumFlags, findChromium, NO_CHROMIUM } from './find.ts';

export type WarmPage = {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Ends the page; one that has a context of its own, with its context. */
  close(): Promise<void>;
};

/**
 * What a page may share. Behind a server of its own, on a port of its own, a page meets nothing of those before it: they
 * share a context, and Chromium the cost of one. A page in which learner code runs is `alone`: what hangs or grows in there
 * holds up nobody.
 */
export type PageKind = 'shared' | 'alone';

/** Pages in one context before another one takes its place. */
const MOST_PAGES = 25;

type Shared = { readonly context: Promise<BrowserContext>; made: number; open: number };

export class WarmChromium {
  readonly #browser: Browser;
  readonly #isOurs: boolean;
  readonly #spares = new Map<PageKind, Promise<WarmPage>>();
  #shared: Shared | null = null;

  private constructor(browser: Browser, isOurs: boolean) {
    this.#browser = browser;
    this.#isOurs = isOurs;
  }

  /** @throws when there is no Chromium, or it does not start: the message says what to type. */
  static async launch(): Promise<WarmChromium> {
    const found = findChromium();
    if (found === null) throw new Error(NO_CHROMIUM);
    // Signals are the watcher's to handle: it ends the browser itself, after the terminal is put right.
    const options = {
      executablePath: found.path,
      args: chromiumFlags(),
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

  /** Contexts that are open: those that are ready, and those of checks under way. */
  get contexts(): number {
    return this.#browser.contexts().length;
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Makes the next page ahead of time. */
  prepare(kind: PageKind): void {
    // A page of somebody else's browser is made when its check begins: then it belongs to that check's trace.
    if (this.#spares.has(kind) || !this.connected || !this.#isOurs) return;
    const spare = this.#make(kind);
    // Told when it is taken.
    spare.catch(() => {});
    this.#spares.set(kind, spare);
  }

  /** A fresh page with a CDP session. Close it when done. */
  async take(kind: PageKind): Promise<WarmPage> {
    const spare = this.#spares.get(kind) ?? this.#make(kind);
    this.#spares.delete(kind);
    return spare;
  }

  async close(): Promise<void> {
    const spares = [...this.#spares.values()];
    this.#spares.clear();
    await Promise.all(spares.map((spare) => spare.then((it) => it.close()).catch(() => {})));
    if (this.#isOurs) await this.#browser.close().catch(() => {});
  }

  async #make(kind: PageKind): Promise<WarmPage> {
    const shared = kind === 'shared' && this.#isOurs ? this.#sharing() : null;
    const context = await (shared?.context ?? this.#browser.newContext());
    try {
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      await cdp.send('Network.enable');
      return { page, cdp, close: () => (shared === null ? context.close() : this.#leave(page, shared)) };
    } catch (error) {
      // Nobody uses it again: whatever was wrong with it would be wrong once more.
      if (this.#shared === shared) this.#shared = null;
      await context.close().catch(() => {});
      throw error;
    }
  }

  #sharing(): Shared {
    if (this.#shared === null || this.#shared.made >= MOST_PAGES)
      this.#shared = { context: this.#browser.newContext(), made: 0, open: 0 };
    this.#shared.made += 1;
    this.#shared.open += 1;
    return this.#shared;
  }

  async #leave(page: Page, shared: Shared): Promise<void> {
    await page.close();
    shared.open -= 1;
    // The one that is in use stays, though it may be empty for a moment.
    if (shared.open === 0 && shared !== this.#shared) await (await shared.context).close();
  }
}

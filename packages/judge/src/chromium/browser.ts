/** One Chromium that stays up, and a page that is ready before it is asked for: a new context for each check. */
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test';
import { chromiumFlags, findChromium, NO_CHROMIUM } from './find.ts';

export type WarmPage = { readonly context: BrowserContext; readonly page: Page; readonly cdp: CDPSession };

export class WarmChromium {
  readonly #browser: Browser;
  readonly #isOurs: boolean;
  #spare: Promise<WarmPage> | null = null;

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
    warm.prepare();
    return warm;
  }

  /** A browser that somebody else started and will close, such as Playwright's test runner. */
  static over(browser: Browser): WarmChromium {
    return new WarmChromium(browser, false);
  }

  get connected(): boolean {
    return this.#browser.isConnected();
  }

  /** Contexts that are open: the one that is ready, and those of checks under way. */
  get contexts(): number {
    return this.#browser.contexts().length;
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Makes the next page ahead of time. */
  prepare(): void {
    // A page of somebody else's browser is made when its check begins: then it belongs to that check's trace.
    if (this.#spare !== null || !this.connected || !this.#isOurs) return;
    this.#spare = this.#make();
    // Told when it is taken.
    this.#spare.catch(() => {});
  }

  /** A fresh context with a page and a CDP session. Close the context when done. */
  async take(): Promise<WarmPage> {
    const spare = this.#spare ?? this.#make();
    this.#spare = null;
    return spare;
  }

  async close(): Promise<void> {
    const spare = this.#spare;
    this.#spare = null;
    await spare?.then(({ context }) => context.close()).catch(() => {});
    if (this.#isOurs) await this.#browser.close().catch(() => {});
  }

  async #make(): Promise<WarmPage> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    return { context, page, cdp };
  }
}

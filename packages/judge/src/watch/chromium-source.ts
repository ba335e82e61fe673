/** Where the browser comes from: launched when it is first needed, kept warm, started again when it is gone. */
import { WarmChromium } from '../chromium/browser.ts';
import { findChromium, NO_CHROMIUM } from '../chromium/find.ts';

export class ChromiumSource {
  #launch: Promise<WarmChromium> | null = null;
  #closed = false;
  readonly #enabled: boolean;

  /** `enabled: false` for machines that shall not start a browser: then every browser check is skipped, and says so. */
  constructor(enabled = true) {
    this.#enabled = enabled;
  }

  /** Why there is no browser, or null when there is one. Looked up anew each time: one may be on its way. */
  missing(): string | null {
    if (!this.#enabled) return 'Chromium is switched off';
    try {
      return findChromium() === null ? NO_CHROMIUM : null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Whoever comes while one is being started waits for that one: a second one would be nobody's to close. */
  get(): Promise<WarmChromium> {
    const anew = async (): Promise<WarmChromium> => {
      if (this.#closed) throw new Error('The judge is closing.');
      return WarmChromium.launch();
    };
    this.#launch =
      this.#launch === null ? anew() : this.#launch.then((running) => (running.connected ? running : anew()), anew);
    return this.#launch;
  }

  /** Starts it ahead of time; a failure is told when it is needed. */
  warm(): void {
    if (this.missing() === null) this.get().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = await this.#launch?.catch(() => null);
    await running?.close();
  }
}

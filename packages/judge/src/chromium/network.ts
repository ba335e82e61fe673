/** What Chromium itself says about each request: over the DevTools protocol, by its own connection ids. */
import type { CDPSession } from '@playwright/test';

export type BrowserRequest = {
  /** `GET /a`. */
  readonly request: string;
  readonly id: string;
  /** Chromium's number of the connection; null until a response came, or where there was none. */
  connection: string | null;
  /** What Chromium spoke on it, such as `h2`: ALPN's name. */
  protocol: string | null;
  status: number | null;
  /** Net error, such as `net::ERR_EMPTY_RESPONSE`. */
  error: string | null;
  done: boolean;
};

/** Listens from now on. Only requests to `origin` are kept. */
export class NetworkLog {
  readonly requests: BrowserRequest[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(cdp: CDPSession, origin: string) {
    const find = (id: string): BrowserRequest | undefined => this.requests.findLast((request) => request.id === id);
    cdp.on('Network.requestWillBeSent', ({ requestId, request }) => {
      if (!request.url.startsWith(`${origin}/`)) return;
      const target = request.url.slice(origin.length);
      this.requests.push({
        request: `${request.method} ${target}`,
        id: requestId,
        connection: null,
        protocol: null,
        status: null,
        error: null,
        done: false,
      });
    });
    cdp.on('Network.responseReceived', ({ requestId, response }) => {
      const request = find(requestId);
      if (request === undefined) return;
      request.status = response.status;
      request.protocol = response.protocol ?? null;
      // 0 stands for "none": a cache, or an error page.
      if (response.connectionId !== 0) request.connection = String(response.connectionId);
      this.#changed();
    });
    cdp.on('Network.loadingFinished', ({ requestId }) => this.#end(find(requestId), null));
    cdp.on('Network.loadingFailed', ({ requestId, errorText }) => this.#end(find(requestId), errorText));
  }

  /** The latest request of this name. */
  latest(request: string): BrowserRequest | undefined {
    return this.requests.findLast((r) => r.request === request);
  }

  /** Resolves when every request so far has ended: events of the protocol arrive a little after the page knows. */
  async settled(): Promise<void> {
    while (this.requests.some((request) => !request.done))
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #end(request: BrowserRequest | undefined, error: string | null): void {
    if (request === undefined) return;
    request.done = true;
    request.error = error;
    this.#changed();
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Judges in a Chromium page: the raw judge in a module worker, learner modules served as they would be by the workshop. */
import type { Page } from '@playwright/test';
import type { Exercise } from '../../exercise.ts';
import { rawChecks } from '../../raw/judge.ts';
import type { CheckResult } from '../../result.ts';
import { bundled } from '../bundle.ts';
import { Protocol, SILENT_MS, START_MS } from '../lines.ts';
import type { Program } from '../program.ts';
import { settleRest } from '../rest.ts';
import type { PageMessage, PageTask } from './entry.ts';

/** The judge for a page, as one module script: `new Worker(url, { type: 'module' })`, then post a `PageTask`. */
export function pageWorkerScript(): Promise<string> {
  return bundled('page/entry.ts');
}

/** What to serve at `<base>learner~<check>/<path>`, as `text/javascript`; null when there is no such file. */
export function learnerModule(program: Program, path: string): string | null {
  const file = /^learner~[^/]*\/(.+)$/.exec(path)?.[1];
  return (file === undefined ? undefined : program.files[decodeURIComponent(file)]?.js) ?? null;
}

export function pageTask(exercise: Exercise, program: Program, base: string, only?: readonly string[]): PageTask {
  return {
    host: 'page',
    exercise,
    only: only ?? null,
    sources: Object.entries(program.files).map(([path, { lines, prelude }]) => [path, { lines, prelude }]),
    base,
  };
}

const ORIGIN = 'http://judge.localhost';

export class PageHost {
  #open: () => Promise<Page>;

  /** @param open - gives a fresh page; it is closed after each run. */
  constructor(open: () => Promise<Page>) {
    this.#open = open;
  }

  close(): void {
    // Each run closes its own page; the browser belongs to whoever gave it.
  }

  /** One result for each raw check that was asked for. Nothing leaves the browser: every address is answered from memory. */
  async judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckResult[]> {
    const { only, signal } = options;
    signal?.throwIfAborted();
    const script = await pageWorkerScript();
    const page = await this.#open();
    const close = (): void => void page.close().catch(() => {});
    signal?.addEventListener('abort', close, { once: true });
    try {
      await page.route(`${ORIGIN}/**`, (route) => {
        const path = new URL(route.request().url()).pathname.slice(1);
        if (path === '')
          return route.fulfill({
            contentType: 'text/html',
            body: '<!doctype html><link rel="icon" href="data:,"><title>judge</title>',
          });
        const body = path === 'judge.js' ? script : learnerModule(program, path);
        return body === null ? route.fulfill({ status: 404 }) : route.fulfill({ contentType: 'text/javascript', body });
      });
      await page.goto(`${ORIGIN}/`);
      const task: unknown = pageTask(exercise, program, `${ORIGIN}/`, only);
      const messages = await page.evaluate(play, { task, start: START_MS, silent: SILENT_MS });
      const protocol = new Protocol();
      for (const message of messages) protocol.receive(message);
      return settleRest(exercise, rawChecks(exercise, only), protocol.results, protocol.current, '');
    } finally {
      signal?.removeEventListener('abort', close);
      await page.close().catch(() => {});
      signal?.throwIfAborted();
    }
  }
}

/** Runs in the page. */
function play({ task, start, silent }: { task: unknown; start: number; silent: number }): Promise<PageMessage[]> {
  return new Promise((resolve, reject) => {
    const messages: PageMessage[] = [];
    const worker = new Worker('/judge.js', { type: 'module' });
    const over = (): void => {
      clearTimeout(timer);
      worker.terminate();
      resolve(messages);
    };
    let timer = setTimeout(over, start);
    worker.onmessage = (event: MessageEvent<PageMessage>) => {
      clearTimeout(timer);
      timer = setTimeout(over, silent);
      if (event.data.say === 'done') over();
      else if (event.data.say !== 'alive') messages.push(event.data);
    };
    worker.onerror = (event) => reject(new Error(`The judge does not start in the page: ${event.message}`));
    worker.postMessage(task);
  });
}

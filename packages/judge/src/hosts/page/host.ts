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

/** What a page host needs of a page. */
export type HostPage = { readonly page: Page; close(): Promise<void> };

export class PageHost {
  readonly #open: () => Promise<HostPage>;
  #opened: Promise<HostPage> | null = null;
  /** What is served for each run that is under way. */
  readonly #programs = new Map<string, Program>();
  #runs = 0;

  /** @param open - gives a fresh page. It serves run after run, each in a worker of its own, until one of them hangs. */
  constructor(open: () => Promise<HostPage>) {
    this.#open = open;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.then((it) => it.close()).catch(() => {});
  }

  /** One result for each raw check that was asked for. Nothing leaves the browser: every address is answered from memory. */
  async judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckResult[]> {
    const { only, signal } = options;
    signal?.throwIfAborted();
    const run = `run-${++this.#runs}`;
    this.#programs.set(run, program);
    const { page } = await this.#ready();
    let isWhole = false;
    const close = (): void => void this.close();
    signal?.addEventListener('abort', close, { once: true });
    try {
      const task: unknown = pageTask(exercise, program, `${ORIGIN}/${run}/`, only);
      const messages = await page.evaluate(play, { task, start: START_MS, silent: SILENT_MS });
      isWhole = messages.at(-1)?.say === 'done';
      const protocol = new Protocol();
      for (const message of messages) protocol.receive(message);
      return settleRest(exercise, rawChecks(exercise, only), protocol.results, protocol.current, '');
    } finally {
      signal?.removeEventListener('abort', close);
      this.#programs.delete(run);
      // What hung in its worker may hang on in its process.
      if (!isWhole) await this.close();
      signal?.throwIfAborted();
    }
  }

  async #ready(): Promise<HostPage> {
    const opened = await this.#opened?.catch(() => null);
    if (opened != null && !opened.page.isClosed()) return opened;
    this.#opened = this.#prepare();
    return this.#opened;
  }

  async #prepare(): Promise<HostPage> {
    const script = await pageWorkerScript();
    const opened = await this.#open();
    await opened.page.route(`${ORIGIN}/**`, (route) => {
      const path = new URL(route.request().url()).pathname.slice(1);
      if (path === '')
        return route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><link rel="icon" href="data:,"><title>judge</title>',
        });
      const [run = '', ...rest] = path.split('/');
      const program = this.#programs.get(run);
      const body = path === 'judge.js' ? script : program === undefined ? null : learnerModule(program, rest.join('/'));
      return body === null ? route.fulfill({ status: 404 }) : route.fulfill({ contentType: 'text/javascript', body });
    });
    await opened.page.goto(`${ORIGIN}/`);
    return opened;
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
      if (event.data.say !== 'alive') messages.push(event.data);
      if (event.data.say === 'done') over();
    };
    worker.onerror = (event) => reject(new Error(`The judge does not start in the page: ${event.message}`));
    worker.postMessage(task);
  });
}

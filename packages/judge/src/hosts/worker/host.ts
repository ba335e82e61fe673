/** Judges in a Worker: workerd, started by Miniflare, with a copy of the learner's modules for each check. */
import { Response as Answer, convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Exercise } from '../../exercise.ts';
import { rawChecks } from '../../raw/judge.ts';
import type { PortableTask } from '../../raw/portable.ts';
import type { CheckResult } from '../../result.ts';
import { bundled } from '../bundle.ts';
import { type HostMessage, Protocol, Silence } from '../lines.ts';
import type { Program } from '../program.ts';
import { settleRest } from '../rest.ts';

const COMPATIBILITY_DATE = '2026-11-01';
export class WorkerHost {
  #running = new Set<Miniflare>();

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.dispose()));
    this.#running.clear();
  }

  /** One result for each raw check that was asked for. Rejects when workerd does not start, or `signal` is aborted. */
  async judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckResult[]> {
    const { only, signal } = options;
    signal?.throwIfAborted();
    const checks = rawChecks(exercise, only);
    const modules = [{ type: 'ESModule' as const, path: 'judge.js', contents: await bundled('worker/entry.ts') }];
    for (const check of checks) {
      for (const [path, file] of Object.entries(program.files)) {
        modules.push({ type: 'ESModule', path: `work/learner~${check.id}/${path}`, contents: file.js });
      }
    }
    const protocol = new Protocol();
    const silence = new Silence(signal);
    const HOST = async (request: { json(): Promise<unknown> }): Promise<Answer> => {
      silence.heard();
      protocol.receive((await request.json()) as HostMessage);
      return new Answer(null, { status: 204 });
    };
    const worker = new Miniflare(
      convertV4MiniflareOptions({
        workers: [{ name: 'judge', modules, compatibilityDate: COMPATIBILITY_DATE, serviceBindings: { HOST } }],
      }),
    );
    this.#running.add(worker);
    try {
      const task: PortableTask = {
        host: 'worker',
        exercise,
        only: only ?? null,
        sources: Object.entries(program.files).map(([path, { lines, prelude }]) => [path, { lines, prelude }]),
      };
      const done = worker.dispatchFetch('http://judge/', { method: 'POST', body: JSON.stringify(task) });
      await Promise.race([done, silence.promise]);
      signal?.throwIfAborted();
      return settleRest(exercise, checks, protocol.results, protocol.current, '');
    } finally {
      silence.stop();
      this.#running.delete(worker);
      await worker.dispose();
    }
  }
}

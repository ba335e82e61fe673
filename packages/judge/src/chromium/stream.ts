/** Plays `stream`: the page reads a reply piece by piece, and the next piece is made only when it has read the one before. */
import type { BrowserCheck, BrowserStep } from '../exercise.ts';
import { bytesOf, latin1, readable } from '../raw/bytes.ts';
import type { WarmPage } from './browser.ts';
import { brokenReply, otherReply } from './failures.ts';
import type { NetworkLog } from './network.ts';
import { CheckFailed, type LearnerServer } from './server.ts';
import { netErrorWords } from './words.ts';

type Run = {
  readonly check: BrowserCheck;
  readonly server: LearnerServer;
  readonly warm: WarmPage;
  readonly network: NetworkLog;
  /** Fails when the learner owes an answer that does not come. */
  within<T>(request: string, promise: Promise<T>): Promise<T>;
};

/** @throws CheckFailed when the first piece does not come by itself, or the whole is another one. */
export async function playStream(step: Extract<BrowserStep, { do: 'stream' }>, run: Run): Promise<void> {
  const { check, server, warm } = run;
  const request = `${step.method} ${step.path}`;
  const first = latin1(bytesOf(step.first));
  const whole = latin1(bytesOf(step.body));
  const read = (most: number | null): Promise<Read> =>
    warm.page.evaluate(readInPage, { method: step.method, path: step.path, most });
  const piece = await run.within(request, read(first.length)).catch(async (error: unknown) => {
    if (!(error instanceof CheckFailed) || !['silent', 'incomplete'].includes(error.failure.cause)) throw error;
    const headline = `Chromium still waits for "${readable(first, 30)}" of ${request}; the handler made it long ago.`;
    const expected = `"${readable(first, 30)}" in the page, before the next piece is made`;
    throw new CheckFailed({ ...error.failure, headline, expected });
  });
  await must(piece, first);
  server.release(step.release);
  await must(await run.within(request, read(null)), whole);

  async function must(got: Read, body: string): Promise<void> {
    if ('error' in got) {
      await run.within(request, run.network.settled());
      const why = netErrorWords(run.network.latest(request)?.error ?? got.error);
      throw new CheckFailed(brokenReply(check, request, why, await server.report()));
    }
    if (got.status !== 200 || got.body !== body)
      throw new CheckFailed(otherReply(check, request, got, { status: 200, body }, await server.report()));
  }
}

type Read = { status: number; body: string } | { error: string };

/** Runs in the page: begins the fetch where none is under way, and reads `most` bytes of it in all, or to its end. */
async function readInPage(given: { method: string; path: string; most: number | null }): Promise<Read> {
  type Stream = { status: number; body: string; reader: ReadableStreamDefaultReader<Uint8Array> | undefined };
  const kept = globalThis as { streamUnderWay?: Stream };
  try {
    if (kept.streamUnderWay === undefined) {
      const response = await fetch(given.path, { method: given.method, cache: 'no-store' });
      kept.streamUnderWay = { status: response.status, body: '', reader: response.body?.getReader() };
    }
    const stream = kept.streamUnderWay;
    while (given.most === null || stream.body.length < given.most) {
      const next = await stream.reader?.read();
      if (next === undefined || next.done) break;
      for (const byte of next.value) stream.body += String.fromCharCode(byte);
    }
    if (given.most === null) delete kept.streamUnderWay;
    return { status: stream.status, body: stream.body };
  } catch (error) {
    return { error: String(error) };
  }
}

/** Says what went wrong between the learner's client and their server: whose answer came, what stands still, what was done twice. */
import { latin1, readable } from '../bytes.ts';
import { messageOf } from '../engine.ts';
import { receivedExcerpt, writeAt } from '../excerpt.ts';
import type { StepFailed } from '../world.ts';
import type { Ask, Dialled } from './client-asks.ts';
import { times } from './client-failure.ts';
import { ClientFailures } from './client-failures.ts';
import type { Carried, Run } from './link.ts';
import type { Progress } from './link-broken.ts';

export class LinkFailures extends ClientFailures {
  /** It has an answer, and it is the one to another request. */
  answerOf(conn: Dialled | null, ask: Ask, other: string): StepFailed {
    return this.fail('wrong bytes', `${ask.step.request} was given the answer to ${other}.`, conn, {
      facts: [`it asked for ${ask.step.request}, and read "${readable(text(ask), 30)}"`],
      expected: `the answer to ${ask.step.request}`,
    });
  }

  /** It rejected, because it was written where nobody could answer any more; null when that is not the reason. */
  writtenTooLate(run: Run, ask: Ask): StepFailed | null {
    const { request } = ask.step;
    if (ask.settled?.how !== 'rejected') return null;
    for (const { conn, link } of run.carried) {
      const at = latin1(conn.pipe.received).lastIndexOf(`${request} `);
      if (at < 0 || link.writtenAtEnd === null || at < link.writtenAtEnd) continue;
      return this.fail('wrong connection', `${request} was written to ${conn.pipe.id}, which had ended.`, conn, {
        received: receivedExcerpt(conn.pipe, at, { at, text: `${conn.pipe.id} had ended here` }),
        facts: [`it rejected: ${readable(messageOf(ask.settled.error), 60)}`],
        expected: `${request} on a connection that is open`,
        at: [this.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
      });
    }
    return null;
  }

  /** Nothing moves any more, and somebody still waits. */
  stuck(run: Run, ask: Ask): StepFailed {
    const open = run.asks.filter((one) => one.ask.settled === null).length;
    const carried = run.carrier(ask.step.request) ?? run.carried.at(-1) ?? null;
    const answered = run.asks.length - open;
    return this.fail(
      'never settled',
      `${times(answered, 'request')} of ${run.asks.length} ${answered === 1 ? 'has' : 'have'} an answer, and nothing moves any more.`,
      carried?.conn ?? null,
      {
        facts: [...(carried === null ? ['nothing was dialled'] : standstill(carried)), this.left()],
        expected: `an answer to ${ask.step.request}`,
        at: carried === null ? [] : [this.waits([carried.conn])],
      },
    );
  }

  /** Rejected or broken, though that was not called for. */
  lost(run: Run, ask: Ask, progress: Progress): StepFailed {
    const { request } = ask.step;
    const carried = run.carrier(request);
    const had = progress === 'never sent' ? 'and it was on no connection' : 'and not a byte of its reply had come';
    const error =
      ask.settled?.how === 'rejected' ? ask.settled.error : typeof ask.body === 'object' ? ask.body.failed : null;
    return this.fail('crashed', `${request} failed, ${had}.`, carried?.conn ?? null, {
      facts: [readable(messageOf(error), 80), where(run, request)],
      expected: `${request} goes out again on the next connection`,
      at: [this.place(error instanceof Error ? error : null, 'threw')],
    });
  }

  lostThoughAnswered(run: Run, ask: Ask): StepFailed {
    const { request } = ask.step;
    const error =
      ask.settled?.how === 'rejected' ? ask.settled.error : typeof ask.body === 'object' ? ask.body.failed : null;
    return this.fail(
      'crashed',
      `${request} failed, though its whole reply had come.`,
      run.carrier(request)?.conn ?? null,
      {
        facts: [readable(messageOf(error), 80), where(run, request)],
        expected: `an answer to ${request}`,
        at: [this.place(error instanceof Error ? error : null, 'threw')],
      },
    );
  }

  cutTakenForWhole(run: Run, ask: Ask): StepFailed {
    const { request } = ask.step;
    const headline = `The answer to ${request} came to a clean end, though its reply broke off.`;
    const conn = run.carrier(request)?.conn ?? null;
    const tail = conn === null ? '' : String.fromCharCode(...conn.pipe.sent.slice(-24));
    return this.fail('wrong length', headline, conn, {
      facts: [`the last bytes that came on ${conn?.pipe.id}: "${readable(tail, 60)}"`],
      expected: 'a rejection, or an error at the end of what came',
    });
  }

  handledAgain(run: Run, request: string, calls: number): StepFailed {
    return this.fail(
      'handler',
      `The handler was called ${times(calls, 'time')} for ${request}.`,
      run.carrier(request)?.conn ?? null,
      { facts: [where(run, request)], expected: `at most one call for ${request}` },
    );
  }

  unknownRequest(request: string, trace: Error): StepFailed {
    return this.fail(
      'handler',
      `The handler was called for ${readable(request, 40)}, and nobody asked for that.`,
      null,
      {
        expected: 'requests as they were asked for',
        at: [this.place(trace, 'called the handler')],
      },
    );
  }
}

/** Who waits for whom on a connection where nothing moves. */
function standstill({ conn, link, serveFailed }: Carried): string[] {
  const [toServer, toClient] = link.waiting;
  const facts: string[] = [];
  if (serveFailed !== null) facts.push(`serve rejected: ${readable(messageOf(serveFailed), 60)}`);
  if (toServer?.isFull) facts.push(`${conn.pipe.id} is full toward the server: your client waits until it reads`);
  if (toClient?.isFull) facts.push(`${conn.pipe.id} is full toward the client: your server waits until it reads`);
  return facts;
}

function where(run: Run, request: string): string {
  const ids = run.carried
    .filter(({ conn }) => conn.requests.some((r) => r.request === request))
    .map(({ conn }) => conn.pipe.id);
  return ids.length === 0 ? 'it was never whole on the wire' : `it was sent on ${ids.join(', ')}`;
}

function text(ask: Ask): string {
  return String.fromCharCode(...ask.bytes);
}

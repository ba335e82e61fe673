/** What every failure of a client is made of: the check's rule, the bytes of a connection, the learner's line. */

import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, Failure } from '../../result.ts';
import { readable } from '../bytes.ts';
import { failureOfError, messageOf } from '../engine.ts';
import { receivedExcerpt, sentExcerpt } from '../excerpt.ts';
import { grouped } from '../numbers.ts';
import { placeIn } from '../place.ts';
import { StepFailed, type World } from '../world.ts';
import type { Ask, Dialled } from './client-asks.ts';

type More = Partial<Omit<Failure, 'at'>> & { readonly at?: readonly (CodePlace | null)[] };

export class ClientFailure {
  readonly world: World;
  readonly check: RawCheck;
  /** What the learner's function is called. */
  readonly name: string;

  constructor(world: World, check: RawCheck) {
    this.world = world;
    this.check = check;
    this.name = check.scene.export;
  }

  /** A verdict of the engine, with the bytes of the connection that is nearest to it. */
  withWire(failure: Failure, conn: Dialled | null): Failure {
    return conn === null ? failure : { ...this.wire(conn), ...failure };
  }

  rejected(conn: Dialled | null, ask: Ask, expected: string): StepFailed {
    const error = ask.settled?.how === 'rejected' ? ask.settled.error : null;
    const stack = error instanceof Error ? error : null;
    // A name that is not everywhere is told as such, whatever was expected.
    const failure = failureOfError(error, `${ask.step.request} rejected`, 'crashed', this.world.sources);
    if (failure.cause !== 'crashed') return new StepFailed(this.withWire(failure, conn));
    return this.fail('crashed', `${ask.step.request} rejected: ${readable(messageOf(error), 100)}`, conn, {
      expected,
      at: [this.place(stack, 'threw')],
    });
  }

  /** `c1 carries GET /a`. */
  story({ pipe, requests }: Dialled): string {
    const state = pipe.inputEnded !== null ? ', gone' : pipe.ended !== null ? ', ended by your code' : '';
    const carried = requests.slice(-2).map(({ request }) => request);
    return `${pipe.id} carried ${carried.length === 0 ? 'nothing' : carried.join(', ')}${state}`;
  }

  taken({ pipe }: Dialled): string {
    if (pipe.stoppedReading !== null) return `your code has stopped reading ${pipe.id}`;
    return pipe.untaken > 0
      ? `${pipe.untaken} of ${times(pipe.offered, 'byte')} on ${pipe.id} were never read`
      : `all ${times(pipe.offered, 'byte')} on ${pipe.id} were read`;
  }

  left(): string {
    return this.world.clock.pending > 0
      ? 'the judge’s clock has run on, and only timers are left'
      : 'nothing is left to run';
  }

  waits(conns: readonly Dialled[]): CodePlace | null {
    for (const { pipe } of [...conns].reverse()) {
      const place = this.place([...pipe.reading].at(-1), 'waits for bytes');
      if (place !== null) return place;
    }
    return null;
  }

  place(trace: Error | null | undefined, did: string): CodePlace | null {
    return placeIn(trace?.stack, this.world.sources, did, this.check.scene.file);
  }

  wire({ pipe }: Dialled): Pick<Failure, 'sent' | 'received'> {
    return {
      ...(pipe.offered > 0 ? { sent: sentExcerpt(pipe, 0) } : {}),
      ...(pipe.written > 0 ? { received: receivedExcerpt(pipe, 0) } : {}),
    };
  }

  fail(cause: Cause, headline: string, conn: Dialled | null, more: More): StepFailed {
    const at = (more.at ?? []).filter((place) => place !== null);
    const declared = at.length > 0 ? null : this.declaration();
    return new StepFailed({
      cause,
      headline,
      ...(conn === null ? {} : this.wire(conn)),
      spec: this.check.spec,
      idea: this.check.idea,
      ...more,
      at: declared === null ? at : [declared],
    });
  }

  declaration(): CodePlace | null {
    const { file } = this.check.scene;
    const lines = this.world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${this.name}\\b`).test(text));
    const text = lines[line];
    return text === undefined
      ? null
      : { file, line: line + 1, column: text.indexOf(this.name) + 1, text, did: `${this.name} begins here` };
  }
}

export function times(n: number, what: string): string {
  return `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;
}

export function clipList(items: readonly string[]): string {
  return items.length <= 4 ? items.join('; ') : `${items.slice(0, 3).join('; ')}; and ${items.length - 3} more`;
}

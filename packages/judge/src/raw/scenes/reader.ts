/** The learner is a reader of one stream, the judge owns the stream and makes the calls. `reader-failures.ts` words what went wrong. */

import type { RawCheck, ReaderScene, ReaderStep, Step } from '../../exercise.ts';
import { bytesOf, join, latin1 } from '../bytes.ts';
import { grouped } from '../numbers.ts';
import type { Pipe } from '../pipe.ts';
import { StepFailed, type World } from '../world.ts';
import { ReaderFailures } from './reader-failures.ts';
import { callText, type ReaderCall, type ReaderOutcome } from './reader-steps.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';

export type MakeReader = (readable: ReadableStream<Uint8Array>) => unknown;

/** What a call has come to. `bytes` is a copy from that moment, `kept` what the learner's code gave. */
export type Settled =
  | { readonly how: 'gave'; readonly value: unknown }
  | { readonly how: 'rejected'; readonly error: unknown };

export type Call = {
  readonly call: ReaderCall;
  readonly text: string;
  /** Where in the stream it begins, when every call before it was right. */
  readonly from: number;
  settled: Settled | null;
};

/** How long "still waits" is watched on the judge's clock. */
const WAITING = 500;

export class ReaderStage implements Stage {
  #world: World;
  #scene: ReaderScene;
  #make: MakeReader;
  #failures: ReaderFailures;
  #opened: { pipe: Pipe; methods: Record<string, unknown> } | null = null;
  /** Begun, and not yet looked at. */
  #open: Call[] = [];
  #last: Call | null = null;
  /** What earlier calls gave: the learner's own array, and its bytes at that moment. */
  #given: { call: Call; value: Uint8Array; bytes: string }[] = [];
  /** How far the stream is used up. */
  #at = 0;

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    this.#scene = sceneOf(check, 'reader');
    this.#make = learner as MakeReader;
    this.#failures = new ReaderFailures(world, check);
  }

  fresh(): void {
    this.#opened = null;
    this.#open = [];
    this.#last = null;
    this.#given = [];
    this.#at = 0;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(bytesOf(step.bytes));
      case 'endInput': {
        const { pipe } = this.#stream();
        await this.#world.settle();
        this.#world.record({ connection: pipe.id, by: 'judge', what: 'ended' });
        pipe.endInput();
        return this.#settle();
      }
      case 'reset': {
        const { pipe } = this.#stream();
        this.#world.record({ connection: pipe.id, by: 'judge', what: 'reset' });
        pipe.reset();
        return this.#settle();
      }
      case 'begin':
        this.#begin(step.call);
        return this.#settle();
      case 'expectCall':
        return this.#expectOutcome(this.#begin(step.call), step);
      case 'expectOutcome':
        return this.#expectOutcome(this.#oldest(), step);
      case 'expectSome':
        return this.#expectSome(step);
      case 'expectWaiting': {
        const call = this.#oldest();
        await this.#world.watch(() => call.settled !== null, WAITING);
        this.#faults();
        if (call.settled !== null) throw this.#failures.notWaiting(this.#stream().pipe, call, call.settled);
        // It stays the oldest one: an `expectOutcome` may follow.
        this.#open.unshift(call);
        return;
      }
      case 'expectTaken': {
        await this.#settle();
        const { pipe } = this.#stream();
        if (pipe.taken > step.atMost) throw this.#failures.tookTooMuch(pipe, step.atMost, this.#last);
        return;
      }
      case 'expectStopped': {
        const { pipe } = this.#stream();
        await this.#world.until(() => pipe.stoppedReading !== null);
        this.#faults();
        if (pipe.stoppedReading === null) throw this.#failures.notStopped(pipe);
        return;
      }
      default:
        throw foreignStep(step, 'reader');
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    this.#world.deliver(this.#stream().pipe, bytes);
    return this.#settle();
  }

  #stream(): { pipe: Pipe; methods: Record<string, unknown> } {
    if (this.#opened !== null) return this.#opened;
    const pipe = this.#world.open('c1');
    let made: unknown;
    try {
      made = this.#make(pipe.connection.readable);
    } catch (error) {
      throw this.#failures.threw(pipe, error, this.#scene.export);
    }
    if (typeof made !== 'object' || made === null) throw this.#failures.noReader(pipe, made);
    this.#opened = { pipe, methods: made as Record<string, unknown> };
    return this.#opened;
  }

  #begin(call: ReaderCall): Call {
    const { pipe, methods } = this.#stream();
    const { name, args } = callOf(call);
    const method = methods[name];
    if (typeof method !== 'function') throw this.#failures.noMethod(pipe, name, methods);
    const begun: Call = { call, text: callText(call), from: this.#at, settled: null };
    const settle = (settled: Settled): void => {
      begun.settled = settled;
      this.#world.touch();
    };
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) => resolve(method.apply(methods, args))).then(
      (value) => settle({ how: 'gave', value }),
      (error: unknown) => settle({ how: 'rejected', error }),
    );
    this.#open.push(begun);
    this.#last = begun;
    return begun;
  }

  #oldest(): Call {
    const call = this.#open[0];
    if (call === undefined) throw new Error('No call is open: put a begin step before this one');
    return call;
  }

  /** Waits until a call has come to something, or nothing is left that could bring it there. */
  async #wait(call: Call): Promise<Settled | null> {
    await this.#world.until(() => call.settled !== null);
    this.#open = this.#open.filter((other) => other !== call);
    this.#faults();
    this.#stillTheSame(call);
    return call.settled;
  }

  async #expectOutcome(call: Call, want: ReaderOutcome): Promise<void> {
    const settled = await this.#wait(call);
    const { pipe } = this.#stream();
    const failure = this.#failures.outcome(pipe, call, settled, want);
    if (failure !== null) throw failure;
    if (settled?.how === 'gave') this.#keep(call, settled.value);
    else this.#note(call, 'rejected');
  }

  async #expectSome(step: Extract<ReaderStep, { do: 'expectSome' }>): Promise<void> {
    const want = bytesOf(step.gives);
    const parts: Uint8Array[] = [];
    for (let have = 0; have < want.length; ) {
      const call = this.#begin({ some: step.max });
      const settled = await this.#wait(call);
      const rest = want.subarray(have);
      const { pipe } = this.#stream();
      const failure = this.#failures.some(pipe, call, settled, rest, step.max);
      if (failure !== null) throw failure;
      // `some` of the failures has made sure of it.
      const piece = (settled as { value: Uint8Array }).value;
      this.#keep(call, piece);
      parts.push(piece);
      have = join(parts).length;
    }
  }

  /** Remembers what was given and moves on behind it. */
  #keep(call: Call, value: unknown): void {
    if (value instanceof Uint8Array) {
      this.#given.push({ call, value, bytes: latin1(value) });
      this.#at = call.from + value.length + ('until' in call.call ? bytesOf(call.call.until).length : 0);
      this.#note(call, `gave ${grouped(value.length)} bytes`);
    } else this.#note(call, value === null ? 'gave null' : 'done');
  }

  #note(call: Call, outcome: string): void {
    this.#world.record({
      connection: this.#stream().pipe.id,
      by: 'learner',
      what: 'gave',
      call: call.text,
      outcome,
      used: this.#at,
    });
  }

  /** What a call gave belongs to the caller: a later call must not write over it. */
  #stillTheSame(now: Call): void {
    for (const { call, value, bytes } of this.#given) {
      if (latin1(value) !== bytes) throw this.#failures.overwritten(this.#stream().pipe, call, now, value, bytes);
    }
  }

  async #settle(): Promise<void> {
    await this.#world.settle();
    this.#faults();
  }

  #faults(): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(this.#failures.withStream(fault, this.#opened?.pipe ?? null));
  }
}

function callOf(call: ReaderCall): { name: string; args: unknown[] } {
  if ('until' in call) return { name: 'until', args: [bytesOf(call.until), call.limit] };
  if ('exactly' in call) return { name: 'exactly', args: [call.exactly] };
  if ('some' in call) return { name: 'some', args: [call.some] };
  return { name: 'cancel', args: [] };
}

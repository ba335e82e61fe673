/** The learner gives frames out of a stream, the judge owns the stream and asks. `frames-failures.ts` words what went wrong. */
import type { FramesScene, RawCheck, Step } from '../../exercise.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { framesIn, type WireFrame } from '../http2/parse.ts';
import type { Pipe } from '../pipe.ts';
import { StepFailed, type World } from '../world.ts';
import { FramesFailures } from './frames-failures.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';

/** A frame as the contract says it; nothing checks types at run time. */
export type GivenFrame = { type: number; flags: number; streamId: number; payload: Uint8Array };

type Iterator = { next(): unknown };
export type MakeFrames = (readable: ReadableStream<Uint8Array>, maxFrameSize?: number) => unknown;

/** What a call has come to. */
export type Settled =
  | { readonly how: 'gave'; readonly value: unknown }
  | { readonly how: 'done' }
  | { readonly how: 'rejected'; readonly error: unknown };
export type Call = { readonly nth: number; settled: Settled | null };

/** How long "still waits" is watched on the judge's clock. */
const WAITING = 500;

export class FramesStage implements Stage {
  #world: World;
  #scene: FramesScene;
  #make: MakeFrames;
  #failures: FramesFailures;
  #opened: { pipe: Pipe; iterator: Iterator } | null = null;
  #open: Call | null = null;
  #calls = 0;
  /** Frames that were right, with what their payload was at that moment. */
  #given: { wanted: WireFrame; payload: Uint8Array; bytes: string }[] = [];

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    this.#world = world;
    world.protocol = 'h2';
    this.#scene = sceneOf(check, 'frames');
    this.#make = learner as MakeFrames;
    this.#failures = new FramesFailures(world, check);
  }

  fresh(): void {
    this.#opened = null;
    this.#open = null;
    this.#calls = 0;
    this.#given = [];
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
      case 'askFrame':
        this.#ask();
        return this.#settle();
      case 'expectFrames':
        for (const wanted of framesIn(bytesOf(step.bytes)).frames) await this.#expectFrame(wanted);
        return;
      case 'expectFrameWaiting': {
        const call = this.#ask();
        await this.#world.watch(() => call.settled !== null, WAITING);
        this.#faults();
        if (call.settled !== null) throw this.#failures.notWaiting(this.#stream().pipe, call.settled);
        return;
      }
      case 'expectFramesEnd': {
        const settled = await this.#wait();
        const failure = this.#failures.notDone(this.#stream().pipe, settled);
        if (failure !== null) throw failure;
        return;
      }
      case 'expectFramesReject': {
        const settled = await this.#wait();
        const failure = this.#failures.notRejected(this.#stream().pipe, settled, step.name ?? null);
        if (failure !== null) throw failure;
        return;
      }
      case 'expectTaken': {
        await this.#settle();
        const { pipe } = this.#stream();
        if (pipe.taken > step.atMost) throw this.#failures.tookTooMuch(pipe, step.atMost);
        return;
      }
      default:
        throw foreignStep(step, 'frames');
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    this.#world.deliver(this.#stream().pipe, bytes);
    return this.#settle();
  }

  #stream(): { pipe: Pipe; iterator: Iterator } {
    if (this.#opened !== null) return this.#opened;
    const pipe = this.#world.open('c1');
    const { maxFrameSize } = this.#scene;
    const { readable } = pipe.connection;
    let made: unknown;
    try {
      made = maxFrameSize === undefined ? this.#make(readable) : this.#make(readable, maxFrameSize);
    } catch (error) {
      throw this.#failures.threw(pipe, error);
    }
    this.#opened = { pipe, iterator: this.#iteratorOf(pipe, made) };
    return this.#opened;
  }

  /** A generator, or anything that can be looped over: a stream of frames is right too. */
  #iteratorOf(pipe: Pipe, made: unknown): Iterator {
    if (typeof made === 'object' && made !== null) {
      if ('next' in made && typeof made.next === 'function') return made as Iterator;
      const make = (made as { [Symbol.asyncIterator]?: () => Iterator })[Symbol.asyncIterator];
      if (typeof make === 'function') return make.call(made);
    }
    throw this.#failures.noGenerator(pipe, made);
  }

  /** The call that is open, or a new one. */
  #ask(): Call {
    if (this.#open !== null) return this.#open;
    const { iterator } = this.#stream();
    const call: Call = { nth: ++this.#calls, settled: null };
    this.#open = call;
    const settle = (settled: Settled): void => {
      call.settled = settled;
      this.#world.touch();
    };
    // Called in a promise, so that a throw and a rejection are told in the same way.
    new Promise((resolve) => resolve(iterator.next())).then(
      (value) => {
        const result = value as IteratorResult<unknown> | undefined;
        settle(result?.done === true ? { how: 'done' } : { how: 'gave', value: result?.value });
      },
      (error: unknown) => settle({ how: 'rejected', error }),
    );
    return call;
  }

  async #wait(): Promise<Settled | null> {
    const call = this.#ask();
    await this.#world.until(() => call.settled !== null);
    this.#open = null;
    this.#faults();
    this.#stillTheSame();
    return call.settled;
  }

  async #expectFrame(wanted: WireFrame): Promise<void> {
    const from = this.#given.at(-1)?.wanted.to ?? 0;
    const settled = await this.#wait();
    const { pipe } = this.#stream();
    // Where it stands in this stream, whatever the check's own bytes say.
    const length = wanted.to - wanted.from;
    const here = { ...wanted, from, to: from + length };
    const failure = this.#failures.frame(pipe, settled, here, this.#given.length + 1);
    if (failure !== null) throw failure;
    const { payload } = (settled as { value: GivenFrame }).value;
    this.#given.push({ wanted: here, payload, bytes: latin1(payload) });
    this.#world.record({
      connection: pipe.id,
      by: 'learner',
      what: 'gave',
      call: `frame ${this.#given.length}`,
      outcome: `gave ${this.#failures.words(wanted)}`,
      used: here.to,
    });
  }

  /** A payload belongs to whoever was given it: later frames must not write over it. */
  #stillTheSame(): void {
    for (const [i, { wanted, payload, bytes }] of this.#given.entries())
      if (latin1(payload) !== bytes)
        throw this.#failures.overwritten(this.#stream().pipe, i + 1, wanted, payload, bytes);
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

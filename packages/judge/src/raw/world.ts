/**
 * All that is there while one check runs: the connections, the clock, what happened in which order, and the first fault.
 * Waiting lives here too. Nothing sleeps: the world is run until it is quiet, then its clock is moved, and then it is over.
 */
import type { Limits } from '../exercise.ts';
import type { ConnectionRecord, Entry, Failure } from '../result.ts';
import { latin1 } from './bytes.ts';
import type { VirtualClock } from './clock.ts';
import { engineFailure } from './engine.ts';
import { exchangesOf } from './exchanges.ts';
import { typeName } from './handler.ts';
import type { RawHost } from './host.ts';
import { Pipe } from './pipe.ts';
import { placeIn, type Sources } from './place.ts';

/** Thrown inside the judge when a step fails; never seen by learner code. */
export class StepFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.headline);
    this.failure = failure;
  }
}

type EntryBody = Entry extends infer E ? (E extends Entry ? Omit<E, 'tick' | 'at'> : never) : never;

const WRITTEN = 1024 * 1024;
const PATIENCE = 60_000;
/** Timers fired in one wait; a clock that ticks for ever is not an answer. */
const FIRINGS = 5000;
/** Idle turns that stand in for certainty on hosts that have none. */
const IDLE_TURNS = 3;
/** Real rests of 2 ms on such hosts: before the clock is moved, and before something is said to be missing. */
const FIRST_REST = 5;
const LAST_REST = 40;
const OUTPUT = 500;

export class World {
  readonly clock: VirtualClock;
  readonly host: RawHost;
  readonly sources: Sources;
  readonly limits: Required<Limits>;
  /** The first thing that no step had to look for: an error, a wrong type, a request that nobody sent. */
  fault: Failure | null = null;
  output = '';
  pipes: Map<string, Pipe> = new Map<string, Pipe>();
  #entries: Entry[] = [];
  #opened = new Map<string, number>();
  #tick = 0;
  #start = 0;
  #activity = 0;

  constructor(host: RawHost, clock: VirtualClock, sources: Sources, limits: Limits = {}) {
    this.host = host;
    this.clock = clock;
    this.sources = sources;
    this.limits = { written: limits.written ?? WRITTEN, patience: limits.patience ?? PATIENCE };
    clock.onActivity = () => this.touch();
  }

  touch(): void {
    this.#activity++;
  }

  /** The first fault wins: what follows it is often only its echo. */
  blame(failure: Failure): void {
    this.fault ??= failure;
    this.touch();
  }

  record(entry: EntryBody): number {
    const tick = this.#tick++;
    this.#entries.push({ ...entry, tick, at: this.clock.now - this.#start } as Entry);
    return tick;
  }

  /** What the learner's code printed. */
  say(text: string): void {
    if (this.output.length < OUTPUT) this.output = `${this.output}${text}\n`.slice(0, OUTPUT);
    if (this.#entries.length < 5000)
      this.record({ connection: '', by: 'learner', what: 'said', text: text.slice(0, 200) });
  }

  /** Begins another delivery of the same check: fresh connections, fresh transcript. Code and clock go on. */
  freshStage(): void {
    this.pipes = new Map();
    this.#entries = [];
    this.#opened = new Map();
    this.#tick = 0;
    this.#start = this.clock.now;
  }

  open(id: string): Pipe {
    const pipe: Pipe = new Pipe(id, this.limits.written, {
      activity: () => this.touch(),
      wrote: (bytes, stretch) => {
        this.#ifCurrent(pipe, () =>
          this.record({ connection: id, by: 'learner', what: 'bytes', from: stretch.from, bytes: latin1(bytes) }),
        );
      },
      ended: (how) =>
        this.#ifCurrent(pipe, () =>
          this.record({ connection: id, by: 'learner', what: how === 'end' ? 'ended' : 'reset' }),
        ),
      stoppedReading: () =>
        this.#ifCurrent(pipe, () => this.record({ connection: id, by: 'learner', what: 'stopped reading' })),
      wrongType: (value, trace) => {
        this.blame(
          engineFailure('contract', `Your code wrote ${typeName(value)} to the connection, which takes Uint8Array.`, [
            placeIn(trace?.stack, this.sources, 'wrote it'),
          ]),
        );
        return new TypeError('The connection takes Uint8Array');
      },
      flooded: (trace) => {
        const limit = this.limits.written.toLocaleString('en');
        this.blame(
          engineFailure('flooded', `Your code wrote more than ${limit} bytes, far more than anything asked for.`, [
            placeIn(trace?.stack, this.sources, 'writes on and on'),
          ]),
        );
        return new Error('The judge takes no more bytes');
      },
    });
    this.pipes.set(id, pipe);
    this.#opened.set(id, this.record({ connection: id, by: 'judge', what: 'opened' }));
    return pipe;
  }

  deliver(pipe: Pipe, bytes: Uint8Array): void {
    if (bytes.length > 0)
      this.record({ connection: pipe.id, by: 'judge', what: 'bytes', from: pipe.offered, bytes: latin1(bytes) });
    pipe.deliver(bytes);
  }

  /** Runs until nothing moves any more, without moving the clock. */
  async settle(): Promise<void> {
    const { host } = this;
    if (host.idle !== undefined) return host.idle();
    for (let quiet = 0, turns = 0; quiet < IDLE_TURNS && turns < 20_000; turns++) {
      const before = this.#activity;
      await host.turn();
      quiet = this.#activity === before ? quiet + 1 : 0;
    }
  }

  /**
   * Runs until `done`, moving the clock only when nothing else can move, and at most `patience` milliseconds. False when it
   * never came true: then nothing is left that could make it so.
   */
  async until(done: () => boolean, patience: number = this.limits.patience): Promise<boolean> {
    const over = (): boolean => this.fault !== null || done();
    await this.#run(over, patience);
    if (!over()) await this.#rest(over, LAST_REST);
    return over();
  }

  /** Watches for something that should not happen, as long as `patience`. True when it happened. */
  async watch(happened: () => boolean, patience: number): Promise<boolean> {
    const over = (): boolean => this.fault !== null || happened();
    await this.#run(over, patience);
    return over();
  }

  async #run(over: () => boolean, patience: number): Promise<void> {
    await this.settle();
    const end = this.clock.now + patience;
    for (let fired = 0; fired < FIRINGS && !over(); fired++) {
      const due = this.clock.nextDue();
      if (due === null || due > end) return;
      if (fired === 0) {
        await this.#rest(over, FIRST_REST);
        if (over()) return;
      }
      this.#move(due, () => this.clock.fireNext(due));
      await this.settle();
    }
  }

  /** Lets the clock go on by `ms`, firing what is due on the way. */
  async advance(ms: number): Promise<void> {
    await this.settle();
    const end = this.clock.now + ms;
    for (let fired = 0; fired < FIRINGS; fired++) {
      const due = this.clock.nextDue();
      if (due === null || due > end) break;
      this.#move(due, () => this.clock.fireNext(due));
      await this.settle();
    }
    this.#move(end, () => this.clock.fireNext(end));
    await this.settle();
  }

  #move(to: number, fire: () => void): void {
    if (to > this.clock.now) this.record({ connection: '', by: 'judge', what: 'time', to: to - this.#start });
    fire();
  }

  /** On hosts that cannot know whether anything still runs: give real work a moment. Costs nothing when all goes well. */
  async #rest(over: () => boolean, rounds: number): Promise<void> {
    if (this.host.idle !== undefined) return;
    for (let i = 0; i < rounds && !over(); i++) {
      await this.host.rest(2);
      await this.settle();
    }
  }

  /** A connection of an earlier delivery may still stir; it is nobody's any more. */
  #ifCurrent(pipe: Pipe, run: () => void): void {
    if (this.pipes.get(pipe.id) === pipe) run();
  }

  transcript(): Entry[] {
    return this.#entries.map((entry) => {
      if (entry.what !== 'bytes' || entry.by !== 'learner') return entry;
      const write = this.pipes.get(entry.connection)?.writes.find((w) => w.from === entry.from);
      const place = placeIn(write?.trace?.stack, this.sources, 'wrote these bytes');
      return place === null ? entry : { ...entry, place };
    });
  }

  connections(): ConnectionRecord[] {
    return [...this.pipes.values()].map((pipe) => {
      const own = this.#entries.filter((entry) => entry.connection === pipe.id);
      const end = own.find((entry) => entry.what === 'ended' || entry.what === 'reset');
      return {
        id: pipe.id,
        opened: this.#opened.get(pipe.id) ?? 0,
        ended: end === undefined ? null : { tick: end.tick, by: end.by, how: end.what === 'reset' ? 'reset' : 'end' },
        bytes: { toLearner: pipe.offered, taken: pipe.taken, fromLearner: pipe.written },
        exchanges: exchangesOf(own),
      };
    });
  }
}

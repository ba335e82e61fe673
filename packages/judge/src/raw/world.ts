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
import { http2RecordIn } from './http2/exchanges.ts';
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
/** Real rests of 2 ms before something is said to be missing, on such hosts: in a row without a stir, and in all. */
const LAST_RESTS = 40;
/** And so many longer ones before it is said that nothing comes: a busy machine gives a browser's own threads no turn for a while. */
const LONG_RESTS = 30;
const MOST_RESTS = 500;
const OUTPUT = 500;
/** Lines of print in one check. Nobody reads as many, and a program that prints and prints may never come to its end. */
const MOST_PRINTS = 20_000;
/** Bytes and entries in a transcript. */
const KEPT = 256 * 1024;
const KEPT_ENTRIES = 3000;

export class World {
  readonly clock: VirtualClock;
  readonly host: RawHost;
  readonly sources: Sources;
  readonly limits: Required<Limits>;
  /** The first thing that no step had to look for: an error, a wrong type, a request that nobody sent. */
  fault: Failure | null = null;
  output = '';
  #prints = 0;
  /** Who sends the requests; a scene in which the learner is the client says so. For drawing only. */
  asker: Entry['by'] = 'judge';
  /** What the connections speak. For drawing only. */
  protocol: 'http/1.1' | 'h2' = 'http/1.1';
  /** Connections that speak another one. */
  readonly protocols: Map<string, 'http/1.1' | 'h2'> = new Map();
  pipes: Map<string, Pipe> = new Map<string, Pipe>();
  #notes: { entry: Entry; bytes: Uint8Array | null }[] = [];
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

  /** Notes what happened now. Bytes are turned into text only when somebody reads them: most deliveries are never shown. */
  record(entry: EntryBody, bytes: Uint8Array | null = null): number {
    const tick = this.#tick++;
    this.#notes.push({ entry: { ...entry, tick, at: this.clock.now - this.#start } as Entry, bytes });
    return tick;
  }

  /** What the learner's code printed. */
  say(text: string): void {
    this.#prints++;
    if (this.#prints > MOST_PRINTS) {
      if (this.fault === null) this.blame(this.#printsOn());
      return;
    }
    if (this.output.length < OUTPUT) this.output = `${this.output}${text}\n`.slice(0, OUTPUT);
    if (this.#notes.length < 5000)
      this.record({ connection: '', by: 'learner', what: 'said', text: text.slice(0, 200) });
  }

  #printsOn(): Failure {
    const place = placeIn(new Error('said').stack, this.sources, 'prints on and on');
    return engineFailure(
      'flooded',
      `Your code has printed ${MOST_PRINTS.toLocaleString('en')} lines, and goes on.`,
      [place],
      {
        idea: 'Printing takes its time, and nobody reads as many lines. Print what you look for, and where it goes wrong.',
      },
    );
  }

  /** Begins another delivery of the same check: fresh connections, fresh transcript. Code and clock go on. */
  freshStage(): void {
    this.pipes = new Map();
    this.#notes = [];
    this.#opened = new Map();
    this.#tick = 0;
    this.#start = this.clock.now;
  }

  /** `shown`: false for the far end of a link, which stands behind a connection that is drawn already. */
  open(id: string, shown: boolean = true): Pipe {
    const pipe: Pipe = new Pipe(id, this.limits.written, {
      activity: () => this.touch(),
      wrote: (bytes, stretch) => {
        this.#ifCurrent(pipe, () =>
          this.record({ connection: id, by: 'learner', what: 'bytes', from: stretch.from, bytes: '' }, bytes),
        );
      },
      took: (bytes, from) =>
        this.#ifCurrent(pipe, () =>
          this.record({ connection: id, by: 'judge', what: 'bytes', from, bytes: '' }, bytes),
        ),
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
    if (!shown) return pipe;
    this.pipes.set(id, pipe);
    this.#opened.set(id, this.record({ connection: id, by: 'judge', what: 'opened' }));
    return pipe;
  }

  deliver(pipe: Pipe, bytes: Uint8Array): void {
    if (bytes.length > 0)
      this.record({ connection: pipe.id, by: 'judge', what: 'bytes', from: pipe.offered, bytes: '' }, bytes);
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

  /** The same with short real rests, until one brings nothing new, on hosts that cannot know whether anything still runs: for when moments are compared. */
  async settleFirmly(): Promise<void> {
    await this.settle();
    if (this.host.idle !== undefined) return;
    for (let before = -1, rests = 0; before !== this.#activity && rests < LAST_RESTS; rests++) {
      before = this.#activity;
      await this.host.rest(1);
      await this.settle();
    }
  }

  /**
   * Runs until `done`, moving the clock only when nothing else can move, and at most `patience` milliseconds. False when it
   * never came true: then nothing is left that could make it so.
   */
  async until(done: () => boolean, patience: number = this.limits.patience): Promise<boolean> {
    const over = (): boolean => this.fault !== null || done();
    const end = this.clock.now + patience;
    await this.#run(over, end);
    // On hosts that cannot know whether anything still runs: what has begun outside the event loop may take a moment.
    for (
      let quiet = 0, rests = 0;
      this.host.idle === undefined && !over() && quiet < LAST_RESTS + LONG_RESTS && rests < MOST_RESTS;
      rests++
    ) {
      const before = this.#activity;
      await this.host.rest(quiet < LAST_RESTS ? 2 : 25);
      await this.#run(over, end);
      quiet = this.#activity === before ? quiet + 1 : 0;
    }
    return over();
  }

  /** Watches for something that should not happen, as long as `patience`. True when it happened. */
  async watch(happened: () => boolean, patience: number): Promise<boolean> {
    const over = (): boolean => this.fault !== null || happened();
    await this.#run(over, this.clock.now + patience);
    return over();
  }

  async #run(over: () => boolean, end: number): Promise<void> {
    await this.settle();
    for (let fired = 0; fired < FIRINGS && !over(); fired++) {
      const due = this.clock.nextDue();
      if (due === null || due > end) return;
      if (fired === 0 && this.host.idle === undefined) {
        await this.host.rest(1);
        await this.settle();
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

  /** A connection of an earlier delivery may still stir; it is nobody's any more. */
  #ifCurrent(pipe: Pipe, run: () => void): void {
    if (this.pipes.get(pipe.id) === pipe) run();
  }

  /** Enough to show and to draw; a flood is not kept whole. */
  entries(): Entry[] {
    const entries: Entry[] = [];
    let room = KEPT;
    for (const { entry, bytes } of this.#notes.slice(0, KEPT_ENTRIES)) {
      if (bytes !== null && bytes.length > room) break;
      room -= bytes?.length ?? 0;
      entries.push(bytes === null ? entry : ({ ...entry, bytes: latin1(bytes) } as Entry));
    }
    return entries;
  }

  /** The same with the learner's line behind each write. That reads a stack for each, so it is for what somebody will see. */
  transcript(): Entry[] {
    const written = new Map(
      [...this.pipes].map(([id, { writes }]) => [id, new Map(writes.map((write) => [write.from, write]))]),
    );
    return this.entries().map((entry) => {
      if (entry.what !== 'bytes' || entry.by !== 'learner') return entry;
      const write = written.get(entry.connection)?.get(entry.from);
      const place = placeIn(write?.trace?.stack, this.sources, 'wrote these bytes');
      return place === null ? entry : { ...entry, place };
    });
  }

  connections(): ConnectionRecord[] {
    const entries = this.entries();
    return [...this.pipes.values()].map((pipe) => {
      const own = entries.filter((entry) => entry.connection === pipe.id);
      const end = own.find((entry) => entry.what === 'ended' || entry.what === 'reset');
      return {
        id: pipe.id,
        opened: this.#opened.get(pipe.id) ?? 0,
        ended: end === undefined ? null : { tick: end.tick, by: end.by, how: end.what === 'reset' ? 'reset' : 'end' },
        bytes: { toLearner: pipe.offered, taken: pipe.taken, fromLearner: pipe.written },
        ...(this.#isH2(pipe.id)
          ? { protocol: 'h2' as const, ...this.#streamsOf(pipe.id) }
          : { exchanges: exchangesOf(own, this.asker) }),
      };
    });
  }

  #isH2(connection: string): boolean {
    return (this.protocols.get(connection) ?? this.protocol) === 'h2';
  }

  /** Out of all that happened, and not only of what is kept to be shown: which connection carried what is a matter of verdicts. */
  #streamsOf(connection: string): ReturnType<typeof http2RecordIn> {
    return http2RecordIn(
      this.#notes.filter(({ entry }) => entry.connection === connection),
      this.asker,
    );
  }
}

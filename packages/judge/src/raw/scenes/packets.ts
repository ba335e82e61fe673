/** The learner takes streams out of packets; the judge lets packets arrive and reads the bodies. `packet-failures.ts` words what went wrong. */
import type { PacketStep, PacketsScene, RawCheck, Step } from '../../exercise.ts';
import { Drain } from '../drain.ts';
import { Feed } from '../feed.ts';
import { offsetText } from '../offset-text.ts';
import { Ranges } from '../ranges.ts';
import { StepFailed, type World } from '../world.ts';
import { PacketFailures } from './packet-failures.ts';
import { type PlannedPacket, packetsOf } from './packet-plans.ts';
import { foreignStep, type LearnerFunction, type Stage, sceneOf } from './scene.ts';

/** What the learner's code is handed. */
export type Packet = {
  number: number;
  frames: { streamId: number; offset: number; bytes: Uint8Array; last?: boolean }[];
};

/** One stream of the run. `body` is null until the generator has given it. */
export type RunStream = {
  readonly id: number;
  readonly total: number;
  readonly text: Uint8Array<ArrayBuffer>;
  readonly arrived: Ranges;
  /** False: it is read, and another check judges it. */
  readonly isJudged: boolean;
  isLastSeen: boolean;
  body: Drain | null;
};

export type PacketRun = {
  readonly limit: number;
  readonly feed: Feed<Packet>;
  readonly streams: ReadonlyMap<number, RunStream>;
  readonly order: PlannedPacket[];
  /** Streams that are read as soon as they are there. */
  readonly isRead: Set<number>;
  /** What the generator gave that it should not have: a verdict of its own. */
  problem: StepFailed | null;
  /** It threw. */
  broke: { readonly error: unknown } | null;
  done: boolean;
};

/** How long the judge looks whether more comes than should, on its own clock. */
const WATCHED = 500;
/** Short streams share no letter: a byte tells whose it is. */
const LETTERS_EACH = 20;

type Streams = (packets: ReadableStream<Packet>, limit: number) => unknown;

export class PacketsStage implements Stage {
  #world: World;
  #scene: PacketsScene;
  #make: Streams;
  #failures: PacketFailures;
  #run: PacketRun | null = null;

  constructor(world: World, check: RawCheck, learner: LearnerFunction) {
    this.#world = world;
    this.#scene = sceneOf(check, 'packets');
    this.#make = learner as Streams;
    this.#failures = new PacketFailures(world, check);
  }

  fresh(): void {
    this.#run = null;
  }

  async send(): Promise<void> {
    throw new Error(
      'A packet has frames with offsets: give it as a step; everyCut belongs to a scene with one stream of bytes',
    );
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'packet':
      case 'expectStream':
      case 'expectStreamOver':
      case 'readStream':
      case 'expectFinalSizeError':
      case 'packetsShuffled':
        return this.#play(step, this.#begun());
      default:
        throw foreignStep(step, 'packets');
    }
  }

  async #play(step: PacketStep, run: PacketRun): Promise<void> {
    switch (step.do) {
      case 'packet':
        return this.#arrive(run, step);
      case 'expectStream':
        return this.#expectPassedOn(run, streamOf(run, step.streamId), step.to);
      case 'expectStreamOver': {
        const stream = streamOf(run, step.streamId);
        await this.#expectPassedOn(run, stream, stream.total);
        await this.#world.until(() => stream.body?.ended === true || this.#isBroken(run));
        this.#look(run);
        if (stream.body?.ended !== true) throw this.#failures.neverEnds(run, stream);
        return;
      }
      case 'readStream': {
        run.isRead.add(step.streamId);
        streamOf(run, step.streamId).body?.begin();
        await this.#world.settle();
        return this.#look(run);
      }
      case 'expectFinalSizeError':
        await this.#world.until(() => this.#isBroken(run));
        return this.#failures.finalSize(run, streamOf(run, step.streamId), step.story);
      case 'packetsShuffled':
        for (const packet of packetsOf(this.#scene.streams, step.seed)) {
          await this.#arrive(run, packet);
          for (const stream of run.streams.values()) await this.#expectWhole(run, stream);
        }
        return;
    }
  }

  #begun(): PacketRun {
    if (this.#run !== null) return this.#run;
    const { limit, streams, unread = [], aside = [] } = this.#scene;
    const feed = new Feed<Packet>(() => this.#world.touch());
    let made: unknown;
    try {
      made = this.#make(feed.readable, limit);
    } catch (error) {
      throw this.#failures.threw(error);
    }
    if (!isAsyncIterable(made)) throw this.#failures.noGenerator(made);
    const ids = Object.keys(streams).map(Number);
    const all = ids.map((id, i): [number, RunStream] => {
      const total = streams[String(id)] ?? 0;
      const text = offsetText(total, LETTERS_EACH * i);
      return [
        id,
        { id, total, text, arrived: new Ranges(), isJudged: !aside.includes(id), isLastSeen: false, body: null },
      ];
    });
    const isRead = new Set(ids.filter((id) => !unread.includes(id)));
    const run: PacketRun = {
      limit,
      feed,
      streams: new Map(all),
      order: [],
      isRead,
      problem: null,
      broke: null,
      done: false,
    };
    this.#run = run;
    void this.#take(made, run);
    return run;
  }

  /** Asks for the next stream as soon as it has one, whatever becomes of the bodies. */
  async #take(generator: AsyncIterable<unknown>, run: PacketRun): Promise<void> {
    try {
      for await (const given of generator) {
        this.#world.touch();
        run.problem ??= this.#accept(given, run);
        if (run.problem !== null) return;
      }
      run.done = true;
    } catch (error) {
      run.broke = { error };
    } finally {
      this.#world.touch();
    }
  }

  #accept(given: unknown, run: PacketRun): StepFailed | null {
    const { streamId, body } = (given ?? {}) as { streamId?: unknown; body?: unknown };
    const stream = typeof streamId === 'number' ? run.streams.get(streamId) : undefined;
    if (stream === undefined) return this.#failures.unknownStream(run, given);
    if (!(body instanceof ReadableStream)) return this.#failures.noBody(stream, body);
    if (stream.body !== null) return this.#failures.givenTwice(run, stream);
    const connection = `stream ${stream.id}`;
    stream.body = new Drain(body, stream.text, {
      chunk: (from, to) => this.#world.record({ connection, by: 'learner', what: 'passed on', from, to }),
      activity: () => this.#world.touch(),
    });
    try {
      if (run.isRead.has(stream.id)) stream.body.begin();
    } catch {
      return this.#failures.lockedBody(stream);
    }
    return null;
  }

  async #arrive(run: PacketRun, packet: PlannedPacket): Promise<void> {
    run.order.push(packet);
    const frames = packet.frames.map(({ streamId, from, to, last }) => {
      const stream = streamOf(run, streamId);
      stream.arrived.add({ from, to });
      const isLast = last === true ? { last } : {};
      if (last === true) stream.isLastSeen = true;
      const connection = `stream ${streamId}`;
      this.#world.record({ connection, by: 'judge', what: 'arrived', from, to, packet: packet.number, ...isLast });
      return { streamId, offset: from, bytes: stream.text.slice(from, to), ...isLast };
    });
    run.feed.give({ number: packet.number, frames });
    await this.#world.settle();
    // An error may be what the next step expects.
    this.#look(run, true);
  }

  async #expectPassedOn(run: PacketRun, stream: RunStream, to: number): Promise<void> {
    const have = (): number => stream.body?.length ?? 0;
    await this.#world.until(() => have() >= to || this.#isBroken(run));
    await this.#world.watch(() => have() > to, WATCHED);
    this.#look(run);
    if (have() < to) throw this.#failures.held(run, stream, to);
    if (have() > to) throw this.#failures.tooMuch(run, stream, to);
  }

  async #expectWhole(run: PacketRun, stream: RunStream): Promise<void> {
    const to = stream.arrived.whole;
    await this.#world.until(() => (stream.body?.length ?? 0) >= to || this.#isBroken(run));
    this.#look(run);
    if ((stream.body?.length ?? 0) < to) throw this.#failures.held(run, stream, to);
  }

  #isBroken(run: PacketRun): boolean {
    const isOff = [...run.streams.values()].some(({ body }) => body !== null && body.fault !== null);
    return run.problem !== null || run.broke !== null || isOff;
  }

  /** What can be wrong at any moment: an error, a wrong byte, a byte that has not arrived, an end before the end. */
  #look(run: PacketRun, mayBreak = false): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(fault);
    if (run.problem !== null) throw run.problem;
    const failure = this.#failures.outcome(run, mayBreak);
    if (failure !== null) throw failure;
  }
}

function streamOf(run: PacketRun, id: number): RunStream {
  const stream = run.streams.get(id);
  if (stream === undefined) throw new Error(`The scene has no stream ${id}: name it in streams`);
  return stream;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The learner puts segments in order; the judge lets them arrive and reads what is passed on. `segment-failures.ts` words what went wrong. */
import type { RawCheck, SegmentStep, SegmentsScene, Step } from '../../exercise.ts';
import { Drain } from '../drain.ts';
import { Feed } from '../feed.ts';
import { offsetText } from '../offset-text.ts';
import { Ranges } from '../ranges.ts';
import { StepFailed, type World } from '../world.ts';
import { foreignStep, type LearnerFunction, type Stage, sceneOf } from './scene.ts';
import { SegmentFailures } from './segment-failures.ts';
import { type Arrival, arrivalsOf } from './segment-plans.ts';

/** What the learner's code is handed. */
export type Segment = { offset: number; bytes: Uint8Array; last?: boolean };

/** One run: what came, in which order, and what was passed on. */
export type SegmentRun = {
  readonly total: number;
  readonly limit: number;
  readonly text: Uint8Array<ArrayBuffer>;
  readonly feed: Feed<Segment>;
  readonly out: Drain;
  readonly arrived: Ranges;
  readonly order: Arrival[];
};

/** How long the judge looks whether more comes than should, on its own clock. */
const WATCHED = 500;

export class SegmentsStage implements Stage {
  #world: World;
  #scene: SegmentsScene;
  #make: (segments: ReadableStream<Segment>, limit: number) => unknown;
  #failures: SegmentFailures;
  #run: SegmentRun | null = null;

  constructor(world: World, check: RawCheck, learner: LearnerFunction) {
    this.#world = world;
    this.#scene = sceneOf(check, 'segments');
    this.#make = learner as (segments: ReadableStream<Segment>, limit: number) => unknown;
    this.#failures = new SegmentFailures(world, check);
  }

  fresh(): void {
    this.#run = null;
  }

  async send(): Promise<void> {
    throw new Error('A segment has an offset: let it arrive; everyCut belongs to a scene with one stream of bytes');
  }

  async play(step: Step): Promise<void> {
    const run = this.#begun();
    switch (step.do) {
      case 'arrive':
      case 'expectPassedOn':
      case 'expectPassedOnAtMost':
      case 'comeAgain':
      case 'expectOver':
      case 'expectNotOver':
      case 'arriveShuffled':
        return this.#play(step, run);
      default:
        throw foreignStep(step, 'segments');
    }
  }

  async #play(step: SegmentStep, run: SegmentRun): Promise<void> {
    switch (step.do) {
      case 'arrive':
        return this.#arrive(run, { from: step.from, to: step.to, last: step.last === true });
      case 'expectPassedOn':
        return this.#expectPassedOn(run, step.to);
      case 'expectPassedOnAtMost':
        await this.#world.watch(() => run.out.length > step.to, WATCHED);
        this.#look(run);
        if (run.out.length > step.to) throw this.#failures.keptTooMuch(run, step.to);
        return;
      case 'comeAgain':
        while (run.out.length < run.total) {
          const from = run.out.length;
          const to = Math.min(run.total, from + step.size);
          await this.#arrive(run, { from, to, last: to === run.total });
          await this.#world.until(() => run.out.length >= to);
          this.#look(run);
          if (run.out.length < to) throw this.#failures.held(run, to);
        }
        return;
      case 'expectOver':
        await this.#expectPassedOn(run, run.total);
        await this.#world.until(() => run.out.ended || run.out.fault !== null);
        this.#look(run);
        if (!run.out.ended) throw this.#failures.neverEnds(run);
        return;
      case 'expectNotOver':
        await this.#world.watch(() => run.out.ended, WATCHED);
        this.#look(run);
        return;
      case 'arriveShuffled':
        for (const range of arrivalsOf(run.total, step.seed)) {
          await this.#arrive(run, { ...range, last: false });
          await this.#expectWhole(run);
        }
        return;
    }
  }

  #begun(): SegmentRun {
    if (this.#run !== null) return this.#run;
    const { total, limit } = this.#scene;
    const feed = new Feed<Segment>(() => this.#world.touch());
    let made: unknown;
    try {
      made = this.#make(feed.readable, limit);
    } catch (error) {
      throw this.#failures.threw(error);
    }
    if (!(made instanceof ReadableStream)) throw this.#failures.noStream(made);
    const text = offsetText(total);
    const out = new Drain(made, text, {
      chunk: (from, to) => this.#world.record({ connection: 'tcp', by: 'learner', what: 'passed on', from, to }),
      activity: () => this.#world.touch(),
    });
    this.#run = { total, limit, text, feed, out, arrived: new Ranges(), order: [] };
    try {
      out.begin();
    } catch {
      throw this.#failures.lockedStream();
    }
    return this.#run;
  }

  async #arrive(run: SegmentRun, { from, to, last }: Arrival): Promise<void> {
    run.order.push({ from, to, last });
    run.arrived.add({ from, to });
    this.#world.record({ connection: 'tcp', by: 'judge', what: 'arrived', from, to, ...(last ? { last } : {}) });
    run.feed.give({ offset: from, bytes: run.text.slice(from, to), ...(last ? { last } : {}) });
    await this.#world.settle();
    this.#look(run);
  }

  async #expectPassedOn(run: SegmentRun, to: number): Promise<void> {
    await this.#world.until(() => run.out.length >= to || run.out.fault !== null);
    await this.#world.watch(() => run.out.length > to, WATCHED);
    this.#look(run);
    if (run.out.length < to) throw this.#failures.held(run, to);
    if (run.out.length > to) throw this.#failures.tooMuch(run, to);
  }

  /** What is there without a hole was passed on; `look` has seen that nothing else was. */
  async #expectWhole(run: SegmentRun): Promise<void> {
    const to = run.arrived.whole;
    await this.#world.until(() => run.out.length >= to || run.out.fault !== null);
    this.#look(run);
    if (run.out.length < to) throw this.#failures.held(run, to);
  }

  /** What can be wrong at any moment: an error, a wrong byte, a byte that has not arrived, an end before the end. */
  #look(run: SegmentRun): void {
    const { fault } = this.#world;
    if (fault !== null) throw new StepFailed(this.#failures.withPicture(fault, run));
    const failure = this.#failures.outcome(run);
    if (failure !== null) throw failure;
  }
}

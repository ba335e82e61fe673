/** The learner exports a pure function: the judge calls it and compares. `function-failures.ts` words the difference. */
import type { RawCheck, Step } from '../../exercise.ts';
import { StepFailed, type World } from '../world.ts';
import { FunctionFailures } from './function-failures.ts';
import type { ExpectRoadsStep, ExpectValueStep, Json } from './function-steps.ts';
import { heldStep, isClear, playHeldRun } from './held-run.ts';
import { roadStep } from './road-plan.ts';
import { runRoads } from './road-run.ts';
import { type FindExport, foreignStep, type LearnerFunction, type Stage, sceneOf } from './scene.ts';

export class FunctionStage implements Stage {
  #world: World;
  #call: (...args: Json[]) => unknown;
  #failures: FunctionFailures;
  #check: RawCheck;
  #find: FindExport;

  constructor(world: World, check: RawCheck, learner: LearnerFunction, find: FindExport) {
    sceneOf(check, 'function');
    this.#world = world;
    this.#check = check;
    this.#find = find;
    this.#call = learner as (...args: Json[]) => unknown;
    this.#failures = new FunctionFailures(world, check);
  }

  fresh(): void {
    // A pure function has nothing to forget.
  }

  async play(step: Step): Promise<void> {
    if (step.do === 'expectValue') return this.compare(step);
    if (step.do === 'expectRoads') return this.#roads(step);
    if (step.do !== 'expectHeldInRun') throw foreignStep(step, 'function');
    const serve = this.#find(step.server.file, step.server.export);
    const replies = await playHeldRun(step, { world: this.#world, check: this.#check, serve });
    if (isClear(replies)) await this.compare(heldStep(replies));
  }

  async #roads(step: ExpectRoadsStep): Promise<void> {
    for (const { plan, finished } of await runRoads(step, { world: this.#world, check: this.#check, find: this.#find }))
      await this.compare(roadStep(plan, finished));
  }

  async send(): Promise<void> {
    throw new Error('A function has no stream: everyCut belongs to a scene with one');
  }

  /** Calls once with copies of the arguments and compares; other stages use it for arguments of their own making. */
  async compare(step: ExpectValueStep): Promise<void> {
    // A copy: the arguments are shown again in a failure, whatever was done to them.
    const args = structuredClone(step.args) as Json[];
    let value: unknown;
    try {
      value = this.#call(...args);
    } catch (error) {
      throw this.#failures.threw(step, error);
    }
    // An unhandled rejection or a printed line belongs to this call.
    await this.#world.settle();
    if (this.#world.fault !== null) throw new StepFailed(this.#world.fault);
    const failure = this.#failures.compare(step, value);
    if (failure !== null) throw failure;
  }
}

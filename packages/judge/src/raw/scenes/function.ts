/** The learner exports a pure function: the judge calls it and compares. `function-failures.ts` words the difference. */
import type { RawCheck, Step } from '../../exercise.ts';
import { StepFailed, type World } from '../world.ts';
import { FunctionFailures } from './function-failures.ts';
import type { FunctionStep, Json } from './function-steps.ts';
import { foreignStep, type Stage, sceneOf } from './scene.ts';

export class FunctionStage implements Stage {
  #world: World;
  #call: (...args: Json[]) => unknown;
  #failures: FunctionFailures;

  constructor(world: World, check: RawCheck, learner: (...args: never[]) => unknown) {
    sceneOf(check, 'function');
    this.#world = world;
    this.#call = learner as (...args: Json[]) => unknown;
    this.#failures = new FunctionFailures(world, check);
  }

  fresh(): void {
    // A pure function has nothing to forget.
  }

  async play(step: Step): Promise<void> {
    if (step.do !== 'expectValue') throw foreignStep(step, 'function');
    return this.compare(step);
  }

  async send(): Promise<void> {
    throw new Error('A function has no stream: everyCut belongs to a scene with one');
  }

  /** Calls once with copies of the arguments and compares; other stages use it for arguments of their own making. */
  async compare(step: FunctionStep): Promise<void> {
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

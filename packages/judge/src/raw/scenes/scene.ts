/** What a scene offers to the judge: it plays steps, and says what its learner function is called. */
import type { RawCheck, Step } from '../../exercise.ts';
import type { World } from '../world.ts';

export type Stage = {
  /** Plays one step; throws `StepFailed` when an expectation does not hold. */
  play(step: Step): Promise<void>;
  /** One delivery of an `everyCut`: as a `send` step, without the detour over data. */
  send(bytes: Uint8Array): Promise<void>;
  /** Another delivery begins: forget the connections of the one before. */
  fresh(): void;
};

export type MakeStage = (world: World, check: RawCheck, learner: (...args: never[]) => unknown) => Stage;

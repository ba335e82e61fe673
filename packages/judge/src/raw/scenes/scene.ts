/** What a scene offers to the judge: it plays steps, and says what its learner function is called. */
import type { Check, RawCheck, Scene, Step } from '../../exercise.ts';
import type { World } from '../world.ts';

export type Stage = {
  /** Plays one step; throws `StepFailed` when an expectation does not hold. */
  play(step: Step): Promise<void>;
  /** One delivery of an `everyCut`: as a `send` step, without the detour over data. */
  send(bytes: Uint8Array): Promise<void>;
  /** Another delivery begins: forget the connections of the one before. */
  fresh(): void;
};

export type LearnerFunction = (...args: never[]) => unknown;
/** Another export of the learner's files: for checks in which two of their programs meet. */
export type FindExport = (file: string, name: string) => LearnerFunction;

export type MakeStage = (world: World, check: RawCheck, learner: LearnerFunction, find: FindExport) => Stage;

/** The check's scene as the kind that its player knows. @throws for a scene of another kind: a fault of the engine's, not the learner's. */
export function sceneOf<K extends Scene['kind']>(check: Check, kind: K): Extract<Scene, { kind: K }> {
  if (check.scene.kind === kind) return check.scene as Extract<Scene, { kind: K }>;
  throw new Error(`${check.id} has a ${check.scene.kind} scene; its player knows ${kind} scenes`);
}

/** A step that belongs to another kind of scene: the exercise's fault. */
export function foreignStep(step: Step, kind: Scene['kind']): Error {
  return new Error(`${step.do} is no step of a ${kind} scene: give the check a scene that plays it`);
}

/** Which file plays which scene. A new kind of exercise (a client, frames, segments) adds its stage here and its steps in `exercise.ts`. */
import type { Scene } from '../../exercise.ts';
import type { MakeStage } from './scene.ts';
import { ServerStage } from './server.ts';

export const STAGES: Readonly<Record<Scene['kind'], MakeStage>> = {
  server: (world, check, learner) => new ServerStage(world, check, learner),
};

/** Which file plays which scene. A new kind of exercise (a client, frames, segments) adds its stage here and its steps in `exercise.ts`. */
import type { Scene } from '../../exercise.ts';
import { ClientStage } from './client.ts';
import { FramesStage } from './frames.ts';
import { FunctionStage } from './function.ts';
import { Http2Stage } from './http2.ts';
import { Http2ClientStage } from './http2-client.ts';
import { LinkStage } from './link.ts';
import { PacketsStage } from './packets.ts';
import { ReaderStage } from './reader.ts';
import type { MakeStage } from './scene.ts';
import { SegmentsStage } from './segments.ts';
import { ServerStage } from './server.ts';

export const STAGES: Readonly<Record<Scene['kind'], MakeStage>> = {
  server: (world, check, learner) => new ServerStage(world, check, learner),
  reader: (world, check, learner) => new ReaderStage(world, check, learner),
  client: (world, check, learner) => new ClientStage(world, check, learner),
  link: (world, check, learner, find) => new LinkStage(world, check, learner, find),
  packets: (world, check, learner) => new PacketsStage(world, check, learner),
  segments: (world, check, learner) => new SegmentsStage(world, check, learner),
  frames: (world, check, learner) => new FramesStage(world, check, learner),
  http2: (world, check, learner) => new Http2Stage(world, check, learner),
  'http2-client': (world, check, learner) => new Http2ClientStage(world, check, learner),
  function: (world, check, learner, find) => new FunctionStage(world, check, learner, find),
};

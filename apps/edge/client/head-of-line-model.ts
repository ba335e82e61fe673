import type { HolePlan } from '../src/story/head-of-line/plan.ts';
import { holeRun } from '../src/story/head-of-line/run.ts';

// Beside the page: the cores of both versions come only when a hole is moved, and run where they hold nobody up.
addEventListener('message', ({ data }: MessageEvent<HolePlan>) => postMessage(holeRun(data)));

import type { Idea } from '../story/idea.ts';
import { frames } from './frames.ts';
import { live } from './live.ts';
import { why } from './why.ts';

/** Pages that read the visitor's own connections, told like an idea of the story, outside of its order. */
export const INSTRUMENTS: readonly Idea[] = [live, why, frames];

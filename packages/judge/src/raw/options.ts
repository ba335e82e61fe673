/** What the learner's `serve` gets as its third argument: the scene's data, and a signal where the scene asks for one. */
import type { ServerScene } from '../exercise.ts';

export function handedOptions(options: ServerScene['options'], signal: AbortSignal): object | undefined {
  if (options === undefined) return undefined;
  const { signal: wanted, ...data } = options;
  return wanted === true ? { ...data, signal } : data;
}

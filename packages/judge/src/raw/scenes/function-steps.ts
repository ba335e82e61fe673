/** Steps for a learner who exports a pure function: arguments in, a value out; and each step in words. */

import type { PictureLine } from '../../result.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The learner exports a function of plain values. Nothing is on a wire; the judge calls it and compares. */
export type FunctionScene = {
  readonly kind: 'function';
  readonly file: string;
  readonly export: string;
};

export type FunctionStep = ExpectValueStep | ExpectHeldInRunStep | ExpectRoadsStep;

type Export = { readonly file: string; readonly export: string };

/**
 * A seeded plan on each of the three roads, run through the learner's own server, `inOrder` and `streams`; what the function says
 * of it is what was measured (HL4).
 */
export type ExpectRoadsStep = {
  readonly do: 'expectRoads';
  readonly seed: number;
  readonly schedule: 'shared' | 'in turn';
  readonly server: Export;
  readonly tcp: Export;
  readonly quic: Export;
};

/**
 * A seeded run: pipelined requests go to the learner's own server, whose handlers are of different speed. What is seen there is
 * the argument of the function, and says what must come of it (PL5).
 */
export type ExpectHeldInRunStep = {
  readonly do: 'expectHeldInRun';
  readonly seed: number;
  readonly server: { readonly file: string; readonly export: string };
};

/** Calls the function once. */
export type ExpectValueStep = {
  readonly do: 'expectValue';
  readonly args: readonly Json[];
  readonly gives: Json;
  /** What the arguments stand for, one or two lines for a person. */
  readonly story: string;
  /** For a list of objects: the member that tells one from another. Then the order of the list is free, and more members are too. */
  readonly key?: string;
  /** What an item of the list is called, such as `reply`. Default: the key. */
  readonly noun?: string;
  /** Members that are lists whose order is free. */
  readonly unordered?: readonly string[];
  /** The arguments drawn: printed under a failure instead of the story. */
  readonly picture?: readonly PictureLine[];
};

/** One line, present tense. */
export function describeFunctionStep(step: FunctionStep): string {
  if (step.do === 'expectHeldInRun')
    return `Run your own server with pipelined requests, seed ${step.seed}; call it with what was seen.`;
  if (step.do === 'expectRoads')
    return `Run your own programs on three roads, ${step.schedule}, seed ${step.seed}; expect what you predict.`;
  return `Call it with ${step.story}; expect ${jsonText(step.gives, 80)}.`;
}

/** `{ id: 2, from: 10 }`: a value as the learner would write it, cut at `limit` characters. Takes whatever code may give. */
export function jsonText(value: unknown, limit = 120): string {
  const text = write(value);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return `a ${value.constructor.name}`;
  const members = Object.entries(value).map(([name, of]) => `${name}: ${write(of)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

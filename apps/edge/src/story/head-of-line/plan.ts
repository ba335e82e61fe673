import { seeded } from '../seeded.ts';

/** The order in which a server writes: each reply to its end, or a piece of each in turn. */
export type Order = 'turn' | 'shared';

/** All that an address says of a modelled run. */
export interface HolePlan {
  /** Replies. */
  readonly n: number;
  /** Decides how long each reply is. */
  readonly seed: number;
  readonly order: Order;
  /** First byte of the connection that is lost, counted from the server's first. */
  readonly from: number;
  /** Bytes that are lost together. */
  readonly lost: number;
}

const MOST_REPLIES = 12;
/** A segment on this link carries at most so much, and so a loss is at most so large. */
export const SEGMENT = 1_000;
/** Content that a server writes at once. */
export const PIECE = 600;
/** Content of one reply. */
const SHORTEST = 900;
const LONGEST = 3_300;

/** Where the hole is unless somebody moves it: in the content of one reply, with others before and behind it. */
const FROM = 6_380;
export const LOST = 200;

/** Reads a plan from an address; what is not a number in range there is the default. */
export function holePlan(params: URLSearchParams): HolePlan {
  return {
    n: wholeOf(params, 'n', 2, MOST_REPLIES, MOST_REPLIES),
    seed: wholeOf(params, 'seed', 0, 9_999, 7),
    order: params.get('order') === 'turn' ? 'turn' : 'shared',
    from: wholeOf(params, 'from', 0, 99_999, FROM),
    lost: wholeOf(params, 'lost', 1, SEGMENT, LOST),
  };
}

/** A whole number from an address, or what stands for one that is missing or out of range. */
export function wholeOf(params: URLSearchParams, name: string, least: number, most: number, otherwise: number): number {
  const text = params.get(name);
  const n = text === null || text === '' ? otherwise : Number(text);
  return Number.isInteger(n) && n >= least && n <= most ? n : otherwise;
}

/** The length of each reply's content. */
export function sizesOf({ n, seed }: Pick<HolePlan, 'n' | 'seed'>): number[] {
  const random = seeded(seed);
  return Array.from({ length: n }, () => SHORTEST + Math.floor(random() * (LONGEST - SHORTEST)));
}

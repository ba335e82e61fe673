/** Waits for what learner code in a page comes to, and tells it to give up when nothing moves any more. */
import type { Page } from '@playwright/test';
import { engineFailure } from '../raw/engine.ts';
import { GIVE_UP } from './client-page.ts';
import { CheckFailed } from './server.ts';

/** A page that has been told to give up waiting answers within this, if it answers at all. */
const STANDS_STILL_MS = 8000;
/** Looks for something new so often in the time of a step. */
const LOOKS = 2;
/** Before anything has moved it may be that the page still loads: that time is granted so often. */
const COMING = 5;

/**
 * As long as bytes come and go it is the machine that is slow. A step's time without any is the learner's.
 *
 * @param moves - grows with all that is seen to happen, and is 0 before
 * @throws CheckFailed when the page does not come back at all
 */
export async function whileItMoves<T>(page: Page, asked: Promise<T>, stepMs: number, moves: () => number): Promise<T> {
  asked.catch(() => {});
  for (let quiet = 0, seen = moves(); quiet < LOOKS * (seen === 0 ? COMING : 1); ) {
    const first = await Promise.race([asked, after(stepMs / LOOKS)]);
    if (first !== undefined) return first;
    quiet = moves() === seen ? quiet + 1 : 0;
    seen = moves();
  }
  page.evaluate(`globalThis.${GIVE_UP}?.()`).catch(() => {});
  const last = await Promise.race([asked, after(STANDS_STILL_MS)]);
  if (last !== undefined) return last;
  throw new CheckFailed(engineFailure('hung', 'Your code does not come back: the page stands still.', []));
}

function after(ms: number): Promise<undefined> {
  // It may be waited for no longer; then it holds nobody.
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}

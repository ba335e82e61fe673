/** Looks whether the images of a page are there. */
import type { BrowserCheck } from '../exercise.ts';
import type { Failure } from '../result.ts';
import type { WarmPage } from './browser.ts';
import { brokenReply } from './failures.ts';
import type { NetworkLog } from './network.ts';
import type { TcpReport } from './tcp-scene.ts';
import { netErrorWords } from './words.ts';

/** The paths of the images that the page has and does not show. `count`: how many it must have. */
export async function missingImages(page: WarmPage['page'], count: number): Promise<readonly string[]> {
  const images = await page.evaluate(() =>
    [...document.images].map((image) => ({
      path: new URL(image.src).pathname,
      shown: image.complete && image.naturalWidth > 0,
    })),
  );
  if (images.length < count) throw new Error(`The page has ${images.length} images, and ${count} are expected of it`);
  return images.filter(({ shown }) => !shown).map(({ path }) => path);
}

/** The first image that is missing stands for all: its reply has the cause. */
export function brokenImages(
  check: BrowserCheck,
  missing: readonly string[],
  network: NetworkLog,
  report: TcpReport,
): Failure {
  const request = `GET ${missing[0]}`;
  const error = network.latest(request)?.error;
  const why = error == null ? 'what came is no image' : netErrorWords(error);
  const failure = brokenReply(check, request, why, report);
  return missing.length < 2
    ? failure
    : { ...failure, facts: [...(failure.facts ?? []), `${missing.length} images are missing in the page`] };
}

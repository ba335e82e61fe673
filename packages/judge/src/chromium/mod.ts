/** The browser that judges: where it is found, how it is started, and how it plays a check. */
export { type PageKind, WarmChromium, type WarmPage } from './browser.ts';
export { chromiumFlags, type FoundChromium, findChromium, NO_CHROMIUM } from './find.ts';
export { ChromiumJudge } from './judge.ts';

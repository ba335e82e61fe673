import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `npm start` and `npm test` write about the Chromium while they bring one, in `chromium.json` of the state folder. */
export interface ChromiumState {
  readonly state: 'looking' | 'installing' | 'ready' | 'failed';
  readonly path: string | null;
  readonly version: string | null;
  /** While installing: what is at work, and how far it is where that is known. */
  readonly step: string | null;
  readonly percent: number | null;
  /** When failed: what was tried, and what to type. */
  readonly tried: readonly string[];
  readonly remedy: readonly string[];
}

/** The state of the Chromium: `CHROMIUM` where it is set, else what the bootstrap has found, else null. */
export async function chromiumState(
  stateDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChromiumState | null> {
  if (env.CHROMIUM && existsSync(env.CHROMIUM)) {
    return { state: 'ready', path: env.CHROMIUM, version: null, step: null, percent: null, tried: [], remedy: [] };
  }
  try {
    return JSON.parse(await readFile(join(stateDir, 'chromium.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** One sentence about it. */
export function chromiumSentence(state: ChromiumState | null): string | null {
  switch (state?.state) {
    case 'looking':
      return 'A Chromium is being looked for. The judge of bytes works without it.';
    case 'installing': {
      const far = state.percent === null ? '' : `, ${state.percent} % done`;
      return `A Chromium is on its way (${state.step ?? 'installing'}${far}). The judge of bytes works without it.`;
    }
    case 'failed':
      return `There is no Chromium: ${state.tried.at(-1) ?? 'none was found'}. ${state.remedy.join(' ')}`;
    default:
      return null;
  }
}

/** Calls `tell` once the Chromium that is on its way is there, or is known not to come. Returns what stops the watch. */
export function watchChromium(stateDir: string, tell: (state: ChromiumState) => void): () => void {
  const timer = setInterval(async () => {
    const state = await chromiumState(stateDir);
    if (state?.state !== 'ready' && state?.state !== 'failed') return;
    if (stopped) return;
    stop();
    tell(state);
  }, 1_000);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
  };
  return stop;
}

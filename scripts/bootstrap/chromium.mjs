// Sees to it that there is a Chromium: behind a command that does not need it yet, or before one that does.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quickCandidates } from './chromium-candidates.mjs';
import { readState, readyChromium } from './chromium-state.mjs';
import { CHROMIUM_LOCK, CHROMIUM_LOG } from './chromium-worker.mjs';
import { Failure } from './failure.mjs';
import { lockOwner } from './lock.mjs';
import { root, stateFolder } from './paths.mjs';

/**
 * Starts bringing a Chromium and returns at once. Says a line only when something will be fetched.
 *
 * @returns {string | null} the path, when an earlier run has found one
 */
export function chromiumBehind(reporter) {
  const ready = readyChromium();
  if (ready !== null) return ready;
  if (quickCandidates().length === 0 && !process.env.CHROMIUM) {
    reporter.say('No Chrome or Chromium is on this machine: one is brought behind the lab, which says how far it is.');
    if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
      reporter.say(
        "(Playwright's own; if that does not come, the system's package chromium. `--no-browser` prevents it.)",
      );
    }
  }
  startWorker();
  return null;
}

/**
 * Waits until there is a Chromium.
 *
 * @returns {Promise<string>} its path
 * @throws {Failure} when none could be brought
 */
export async function chromiumFirst(reporter) {
  const ready = readyChromium();
  if (ready !== null) return ready;
  const since = Date.now();
  startWorker();
  let step = null;
  let shown = '';
  for (;;) {
    await sleep(100);
    const state = readState();
    const fresh = state !== null && (state.at >= since || lockOwner(CHROMIUM_LOCK) === state.pid);
    if (!fresh) {
      if (Date.now() - since > 20_000 && lockOwner(CHROMIUM_LOCK) === null) throw died();
      continue;
    }
    if (state.state === 'installing') {
      if (state.step !== shown) {
        step?.end();
        shown = state.step;
        step = reporter.step(`Chromium: ${shown}`);
      }
      step.update(state.percent === null ? 'at work' : `${state.percent} %`, state.percent ?? 0, 100);
    } else if (state.state === 'ready') {
      step?.end(state.version === null ? '' : `Chromium ${state.version}`);
      return state.path;
    } else if (state.state === 'failed') {
      step?.fail();
      throw new Failure('There is no Chromium here, and none could be brought.', { ...state, log: CHROMIUM_LOG });
    }
    if (lockOwner(CHROMIUM_LOCK) === null && Date.now() - state.at > 20_000) throw died();
  }
}

function startWorker() {
  if (lockOwner(CHROMIUM_LOCK) !== null) return;
  mkdirSync(stateFolder, { recursive: true });
  const worker = spawn(process.execPath, [join(root, 'scripts', 'bootstrap.mjs'), ':chromium'], {
    cwd: root,
    // Its own session: Ctrl-C in the terminal is for the lab, and a system package wants to be finished.
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  worker.on('error', () => {});
  worker.unref();
}

function died() {
  return new Failure('The process that brings a Chromium ended without a word.', {
    tried: ['looking for one, and installing one'],
    remedy: ['The same command again.'],
    log: CHROMIUM_LOG,
  });
}

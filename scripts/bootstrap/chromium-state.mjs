// What is known about the Chromium, in a file that the lab and the tests read: `.interleave/chromium.json`.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chromiumState, installedVersion } from './paths.mjs';

/**
 * @typedef {object} ChromiumState
 * @property {1} v
 * @property {'looking' | 'installing' | 'ready' | 'failed'} state
 * @property {string | null} path      when ready: what to start
 * @property {string | null} version   of the browser, where it tells
 * @property {'CHROMIUM' | 'playwright' | 'machine' | 'debian' | null} source
 * @property {string | null} step      while installing: the command that is at work
 * @property {number | null} percent   of that command, where it tells
 * @property {string[]} tried          one line each, in order
 * @property {string[]} remedy         when failed: what to type
 * @property {number} pid              of the process that writes this
 * @property {number} at               epoch milliseconds
 * @property {string | null} playwright  the version that was asked for its own browser
 */

/** @returns {ChromiumState | null} */
export function readState() {
  try {
    const state = JSON.parse(readFileSync(chromiumState, 'utf8'));
    return state.v === 1 ? state : null;
  } catch {
    return null;
  }
}

/**
 * Writes a whole file at once: a reader meets the old word or the new one.
 *
 * @param {Partial<ChromiumState>} fields
 */
export function writeState(fields) {
  const state = {
    v: 1,
    state: 'looking',
    path: null,
    version: null,
    source: null,
    step: null,
    percent: null,
    tried: [],
    remedy: [],
    playwright: installedVersion('@playwright/test'),
    pid: process.pid,
    at: Date.now(),
    ...fields,
  };
  mkdirSync(dirname(chromiumState), { recursive: true });
  const temporary = `${chromiumState}.${process.pid}.part`;
  try {
    writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`);
    renameSync(temporary, chromiumState);
  } catch (error) {
    // On Windows a reader may hold the old file for a moment: the next word comes soon, the last one is written again.
    rmSync(temporary, { force: true });
    if (error.code !== 'EPERM' && error.code !== 'EACCES') throw error;
    if (state.state === 'ready' || state.state === 'failed') writeFileSync(chromiumState, JSON.stringify(state));
  }
  return state;
}

/** The path of the Chromium that an earlier run found, when that still holds; else null. */
export function readyChromium(env = process.env) {
  const state = readState();
  if (state?.state !== 'ready' || !existsSync(state.path)) return null;
  if (env.CHROMIUM) return state.path === env.CHROMIUM ? state.path : null;
  // One that somebody named once, and no longer names, is not theirs for good.
  if (state.source === 'CHROMIUM') return null;
  return state.playwright === installedVersion('@playwright/test') ? state.path : null;
}

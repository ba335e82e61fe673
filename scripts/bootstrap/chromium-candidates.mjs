// Where a Chromium may be on this machine already, in the order in which they are taken.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installedVersion, pinnedNode, root } from './paths.mjs';
import { onPath } from './processes.mjs';

/** @typedef {{ path: string, source: 'CHROMIUM' | 'playwright' | 'machine' }} Candidate */

/** What is there, by existence alone: quick enough for every start. Playwright's own is not asked for here. */
export function quickCandidates(env = process.env) {
  if (env.CHROMIUM) return isExecutable(env.CHROMIUM) ? [{ path: env.CHROMIUM, source: 'CHROMIUM' }] : [];
  return machinePaths(env).map(from('machine'));
}

/**
 * Everything there is, Playwright's own first. Who names one in `CHROMIUM` wants that one and no other.
 *
 * @returns {Promise<Candidate[]>}
 */
export async function allCandidates(env = process.env) {
  if (env.CHROMIUM) return [{ path: env.CHROMIUM, source: 'CHROMIUM' }];
  const own = await playwrightPath(env);
  return [...(own === null ? [] : [own]).map(from('playwright')), ...machinePaths(env).map(from('machine'))];
}

/**
 * @param {Candidate['source']} source
 * @returns {(path: string) => Candidate}
 */
function from(source) {
  return (path) => ({ path, source });
}

/** Of the Playwright in node_modules, whether or not its browser has been downloaded. */
export function playwrightPath(env = process.env) {
  if (installedVersion('@playwright/test') === null) return Promise.resolve(null);
  const script = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
  return new Promise((resolve) => {
    execFile(pinnedNode, ['-e', script], { cwd: root, env, timeout: 20_000, windowsHide: true }, (error, stdout) =>
      resolve(error === null && stdout !== '' ? stdout : null),
    );
  });
}

/**
 * Whether it starts at all: a download on a bare machine lacks the libraries it was linked to.
 *
 * @returns {Promise<{ version: string | null, fault: string | null }>}
 */
export function tryChromium(path) {
  if (!existsSync(path)) return Promise.resolve({ version: null, fault: 'is not there' });
  if (!isExecutable(path)) return Promise.resolve({ version: null, fault: 'is not a program' });
  // On Windows `--version` opens a window instead of answering.
  if (process.platform === 'win32') return Promise.resolve({ version: null, fault: null });
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve({ version: /[\d.]{5,}/.exec(stdout)?.[0] ?? null, fault: null });
      const library = /error while loading shared libraries: ([^:]+)/.exec(stderr)?.[1];
      const said = stderr.trim().split('\n')[0] || error.message.split('\n')[0];
      resolve({ version: null, fault: library ? `does not start: ${library} is missing` : `does not start: ${said}` });
    });
  });
}

function machinePaths(env) {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];
  const paths = {
    linux: () => names.flatMap((name) => onPath(name, env)),
    darwin: () =>
      ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
        join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
        join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
        join(folder, 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge'),
      ]),
    win32: () =>
      [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA]
        .filter(Boolean)
        .flatMap((folder) => [
          join(folder, 'Chromium/Application/chrome.exe'),
          join(folder, 'Google/Chrome/Application/chrome.exe'),
          join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ]),
  };
  const found = (paths[process.platform] ?? paths.linux)().filter(isExecutable);
  // A snap sees neither our profiles in /tmp nor hidden folders: only when nothing else is there.
  return [...found.filter((path) => !isSnap(path)), ...found.filter(isSnap)];
}

function isSnap(path) {
  try {
    return /^\/snap\/|\/snap$/.test(realpathSync(path)) || path.startsWith('/snap/');
  } catch {
    return false;
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

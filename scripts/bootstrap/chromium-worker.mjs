// Brings a Chromium, in a process of its own that outlives Ctrl-C: a system package must not be cut off half way.
// Its word is `.interleave/chromium.json`; nobody needs to be there to listen.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCandidates, playwrightPath, tryChromium } from './chromium-candidates.mjs';
import { writeState } from './chromium-state.mjs';
import { tryLock } from './lock.mjs';
import { pinnedNode, projectEnvironment, root, stateFolder } from './paths.mjs';
import { runLogged } from './processes.mjs';

export const CHROMIUM_LOCK = join(stateFolder, 'chromium.lock');
export const CHROMIUM_LOG = join(stateFolder, 'logs', 'chromium.log');

/** @returns {Promise<number>} the exit code */
export async function chromiumWorker() {
  const held = tryLock(CHROMIUM_LOCK);
  if (held === null) return 0;
  const tried = [];
  try {
    writeState({ state: 'looking' });
    const found = (await look(tried)) ?? (process.env.CHROMIUM ? null : await install(tried));
    if (found !== null) {
      writeState({ state: 'ready', ...found, tried });
      return 0;
    }
    writeState({ state: 'failed', tried, remedy: remedies() });
    return 1;
  } catch (error) {
    writeState({ state: 'failed', tried: [...tried, error.stack ?? String(error)], remedy: remedies() });
    return 1;
  } finally {
    held.release();
  }
}

/** @typedef {Pick<import('./chromium-state.mjs').ChromiumState, 'path' | 'source' | 'version'>} Found */

/** @returns {Promise<Found | null>} */
async function look(tried) {
  for (const { path, source } of await allCandidates()) {
    const { version, fault } = await tryChromium(path);
    if (fault === null) return { path, source, version };
    tried.push(`${path}  ${fault}`);
  }
  if (tried.length === 0) tried.push('Chromium, Chrome and Edge on this machine: none found');
  return null;
}

/** @returns {Promise<Found | null>} */
async function install(tried) {
  return (await playwrightInstall(tried)) ?? (await debianInstall(tried));
}

/** @returns {Promise<Found | null>} */
async function playwrightInstall(tried) {
  const step = 'playwright install chromium';
  writeState({ state: 'installing', step, tried });
  const { code, tail } = await runLogged({
    command: pinnedNode,
    // The full browser alone: an unmodified Chromium is what judges, not its headless shell.
    args: [join(root, 'node_modules', '@playwright', 'test', 'cli.js'), 'install', '--no-shell', 'chromium'],
    cwd: root,
    env: projectEnvironment({ PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '30000' }),
    log: CHROMIUM_LOG,
    quietMs: 120_000,
    detached: process.platform !== 'win32',
    onLine: (line) => tellPercent(step, tried, /(\d{1,3})%/.exec(line)?.[1]),
  });
  if (code !== 0) {
    tried.push(`${step}  →  ${reason(tail) ?? `exit code ${code}`}`);
    return null;
  }
  const path = await playwrightPath();
  const { version, fault } = path === null ? { fault: 'told no path' } : await tryChromium(path);
  if (fault === null) return { path, source: 'playwright', version };
  tried.push(`${step}  →  came, but ${fault}`);
  return null;
}

/** @returns {Promise<Found | null>} */
async function debianInstall(tried) {
  if (!isDebian()) return null;
  if (process.getuid() !== 0) {
    tried.push('apt-get install chromium  →  only root may, and this is not root');
    return null;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const apt = (step, args) => {
    writeState({ state: 'installing', step, tried });
    return runLogged({
      command: 'apt-get',
      args: ['-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'APT::Status-Fd=3', '-o', 'Acquire::Retries=2', ...args],
      env,
      log: CHROMIUM_LOG,
      quietMs: 300_000,
      extraPipe: true,
      detached: true,
      // `dlstatus:1:42.5:…` while it downloads, `pmstatus:chromium:42.5:…` while it unpacks.
      onLine(line) {
        const status = /^(dl|pm)status:[^:]*:([\d.]+):/.exec(line);
        if (status !== null) tellPercent(step, tried, (status[1] === 'dl' ? 0 : 50) + Number(status[2]) / 2);
      },
    });
  };
  // A machine that was switched off in the middle of an earlier install refuses all others until this is done.
  await runLogged({ command: 'dpkg', args: ['--configure', '-a'], env, log: CHROMIUM_LOG, detached: true });
  const update = await apt('apt-get update', ['update']);
  if (update.code !== 0) tried.push(`apt-get update  →  ${reason(update.tail) ?? `exit code ${update.code}`}`);
  // A browser without a font measures and draws nothing that a person would read.
  const step = 'apt-get install chromium';
  const { code, tail } = await apt(step, ['install', '--no-install-recommends', 'chromium', 'fonts-liberation']);
  if (code !== 0) {
    tried.push(`${step}  →  ${reason(tail) ?? `exit code ${code}`}`);
    return null;
  }
  const path = '/usr/bin/chromium';
  const { version, fault } = await tryChromium(path);
  if (fault === null) return { path, source: 'debian', version };
  tried.push(`${step}  →  came, but ${fault}`);
  return null;
}

function tellPercent(step, tried, percent) {
  if (percent === undefined) return;
  writeState({ state: 'installing', step, percent: Math.floor(Number(percent)), tried });
}

function reason(tail) {
  const line =
    tail.find((text) => /^(?:E|Error): /.test(text)) ?? tail.find((text) => /ENOTFOUND|ECONN|ETIMEDOUT/.test(text));
  return line
    ?.trim()
    .replace(/^(?:E|Error): /, '')
    .slice(0, 160);
}

function isDebian() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return false;
  try {
    // Ubuntu's package of that name is a snap in disguise.
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function remedies() {
  if (process.env.CHROMIUM) return ['Name one that is there in CHROMIUM, or leave CHROMIUM out and one is looked for.'];
  const own = 'CHROMIUM=/path/to/chrome npm test     to name one that this did not find';
  if (isDebian()) return ['apt-get install chromium     as root, then the same command again', own];
  if (process.platform === 'linux') {
    return [
      'sudo npx playwright install --with-deps chromium',
      'or install Google Chrome from https://www.google.com/chrome',
      own,
    ];
  }
  return ['Install Google Chrome from https://www.google.com/chrome, then the same command again.', own];
}

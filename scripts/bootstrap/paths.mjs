// Where things are, and which versions are pinned. Nothing here touches the network or starts a process.
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What the bootstrap keeps for itself: the package manager, locks, logs. */
export const stateFolder = join(root, '.interleave');

/** Like the lab's: a lab with a state folder of its own has its own word about the browser. */
export const chromiumState = join(resolve(root, process.env.INTERLEAVE_STATE || '.interleave'), 'chromium.json');

const windows = process.platform === 'win32';

/** The Node that everything but the bootstrap runs on. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

/** Of the package manager, as `packageManager` in package.json pins it. */
export function pnpmVersion() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return /^pnpm@([\d.]+)/.exec(packageManager)[1];
}

/** Of an installed dependency of the root, or null. */
export function installedVersion(name) {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', ...name.split('/'), 'package.json'), 'utf8')).version;
  } catch {
    return null;
  }
}

/** The environment of everything that runs on the pinned Node: its tools first on PATH, and nobody phones home. */
export function projectEnvironment(more = {}) {
  const env = { ...process.env, ...more };
  // Windows writes it `Path`; two spellings in one environment would leave the choice to chance.
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  env[name] = [join(root, 'node_modules', '.bin'), env[name]].filter(Boolean).join(delimiter);
  return {
    ...env,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    DENO_NO_UPDATE_CHECK: '1',
  };
}

// One at a time: a file that names its owner. It is stale when the owner is gone, or has not touched it for a while
// (process ids are used again, and a container that was thrown away leaves its file behind).
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2_000;
const STALE_MS = 30_000;

/**
 * Takes the lock, or returns null when another process holds it.
 *
 * @returns {{ release(): void } | null}
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      return hold(path);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (lockOwner(path) !== null) return null;
      removeStale(path);
    }
  }
  return null;
}

/** The process id that holds the lock, or null when nobody does. */
export function lockOwner(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    const age = Date.now() - statSync(path).mtimeMs;
    // An empty file is one whose owner has just made it.
    if (pid === 0) return age < STALE_MS ? 0 : null;
    return age < STALE_MS && isAlive(pid) ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Waits for the lock. `whileWaiting` is told, once a second, who holds it.
 *
 * @param {string} path
 * @param {(pid: number) => void} whileWaiting
 */
export async function lock(path, whileWaiting) {
  for (;;) {
    const held = tryLock(path);
    if (held !== null) return held;
    whileWaiting(lockOwner(path) ?? 0);
    await sleep(1_000);
  }
}

function hold(path) {
  const beat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // Removed under us: then it protects nothing, and the work itself must stand being done twice.
    }
  }, BEAT_MS);
  beat.unref();
  const release = () => {
    clearInterval(beat);
    process.off('exit', release);
    if (lockOwner(path) === process.pid) rmSync(path, { force: true });
  };
  process.once('exit', release);
  return { release };
}

/** Two processes may find the same stale file: only the one that renames it away may go on, and it looks again. */
function removeStale(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    // What was renamed may be the fresh lock of somebody who was quicker: then it goes back.
    if (lockOwner(aside) !== null) linkSync(aside, path);
  } catch {
    // Somebody else renamed it, or has put a new one there.
  }
  rmSync(aside, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

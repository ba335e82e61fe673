/**
 * Every save that was judged, kept under `.workshop/attempts/<exercise>/<time>/` with the paths it has in `work/`.
 *
 * Equal saves are kept once. All that passed are kept for ever; of the others, the newest 200 of each exercise.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { nameBeside, syncFolder, writeAtomic } from './atomic.ts';
import { type Files, writeFiles } from './work.ts';

export type Attempt = {
  /** The folder's name: a time, `2026-11-21T05-24-07.123Z`. */
  readonly id: string;
  readonly hash: string;
  /** Null until it was judged. */
  readonly passed: boolean | null;
  /** The first run that judged it. */
  readonly run: number | null;
};

/** Attempts that did not pass, kept for each exercise. */
export const KEPT_FAILING = 200;

const RECORD = 'attempt.json';

export class Attempts {
  readonly #folder: string;
  readonly #known = new Map<string, Attempt[]>();

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'attempts');
  }

  /** Keeps these files, before anything runs them. An attempt with the same content is used again. */
  async keep(exercise: string, files: Files, now: Date = new Date()): Promise<Attempt> {
    const known = await this.#all(exercise);
    const hash = hashOf(files);
    const same = known.find((attempt) => attempt.hash === hash);
    if (same !== undefined) return same;
    const id = freeName(now, known);
    const attempt: Attempt = { id, hash, passed: null, run: null };
    const path = join(this.#folder, exercise, id);
    await mkdir(dirname(path), { recursive: true });
    // Built beside its place and moved there whole: an attempt that can be listed is complete.
    const building = nameBeside(path);
    await writeFiles(building, files);
    await writeAtomic(join(building, RECORD), json(attempt));
    await rename(building, path);
    await syncFolder(dirname(path));
    known.push(attempt);
    return attempt;
  }

  /** Notes how the judge found it. One that has passed stays passed. Then drops the oldest beyond the bound. */
  async judged(exercise: string, id: string, passed: boolean, run: number): Promise<void> {
    const known = await this.#all(exercise);
    const index = known.findIndex((attempt) => attempt.id === id);
    const before = known[index];
    if (before === undefined) return;
    const after: Attempt = { ...before, passed: passed || before.passed === true, run: before.run ?? run };
    if (after.passed !== before.passed || after.run !== before.run) {
      known[index] = after;
      await writeAtomic(join(this.#folder, exercise, id, RECORD), json(after));
    }
    await this.#prune(exercise, known, id);
  }

  /** Oldest first. */
  async list(exercise: string): Promise<readonly Attempt[]> {
    return [...(await this.#all(exercise))];
  }

  /** The files of an attempt, or null when it was dropped. */
  async read(exercise: Pick<Exercise, 'id' | 'files'>, id: string): Promise<Files | null> {
    const files = new Map<string, string>();
    for (const file of exercise.files) {
      const text = await readFile(join(this.#folder, exercise.id, id, file.path), 'utf8').catch(() => null);
      if (text !== null) files.set(file.path, text);
    }
    return files.size > 0 ? files : null;
  }

  /** The newest attempt that passed. */
  async lastPassing(exercise: string): Promise<Attempt | null> {
    return (await this.#all(exercise)).findLast((attempt) => attempt.passed === true) ?? null;
  }

  async #all(exercise: string): Promise<Attempt[]> {
    const known = this.#known.get(exercise);
    if (known !== undefined) return known;
    const folder = join(this.#folder, exercise);
    const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
    const found: Attempt[] = [];
    for (const name of names) {
      const text = await readFile(join(folder, name, RECORD), 'utf8').catch(() => null);
      if (text !== null) found.push({ ...(JSON.parse(text) as Attempt), id: name });
    }
    // Asked for twice at once: the first list stays the one that everybody changes.
    const first = this.#known.get(exercise) ?? found;
    this.#known.set(exercise, first);
    return first;
  }

  async #prune(exercise: string, known: Attempt[], current: string): Promise<void> {
    const failing = known.filter((attempt) => attempt.passed !== true && attempt.id !== current);
    for (const attempt of failing.slice(0, Math.max(0, failing.length - KEPT_FAILING))) {
      known.splice(known.indexOf(attempt), 1);
      await rm(join(this.#folder, exercise, attempt.id), { recursive: true, force: true });
    }
  }
}

export function hashOf(files: Files): string {
  const hash = createHash('sha256');
  for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${text.length}\0${text}`);
  return hash.digest('hex').slice(0, 24);
}

/** Names sort by time, work on every file system, and never collide. */
function freeName(now: Date, known: readonly Attempt[]): string {
  const name = now.toISOString().replaceAll(':', '-');
  let free = name;
  for (let i = 2; known.some((attempt) => attempt.id === free); i++) free = `${name}-${i}`;
  return free;
}

function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

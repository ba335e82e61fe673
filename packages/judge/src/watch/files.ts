/**
 * Notices saves. Folders are watched rather than files, because editors replace a file by renaming another one over it. Where
 * the system tells nothing (network folders, some containers), looking again and again takes over, and that is said.
 */
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export type FileWatchEvents = {
  /** Something changed; `since` is `performance.now()` at the first sign of it. */
  saved(since: number): void;
  /** Events do not come here: from now on the files are looked at. */
  polling(): void;
};

/** A burst of events is one save. */
const QUIET_MS = 15;
const LOOK_MS = 500;
/** A change that no event has told of within this time means that events do not come. */
const EVENT_MS = 2000;
const POLL_MS = 200;

export class FileWatch {
  readonly #paths: readonly string[];
  readonly #events: FileWatchEvents;
  #watchers: FSWatcher[] = [];
  #stamps = new Map<string, string>();
  #first: number | null = null;
  #quiet: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unexplained: number | null = null;
  #isPolling = false;
  #closed = false;

  private constructor(paths: readonly string[], events: FileWatchEvents) {
    this.#paths = paths;
    this.#events = events;
  }

  /** `events: false` looks from the start, without waiting for events that are known not to come. */
  static async start(
    paths: readonly string[],
    on: FileWatchEvents,
    options: { readonly events?: boolean } = {},
  ): Promise<FileWatch> {
    const files = new FileWatch(paths, on);
    for (const folder of new Set(paths.map((path) => dirname(path)))) {
      await mkdir(folder, { recursive: true });
      if (options.events !== false) files.#watch(folder);
    }
    await files.#changed();
    if (files.#watchers.length === 0) files.#poll();
    files.#lookAgain();
    return files;
  }

  get polling(): boolean {
    return this.#isPolling;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #watch(folder: string): void {
    const names = new Set(this.#paths.filter((path) => dirname(path) === folder).map((path) => basename(path)));
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // Some systems do not say which file it was.
        if (name === null || names.has(name)) this.#sign();
      });
      watcher.on('error', () => this.#poll());
      this.#watchers.push(watcher);
    } catch {
      this.#poll();
    }
  }

  #sign(): void {
    this.#first ??= performance.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.#settle(), QUIET_MS);
  }

  async #settle(): Promise<void> {
    const since = this.#first ?? performance.now();
    this.#first = null;
    this.#unexplained = null;
    if ((await this.#changed()) && !this.#closed) this.#events.saved(since);
  }

  #lookAgain(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => void this.#look().finally(() => this.#lookAgain()),
      this.#isPolling ? POLL_MS : LOOK_MS,
    );
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    if (this.#isPolling) {
      const since = performance.now();
      if ((await this.#changed()) && !this.#closed) this.#events.saved(since);
      return;
    }
    if ((await this.#stampsNow()).every(([path, stamp]) => this.#stamps.get(path) === stamp) || this.#first !== null) {
      this.#unexplained = null;
      return;
    }
    this.#unexplained ??= performance.now();
    if (performance.now() - this.#unexplained < EVENT_MS - LOOK_MS) return;
    this.#poll();
    await this.#settle();
  }

  #poll(): void {
    if (this.#isPolling || this.#closed) return;
    this.#isPolling = true;
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    this.#events.polling();
  }

  /** Whether any file differs from what was seen last. A file that is away for the moment of a rename is no change. */
  async #changed(): Promise<boolean> {
    let changed = false;
    for (const [path, stamp] of await this.#stampsNow()) {
      if (stamp === 'away' || this.#stamps.get(path) === stamp) continue;
      this.#stamps.set(path, stamp);
      changed = true;
    }
    return changed;
  }

  #stampsNow(): Promise<[string, string][]> {
    return Promise.all(
      this.#paths.map(async (path): Promise<[string, string]> => {
        try {
          const { mtimeMs, size, ino } = await stat(path);
          return [path, `${mtimeMs} ${size} ${ino}`];
        } catch {
          return [path, this.#stamps.has(path) ? 'away' : 'missing'];
        }
      }),
    );
  }
}

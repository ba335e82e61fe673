/** Chromium in front of what an exercise starts from and of its model answer: the two pictures to compare one's own with. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, Exercise } from '@interleave/judge';
import { readSolution, type Workbench } from '@interleave/judge/watch';

export type Reference = { readonly start: CheckResult | null; readonly model: CheckResult | null };

export class References {
  readonly #bench: Workbench;
  readonly #root: string;
  readonly #folder: string;
  readonly #known = new Map<string, Promise<Reference | null>>();
  readonly #starts = new Map<string, Promise<CheckResult | null>>();
  readonly #over = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(bench: Workbench, root: string, stateDir: string) {
    this.#bench = bench;
    this.#root = root;
    this.#folder = join(stateDir, 'references');
  }

  /** What is there now; null while it is being made, or when there is no Chromium to make it. */
  async ready(exercise: Exercise): Promise<Reference | null> {
    return Promise.race([this.get(exercise), soon()]);
  }

  /** Makes it when it is not there: once for each content of the exercise. */
  get(exercise: Exercise): Promise<Reference | null> {
    const known = this.#known.get(exercise.id);
    if (known !== undefined) return known;
    const made = this.#load(exercise).catch(() => null);
    this.#known.set(exercise.id, made);
    // Without a Chromium there is nothing to keep: the next one who asks may be luckier.
    void made.then((reference) => {
      if (reference === null) this.#known.delete(exercise.id);
      // Who looks on has been told that it is being made.
      else this.#bench.touch();
    });
    return made;
  }

  /** What the exercise starts from, in front of one of its checks; null while it is being made, or where nothing starts here. */
  async start(exercise: Exercise, checkId: string): Promise<CheckResult | null> {
    const check = exercise.checks.find(({ id }) => id === checkId);
    if (check === undefined) return null;
    if (check.judge !== 'raw') {
      const reference = await this.ready(exercise);
      return reference?.start?.checkId === checkId ? reference.start : null;
    }
    const known = this.#starts.get(checkId);
    if (known !== undefined) return Promise.race([known, soon()]);
    const made = this.#inTurn(() => this.#startOf(exercise, checkId)).catch(() => null);
    this.#starts.set(checkId, made);
    void made.then((test) => test !== null && this.#bench.touch());
    return null;
  }

  close(): void {
    this.#over.abort();
  }

  async #load(exercise: Exercise): Promise<Reference | null> {
    const file = join(this.#folder, `${exercise.id}.${await this.#hash(exercise)}.json`);
    const kept = await readFile(file, 'utf8').catch(() => null);
    if (kept !== null) return JSON.parse(kept) as Reference;
    if (this.#bench.judging.chromium.missing() !== null) return null;
    const reference = await this.#inTurn(() => this.#make(exercise));
    await mkdir(this.#folder, { recursive: true });
    await writeFile(`${file}.part`, JSON.stringify(reference));
    await rename(`${file}.part`, file);
    return reference;
  }

  async #make(exercise: Exercise): Promise<Reference> {
    const check =
      exercise.checks.find((it) => it.steps.some((step) => step.do === 'expectBothProtocols')) ??
      exercise.checks.find((it) => it.judge === 'chromium');
    if (check === undefined) return { start: null, model: null };
    return { start: await this.#startOf(exercise, check.id), model: await this.#picture(exercise, {}, check.id) };
  }

  /** Where no file begins here, one starts from one's own server, and that is the picture above. */
  async #startOf(exercise: Exercise, checkId: string): Promise<CheckResult | null> {
    const start = Object.fromEntries(
      exercise.files.flatMap((it) =>
        it.start === null ? [] : [[it.path, join(this.#root, exercise.folder, it.start)]],
      ),
    );
    return Object.keys(start).length === 0 ? null : this.#picture(exercise, start, checkId);
  }

  /** @param overlay - files in place of the model's */
  async #picture(exercise: Exercise, overlay: Record<string, string>, checkId: string): Promise<CheckResult | null> {
    const workDir = join(this.#root, exercise.folder, 'solution');
    const options = { only: [checkId], always: true, signal: this.#over.signal };
    const result = await this.#bench.judging.judge(exercise, { workDir, overlay }, options);
    return result.tests[0] ?? null;
  }

  /** After the learner's own verdicts: nobody waits for a picture. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(async () => {
      await this.#bench.settled();
      return work();
    });
    this.#queue = next.catch(() => {});
    return next;
  }

  async #hash(exercise: Exercise): Promise<string> {
    const hash = createHash('sha256').update(JSON.stringify(exercise.checks));
    for (const [path, text] of await readSolution(this.#root, exercise)) hash.update(`${path}\0${text}`);
    for (const { start } of exercise.files) {
      if (start !== null) hash.update(await readFile(join(this.#root, exercise.folder, start), 'utf8').catch(() => ''));
    }
    return hash.digest('hex').slice(0, 16);
  }
}

/** What is kept in a file is read by then, so that a page comes with it; whoever waits for more is told later. */
const SOON_MS = 60;

function soon(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), SOON_MS));
}
